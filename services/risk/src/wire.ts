import { grpcService, riskService } from '@capstan/contracts';
import { openPlatform, wired } from '@capstan/platform';
import {
  openingCash,
  type PlatformConfig,
  type ServiceContext,
  type WiredService,
} from '@capstan/runtime';
import { settingsOf } from './account-settings.ts';
import { RiskAccount } from './risk-account.ts';
import { type AccountInfo, RiskService } from './service.ts';

/** Puts the service together: an owner an account, and the RPC. */
export async function wire(context: ServiceContext<PlatformConfig>): Promise<WiredService> {
  const { config, clock, ids } = context;
  const platform = await openPlatform(context);
  const { instruments, calendarOf, ports, host, store, bus, kv } = platform;
  const { feeds, bots } = config;
  const world = { runId: config.run.id, feeds, bots, instruments, calendarOf };
  const accounts: AccountInfo[] = [];
  for (const entry of config.accounts) {
    const settings = settingsOf({ ...entry, cashMicros: openingCash(entry) }, world);
    const { accountId, venue, mode, currency } = entry;
    accounts.push({ accountId, venue, mode, currency, limits: settings.limits });
    host.add(`risk/${accountId}`, () => new RiskAccount(ports, settings));
  }
  const service = new RiskService({ store, bus, kv, clock, ids }, accounts);
  await platform.serve(riskService.RiskServiceDefinition, service);
  return wired(platform, {
    grpcServices: [
      grpcService(riskService.RiskServiceDefinition, riskService.RiskServiceService, service),
    ],
  });
}
