import { AppError } from '@capstan/domain';
import { parseArguments } from './arguments.ts';
import { findConfigFile, type LoadedConfig, loadConfig, type Sections } from './config.ts';
import { within } from './deadline.ts';
import { readEnvironment } from './environment.ts';
import { EXIT } from './exit-codes.ts';
import { type GrpcServer, startGrpc } from './grpc-server.ts';
import { createHealth } from './health.ts';
import { type HttpServer, startHttp } from './http-server.ts';
import { CRASH_DRAIN_MS, TELEMETRY_FLUSH_MS } from './limits.ts';
import { createLogger, type ServiceLog } from './logger.ts';
import { startMetering } from './metering.ts';
import { lineRedactor } from './redact.ts';
import type { ServicePlan, WiredService } from './service-plan.ts';
import { systemClock } from './system-clock.ts';
import { createSystemIds } from './system-ids.ts';
import { createTracer, endTracing } from './tracing.ts';

const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;
type StopSignal = keyof typeof SIGNAL_NUMBERS;

/**
 * Runs a service from its configuration to its exit, the same for all of them: configuration → log → telemetry →
 * probes → wire → start → ready; SIGTERM or SIGINT drains; a second one ends at once; a bug ends with 70.
 * Call it once, as the last statement of `main.ts`; the process ends with it.
 */
export async function runService<const S extends Sections>(plan: ServicePlan<S>): Promise<void> {
  const environment = readEnvironment();
  let loaded: LoadedConfig<S>;
  try {
    const file = findConfigFile(parseArguments(process.argv.slice(2)), environment);
    loaded = loadConfig(plan.configSchema, { file, environment });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    process.stderr.write(`${plan.name}: ${error.code}: ${error.message}\n`);
    process.exit(EXIT.usage);
  }
  const { log: logging } = loaded.config as RuntimeConfig;
  const log = createLogger({ ...logging, service: plan.name, secrets: loaded.secrets });
  const life = new Life(log);
  life.watch((loaded.config as RuntimeConfig).server.drainDeadlineMs);
  if (environment.CAPSTAN_SUPERVISED !== undefined) life.watchSupervisor();
  try {
    await bringUp(plan, loaded, life);
  } catch (error) {
    await life.failedToStart(error);
  }
}

/** The sections that every configuration has, as {@link defineConfig} adds them. */
interface RuntimeConfig {
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
  life: Life,
): Promise<void> {
  const { server } = loaded.config as RuntimeConfig;
  const health = life.health;
  const metering = startMetering(plan.name, plan.instruments);
  life.onEnd(() => metering.stop());
  const redact = lineRedactor(loaded.secrets);
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
    tracer: createTracer(plan.name),
    clock: systemClock,
    ids: createSystemIds(),
    health,
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
  health.setPhase('started');
  await life.grpc?.refreshHealth();
  const grpc = life.grpc === undefined ? {} : { grpcPort: life.grpc.port };
  life.log.info('started', { httpPort: http.port, ...grpc });
}

/** One process's way to its end. */
class Life {
  readonly log: ServiceLog;
  readonly health = createHealth();
  http: HttpServer | undefined;
  grpc: GrpcServer | undefined;
  wired: WiredService | undefined;
  isEnding = false;
  readonly #endings: (() => Promise<void>)[] = [];
  #drainDeadlineMs = 0;
  #metBug = false;

  constructor(log: ServiceLog) {
    this.log = log;
  }

  /** Adds what is to be ended last. */
  onEnd(ending: () => Promise<void>): void {
    this.#endings.push(ending);
  }

  /** Listens for signals and for errors that nobody caught. */
  watch(drainDeadlineMs: number): void {
    this.#drainDeadlineMs = drainDeadlineMs;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => void this.#onSignal(signal));
    }
    process.on('uncaughtException', (error) => void this.crash(error));
    process.on('unhandledRejection', (error) => void this.crash(error));
  }

  /** Ends when standard input does: the supervisor holds its other end, and has died. */
  watchSupervisor(): void {
    const lost = (): void => {
      if (this.isEnding) return;
      this.log.warn('the supervisor is gone: draining');
      void this.#drainAndExit(Math.min(CRASH_DRAIN_MS, this.#drainDeadlineMs), EXIT.ok);
    };
    process.stdin.on('end', lost).on('close', lost).on('error', lost);
    process.stdin.resume();
  }

  async #onSignal(signal: StopSignal): Promise<void> {
    if (this.isEnding) {
      this.log.warn('second signal: ending at once', { signal });
      this.#exit(128 + SIGNAL_NUMBERS[signal]);
    }
    this.log.info('draining', { signal, deadlineMs: this.#drainDeadlineMs });
    await this.#drainAndExit(this.#drainDeadlineMs, EXIT.ok);
  }

  /** Logs a bug with its stack, drains briefly and ends. A further bug on the way out makes the exit code 70. */
  async crash(error: unknown): Promise<void> {
    const bug = error instanceof Error ? error : new Error(String(error));
    this.log.fatal('bug: ending', { error: bug });
    this.#metBug = true;
    if (this.isEnding) return;
    await this.#drainAndExit(Math.min(CRASH_DRAIN_MS, this.#drainDeadlineMs), EXIT.bug);
  }

  /** Ends after a start that did not succeed: an operating failure in one clear line, a bug as a bug. */
  async failedToStart(error: unknown): Promise<void> {
    if (this.isEnding) return;
    if (!(error instanceof AppError)) return this.crash(error);
    this.log.error(`cannot start: ${error.message}`, { code: error.code });
    await this.#drainAndExit(Math.min(CRASH_DRAIN_MS, this.#drainDeadlineMs), EXIT.failed);
  }

  async #drainAndExit(deadlineMs: number, code: number): Promise<void> {
    this.isEnding = true;
    this.health.setPhase('draining');
    await this.grpc?.refreshHealth();
    try {
      const drained = this.wired?.drain() ?? Promise.resolve();
      const isInTime = await within(deadlineMs, drained);
      if (!isInTime) this.log.warn('work in hand did not end in time', { deadlineMs });
      await Promise.all([this.grpc?.stop(CRASH_DRAIN_MS), this.http?.stop(CRASH_DRAIN_MS)]);
      const ended = Promise.all([endTracing(), ...this.#endings.map((ending) => ending())]);
      await within(TELEMETRY_FLUSH_MS, ended);
    } catch (error) {
      this.log.error('could not drain cleanly', { error });
      if (!(error instanceof AppError)) this.#metBug = true;
      else if (code === EXIT.ok) this.#exit(EXIT.failed);
    }
    const exitCode = this.#metBug ? EXIT.bug : code;
    this.log.info('stopped', { exitCode });
    this.#exit(exitCode);
  }

  #exit(code: number): never {
    this.log.flush();
    process.exit(code);
  }
}
