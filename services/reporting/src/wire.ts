import { grpcService, reportingService } from '@capstan/contracts';
import { openPlatform, wired } from '@capstan/platform';
import {
  openingCash,
  type PlatformConfig,
  type ServiceContext,
  type WiredService,
} from '@capstan/runtime';
import { ReportOwner } from './report-owner.ts';
import { ReportingService } from './service.ts';

/** Puts the service together: an owner an account, and the RPC. */
export async function wire(context: ServiceContext<PlatformConfig>): Promise<WiredService> {
  const { config } = context;
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
  const service = new ReportingService(store, config.run.id, calendarOf('XNYS'));
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
