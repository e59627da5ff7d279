import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AppError, assert } from '@capstan/domain';
import { isPortFree } from '@capstan/embedded';
import type { Log } from '@capstan/ports';
import { type Environment, systemClock } from '@capstan/runtime';
import { openStore } from '@capstan/store';
import { askBots } from '../bot-status.ts';
import type { StackPlan } from '../config/stack-config.ts';
import type { EndingConsole } from '../console/stack-console.ts';
import type { CliErrorCode } from '../error-codes.ts';
import { GatewayClient } from '../gateway-client.ts';
import { DASHBOARD_DIR } from '../project.ts';
import { buildDashboard } from './dashboard-build.ts';
import { embeddedInfrastructure } from './infrastructure.ts';
import { ensureOperatorToken, readOperatorToken, tokenPath } from './operator-token.ts';
import { stopOrphans } from './orphans.ts';
import { findPorts, portTaken } from './port-taken.ts';
import { isSameProcess, processIdentity } from './process-identity.ts';
import { claimDataDir, type RunRecord, readRunRecord, removeRunRecord } from './run-file.ts';
import {
  PORTS_NEEDED,
  type PortPlan,
  planPorts,
  serviceUrls,
  writeServiceSpecs,
} from './service-specs.ts';
import { type StopRequest, stopOnSignals } from './stop-signals.ts';
import { Supervisor } from './supervisor.ts';
import { startSupervisorHttp } from './supervisor-http.ts';

/** How to run a stack. */
export interface RunOptions {
  readonly plan: StackPlan;
  readonly environment: Environment;
  readonly restart: boolean;
  readonly jsonLogs: boolean;
  readonly console: EndingConsole;
  readonly log: Log;
}

/**
 * Runs a stack until it is told to stop, and leaves nothing behind.
 * @returns the exit code: 0 when it drained, 130 when it was killed by a second Ctrl-C.
 * @throws CLI.RUNNING @throws EMBEDDED.PORT_TAKEN and whatever keeps the servers from starting.
 */
export async function runStack(options: RunOptions): Promise<number> {
  const { plan, console } = options;
  const { dataDir } = plan;
  const record = newRecord(plan);
  const left = claimDataDir(dataDir, record);
  const supervisor = new Supervisor({
    dataDir,
    environment: plan.environment,
    record,
    restart: options.restart,
    jsonLogs: options.jsonLogs,
    console,
    askBots: () => askBots(gatewayClient(supervisor, dataDir)),
  });
  const stop = stopOnSignals(supervisor, console);
  try {
    await stopLeftovers(left, options);
    const http = await startSupervisorHttp({
      port: plan.config.supervisor.httpPort,
      shutdownToken: record.shutdownToken,
      status: () => supervisor.status,
      shutdown: () => stop.request('asked over HTTP'),
    });
    try {
      supervisor.describe({ supervisorUrl: http.url });
      await bringUp(options, supervisor, stop);
      await stop.requested;
      await supervisor.stop();
    } finally {
      await supervisor.stop();
      await http.close();
    }
  } finally {
    stop.end();
    console.end();
    endRecord(dataDir);
  }
  return stop.wasKilled ? 130 : 0;
}

function newRecord(plan: StackPlan): RunRecord {
  const identity = processIdentity(process.pid);
  assert(identity !== undefined, 'this process runs');
  return {
    version: 1,
    ...identity,
    startedAtMs: Date.now(),
    environment: plan.environment,
    runId: plan.config.run.id,
    supervisorUrl: '',
    shutdownToken: randomBytes(32).toString('hex'),
    dashboardUrl: '',
    processes: [],
  };
}

async function stopLeftovers(left: RunRecord | undefined, options: RunOptions): Promise<void> {
  if (left === undefined) return;
  const stopped = await stopOrphans(left.processes);
  if (stopped.length === 0) return;
  const names = stopped.map(({ name, pid }) => `${name} (${pid})`).join(', ');
  options.console.say('warn', 'capstan', `ended what the last start left behind: ${names}`);
}

async function bringUp(
  options: RunOptions,
  supervisor: Supervisor,
  stop: StopRequest,
): Promise<void> {
  const { plan, console, environment, log } = options;
  const [natsPort = 0, postgresPort = 0, ...free] = await findPorts(plan.dataDir, PORTS_NEEDED + 2);
  const ports = planPorts(free, plan.dashboardPort);
  await claimDashboardPort(ports, plan);
  const dashboardUrl = `http://127.0.0.1:${ports.gateway?.http ?? 0}`;
  supervisor.describe({ dashboardUrl });
  const placed = withPorts(plan, natsPort, postgresPort);
  const infrastructure = embeddedInfrastructure(placed, log, supervisor.listener);
  supervisor.addServers(infrastructure.servers);
  const dashboard = reportDashboard(console);
  const { natsUrl, postgresUrl, migrations } = await infrastructure.start();
  if (migrations.length > 0) console.say('info', 'postgres', `applied ${migrations.join(', ')}`);
  supervisor.describe({
    ...(plan.natsUrl === undefined ? { natsUrl } : {}),
    ...(plan.postgresUrl === undefined ? { postgresUrl } : {}),
  });
  await prepareToken(plan, postgresUrl, options);
  if (stop.isRequested) return;
  const wired = withGateway(placed, ports);
  supervisor.startServices(writeServiceSpecs(wired, { natsUrl, postgresUrl }, ports, environment));
  await Promise.race([dashboard, stop.requested]);
}

/** Pins the servers to ports, so that one that is restarted is found again. */
function withPorts(plan: StackPlan, natsPort: number, postgresPort: number): StackPlan {
  const { supervisor } = plan.config;
  return {
    ...plan,
    config: {
      ...plan.config,
      supervisor: {
        ...supervisor,
        natsPort: supervisor.natsPort === 0 ? natsPort : supervisor.natsPort,
        postgresPort: supervisor.postgresPort === 0 ? postgresPort : supervisor.postgresPort,
      },
    },
  };
}

/** Tells the gateway what only the supervisor knows: where the services are, and the page. */
function withGateway(plan: StackPlan, ports: PortPlan): StackPlan {
  const given = plan.otherSections.gateway;
  const section = typeof given === 'object' && given !== null ? given : {};
  const gateway = {
    dashboard: join(DASHBOARD_DIR, 'dist'),
    ...section,
    services: serviceUrls(ports),
  };
  return { ...plan, otherSections: { ...plan.otherSections, gateway } };
}

async function claimDashboardPort(ports: PortPlan, plan: StackPlan): Promise<void> {
  const port = ports.gateway?.http ?? 0;
  if (plan.dashboardPort === 0 || (await isPortFree(port))) return;
  const key = "--http-port (or 'supervisor.dashboardPort') to another port, or to 0 for any";
  throw await portTaken({ port, server: 'The dashboard', key });
}

async function reportDashboard(console: EndingConsole): Promise<void> {
  const build = await buildDashboard();
  if (build.kind === 'built') console.say('info', 'dashboard', 'built');
  if (build.kind === 'failed') {
    console.say('warn', 'dashboard', `could not be built, everything else runs: ${build.why}`);
  }
}

async function prepareToken(
  plan: StackPlan,
  postgresUrl: string,
  { console, log }: RunOptions,
): Promise<void> {
  const opened = openStore({ url: postgresUrl, poolMax: 1, log });
  try {
    const token = await ensureOperatorToken(plan.dataDir, opened.store, systemClock);
    if (!token.isNew) return;
    console.print(`Operator token (shown once, kept in ${tokenPath(plan.dataDir)}): ${token.text}`);
  } finally {
    await opened.close();
  }
}

function gatewayClient(supervisor: Supervisor, dataDir: string): GatewayClient {
  return new GatewayClient({
    url: supervisor.status.dashboardUrl,
    token: readOperatorToken(dataDir),
  });
}

/** Removes the record, unless something of it still runs: then it stays for the next start to tidy up. */
function endRecord(dataDir: string): void {
  const record = readRunRecord(dataDir);
  if (record === undefined || record.pid !== process.pid) return;
  const left = record.processes.filter(isSameProcess);
  if (left.length === 0) return removeRunRecord(dataDir);
  throw new AppError({
    code: 'CLI.STOP_FAILED' satisfies CliErrorCode,
    why: `Still there: ${left.map(({ name, pid }) => `${name} (process ${pid})`).join(', ')}.`,
    fix: 'The next start ends them, or end them yourself.',
  });
}
