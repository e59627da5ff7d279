import { openPlatform } from '@capstan/platform';
import { type ConfigOf, isDryRun, type ServiceContext, type WiredService } from '@capstan/runtime';
import { busClients } from './clients.ts';
import type { configSchema } from './config.ts';
import { Gateway } from './gateway.ts';
import { createApp } from './http/app.ts';
import { findDashboard } from './http/dashboard-files.ts';
import { readHealth } from './http/health-reader.ts';
import { hashToken } from './http/token-hash.ts';
import { LiveHub } from './live/live-hub.ts';

const VERSION = '0.1.0';

/** Puts the service together: the API and the live events behind one HTTP server. */
export async function wire(
  context: ServiceContext<ConfigOf<typeof configSchema>>,
): Promise<WiredService> {
  const { config, log, clock, meter, ids } = context;
  const platform = await openPlatform(context);
  const { bus, store, requests, instruments } = platform;
  const { environment, services, auth } = config.gateway;
  const clients = busClients(requests);
  const ports = { clients, store, clock, ids, log, meter, health: readHealth, hashToken };
  const settings = {
    runId: config.run.id,
    dryRun: isDryRun(config.run, context.environment),
    environment,
    version: VERSION,
    instruments,
    services,
    auth,
  };
  const gateway = new Gateway(ports, settings);
  const hub = new LiveHub({ bus, clock, log, meter }, (bar) => gateway.marks.learn(bar));
  const dashboard = findDashboard(config.gateway.dashboard, context.configFile);
  const app = await createApp({ gateway, hub, clock, dashboard, settings });
  const ending = new AbortController();
  let following: Promise<void> = Promise.resolve();
  return {
    start: async () => {
      following = hub.run(ending.signal).catch((error: unknown) => context.crash(error));
    },
    drain: async () => {
      ending.abort();
      await following;
      await app.close();
      await platform.close();
    },
    // Not PostgreSQL: a kill has to get through also while the store is away.
    checks: { nats: platform.checks.nats ?? (() => ({ ok: true })) },
    handleHttp: (request, response) => app.routing(request, response),
  };
}
