import { AppError } from '@capstan/domain';
import { parseArguments } from './arguments.ts';
import { findConfigFile, type LoadedConfig, loadConfig, type Sections } from './config.ts';
import type { Environment } from './config-source.ts';
import { environmentSecrets } from './environment-secrets.ts';
import { EXIT } from './exit-codes.ts';
import { startGrpc } from './grpc-server.ts';
import { type Host, processHost } from './host.ts';
import { startHttp } from './http-server.ts';
import { createLogger } from './logger.ts';
import { openMarketTime, withMarketTime } from './market-time.ts';
import { startMetering } from './metering.ts';
import { lineRedactor } from './redact.ts';
import { ServiceLife } from './service-life.ts';
import type { ServicePlan } from './service-plan.ts';
import { systemClock } from './system-clock.ts';
import { createSystemIds } from './system-ids.ts';
import { createTracer } from './tracing.ts';

/**
 * Runs a service from its configuration to its exit, the same for all of them: configuration → log → telemetry →
 * probes → wire → start → ready; SIGTERM or SIGINT drains; a second one ends at once; a bug ends with 70.
 * Call it once, as the last statement of `main.ts`; the process ends with it.
 * @param host the process around it; only tests give another.
 */
export async function runService<const S extends Sections>(
  plan: ServicePlan<S>,
  host: Host = processHost(),
): Promise<void> {
  const { environment } = host;
  let loaded: LoadedConfig<S>;
  try {
    const file = findConfigFile(parseArguments(host.args), environment);
    loaded = loadConfig(plan.configSchema, { file, environment });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    host.complain(`${plan.name}: ${error.code}: ${error.message}\n`);
    return host.exit(EXIT.usage);
  }
  const { log: logging, run } = loaded.config as RuntimeConfig;
  const write = host.writeLog === undefined ? {} : { write: host.writeLog };
  const secrets = [...loaded.secrets, ...environmentSecrets(environment)];
  const spoken = { service: plan.name, runId: run?.id, secrets, ...write };
  const log = createLogger({ ...logging, ...spoken });
  const life = new ServiceLife(log, host);
  life.watch((loaded.config as RuntimeConfig).server.drainDeadlineMs);
  if (environment.CAPSTAN_SUPERVISED !== undefined) life.watchSupervisor();
  try {
    await bringUp(plan, loaded, life, environment);
  } catch (error) {
    await life.failedToStart(error);
  }
}

/** The sections that every configuration has, as {@link defineConfig} adds them, and the one that names the run. */
interface RuntimeConfig {
  readonly run?: { readonly id: string };
  readonly installation?: { readonly allowLive: boolean };
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error';
    readonly format: 'text' | 'json';
  };
  readonly server: {
    readonly host: string;
    readonly httpPort: number;
    readonly grpcPort: number;
    readonly drainDeadlineMs: number;
  };
}

async function bringUp<S extends Sections>(
  plan: ServicePlan<S>,
  loaded: LoadedConfig<S>,
  life: ServiceLife,
  environment: Environment,
): Promise<void> {
  const { server, installation = { allowLive: false } } = loaded.config as RuntimeConfig;
  const marketTime = openMarketTime(environment, systemClock, installation);
  const health = life.health;
  const metering = startMetering(plan.name, plan.instruments);
  life.onEnd(() => metering.stop());
  const redact = lineRedactor([...loaded.secrets, ...environmentSecrets(environment)]);
  const http = await startHttp({
    host: server.host,
    port: server.httpPort,
    health,
    serveMetrics: metering.serve,
    redact,
  });
  life.http = http;
  const wired = await plan.wire({
    name: plan.name,
    config: loaded.config,
    log: life.log,
    meter: metering.meter,
    metering,
    tracer: createTracer(plan.name),
    clock: marketTime === undefined ? systemClock : withMarketTime(systemClock, marketTime),
    ...(marketTime === undefined ? {} : { marketTime }),
    ids: createSystemIds(),
    health,
    environment,
    configFile: loaded.file,
    httpPort: http.port,
    crash: (error) => void life.crash(error),
  });
  life.wired = wired;
  health.addChecks(wired.checks ?? {});
  if (wired.handleHttp !== undefined) http.handle(wired.handleHttp);
  await wired.start();
  const services = wired.grpcServices ?? [];
  if (services.length > 0 && !life.isEnding) {
    life.grpc = await startGrpc({
      host: server.host,
      port: server.grpcPort,
      services,
      healthState: health,
      reflection: wired.reflection,
    });
  }
  if (life.isEnding) return;
  health.setPhase('started');
  await life.grpc?.refreshHealth();
  const grpc = life.grpc === undefined ? {} : { grpcPort: life.grpc.port };
  life.log.info('started', { httpPort: http.port, ...grpc });
}
