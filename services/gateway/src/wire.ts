import { subjects } from '@capstan/contracts';
import { openPlatform, type Platform } from '@capstan/platform';
import { type ConfigOf, isDryRun, type ServiceContext, type WiredService } from '@capstan/runtime';
import { busClients } from './clients.ts';
import type { configSchema } from './config.ts';
import { Gateway } from './gateway.ts';
import { createApp } from './http/app.ts';
import { findDashboard } from './http/dashboard-files.ts';
import { readHealth } from './http/health-reader.ts';
import { hashToken } from './http/token-hash.ts';
import { LiveHub } from './live/live-hub.ts';
import { METRICS } from './telemetry.ts';

const VERSION = '0.1.0';

/** Puts the service together: the API and the live events behind one HTTP server. */
export async function wire(
  context: ServiceContext<ConfigOf<typeof configSchema>>,
): Promise<WiredService> {
  const { config, log, clock, meter, ids } = context;
  const platform = await openPlatform(context);
  const { bus, store, requests, instruments } = platform;
  context.metering?.beforePage(() => measureQueue(platform, meter));
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

/** Workers may be none: what waits for them is told by who is always there. */
async function measureQueue(
  { workQueue }: Platform,
  meter: ServiceContext<unknown>['meter'],
): Promise<void> {
  const { waiting, inHand } = await workQueue.depth(subjects.backtestWork('run'));
  meter.gauge(METRICS.queue, waiting, { state: 'waiting' });
  meter.gauge(METRICS.queue, inHand, { state: 'in_hand' });
}
