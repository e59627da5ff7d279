import { grpcService, reportingService } from '@capstan/contracts';
import { openPlatform, wired } from '@capstan/platform';
import {
  type ConfigOf,
  openingCash,
  type ServiceContext,
  type WiredService,
} from '@capstan/runtime';
import { AlertAnswers } from './alerts/alert-answers.ts';
import { ALERTS_KEY, AlertOwner } from './alerts/alert-owner.ts';
import { alertPorts, alertSettings } from './channels/wire-alerts.ts';
import type { configSchema } from './config.ts';
import { ReportOwner } from './report-owner.ts';
import { ReportingService } from './service.ts';

/** Puts the service together: an owner an account, one that sends alerts, and the RPC. */
export async function wire(
  context: ServiceContext<ConfigOf<typeof configSchema>>,
): Promise<WiredService> {
  const { config, environment } = context;
  const platform = await openPlatform(context);
  const { host, ports, store, instruments, calendarOf } = platform;
  for (const account of config.accounts) {
    const { accountId } = account;
    const settings = {
      runId: config.run.id,
      accountId,
      openingMicros: openingCash(account),
      instruments,
    };
    host.add(`report/${accountId}`, () => new ReportOwner(ports, settings));
  }
  const alerting = alertPorts(platform, config, environment);
  const scales = new Map(instruments.all().map((one) => [one.symbol, one.quantityScale]));
  const alerts = alertSettings(config, (symbol) => scales.get(symbol) ?? 0);
  host.add(ALERTS_KEY, () => new AlertOwner(alerting, alerts));
  const answers = new AlertAnswers(ports, alerting.senders);
  const service = new ReportingService(store, config.run.id, calendarOf('XNYS'), answers);
  await platform.serve(reportingService.ReportingServiceDefinition, service);
  return wired(platform, {
    grpcServices: [
      grpcService(
        reportingService.ReportingServiceDefinition,
        reportingService.ReportingServiceService,
        service,
      ),
    ],
  });
}
