import { join } from 'node:path';
import { isPortFree } from '@capstan/embedded';
import type { Log } from '@capstan/ports';
import { type Environment, natsAccess, postgresAddress, systemClock } from '@capstan/runtime';
import { openStore } from '@capstan/store';
import { askBots } from '../bot-status.ts';
import type { StackPlan } from '../config/stack-config.ts';
import type { EndingConsole } from '../console/stack-console.ts';
import { GatewayClient } from '../gateway-client.ts';
import { DASHBOARD_DIR } from '../project.ts';
import { buildDashboard } from './dashboard-build.ts';
import { emulatedMarket } from './emulated-market.ts';
import { handOverKeys } from './hand-over.ts';
import { embeddedInfrastructure } from './infrastructure.ts';
import { ensureOperatorToken, readOperatorToken, tokenNotice } from './operator-token.ts';
import { findPorts, portTaken } from './port-taken.ts';
import {
  PORTS_NEEDED,
  type PortPlan,
  planPorts,
  serviceUrls,
  writeServiceSpecs,
} from './service-specs.ts';
import type { StopRequest } from './stop-signals.ts';
import { supervise } from './supervise.ts';
import type { Supervisor } from './supervisor.ts';
import { windDownBots } from './wind-down.ts';

/** How to run a stack. */
export interface RunOptions {
  readonly plan: StackPlan;
  readonly environment: Environment;
  readonly restart: boolean;
  readonly jsonLogs: boolean;
  readonly console: EndingConsole;
  /** A person reads what is printed; false where it goes to a file or a journal. */
  readonly isTerminal: boolean;
  readonly log: Log;
}

/**
 * Runs a stack until it is told to stop, and leaves nothing behind.
 * @returns the exit code: 0 when it drained, 130 when it was killed by a further Ctrl-C.
 * @throws CLI.RUNNING @throws EMBEDDED.PORT_TAKEN and whatever keeps the servers from starting.
 */
export function runStack(options: RunOptions): Promise<number> {
  const { plan, console, restart, jsonLogs } = options;
  const { shutdownRuleMs } = plan.config.supervisor;
  return supervise({
    dataDir: plan.dataDir,
    environment: plan.environment,
    runId: plan.config.run.id,
    httpPort: plan.config.supervisor.httpPort,
    restart,
    jsonLogs,
    console,
    askBots: (dashboardUrl) => askBots(gatewayAt(dashboardUrl, plan)),
    windDownMs: shutdownRuleMs,
    ...(shutdownRuleMs === 0
      ? {}
      : {
          windDown: (dashboardUrl, hurry) => {
            const open = (signal: AbortSignal) => gatewayAt(dashboardUrl, plan, signal);
            return windDownBots({ open, console, timeMs: shutdownRuleMs, hurry });
          },
        }),
    bringUp: (supervisor, stop) => bringUp(options, supervisor, stop),
  });
}

function gatewayAt(url: string, { dataDir }: StackPlan, signal?: AbortSignal): GatewayClient {
  const address = { url, token: readOperatorToken(dataDir) };
  return new GatewayClient(signal === undefined ? address : { ...address, signal });
}

async function bringUp(
  options: RunOptions,
  supervisor: Supervisor,
  stop: StopRequest,
): Promise<void> {
  const { plan, console, environment, log } = options;
  const [natsPort = 0, postgresPort = 0, ...free] = await findPorts(plan.dataDir, PORTS_NEEDED + 4);
  const ports = planPorts(free, plan.dashboardPort);
  await claimDashboardPort(ports, plan);
  const dashboardUrl = `http://127.0.0.1:${ports.gateway?.http ?? 0}`;
  const executionAddress = `127.0.0.1:${ports.execution?.grpc ?? 0}`;
  const exchangeAddress = `127.0.0.1:${ports['paper-exchange']?.grpc ?? 0}`;
  supervisor.describe({ dashboardUrl, executionAddress, exchangeAddress });
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
  const nats = natsAccess({ ...plan.config.nats, url: natsUrl });
  const onGone = (pid: number): void => void handOverKeys(nats, pid, log);
  const [vendor = 0, http = 0] = free.slice(-2);
  const market =
    plan.emulator && emulatedMarket(plan.emulator, plan.dataDir, { vendor, http }, environment);
  const told = { ...environment, ...market?.environment };
  const specs = writeServiceSpecs(wired, { natsUrl, postgresUrl }, ports, told);
  const services = specs.map((spec) => ({ ...spec, onGone }));
  await supervisor.startServices(market === undefined ? services : [market.spec, ...services]);
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
  { console, isTerminal, log }: RunOptions,
): Promise<void> {
  const opened = openStore({
    url: postgresAddress({ ...plan.config.postgres, url: postgresUrl }),
    poolMax: 1,
    log,
  });
  try {
    const token = await ensureOperatorToken(plan.dataDir, opened.store, systemClock);
    if (!token.isNew) return;
    console.print(tokenNotice(token.text, plan.dataDir, isTerminal));
  } finally {
    await opened.close();
  }
}
