import type { GrpcService } from '@capstan/contracts';
import type { Clock, Ids, Meter, Tracer } from '@capstan/ports';
import type { z } from 'zod';
import type { ConfigSchema, Sections } from './config.ts';
import type { Environment } from './config-source.ts';
import type { ReflectionSources } from './grpc-server.ts';
import type { HealthChecks, HealthState } from './health.ts';
import type { HttpHandler } from './http-server.ts';
import type { ServiceLog } from './logger.ts';
import type { MarketTime } from './market-time.ts';
import type { Instruments, MeteringSetup } from './metering.ts';

/** What a service gets for putting itself together. */
export interface ServiceContext<Config> {
  readonly name: string;
  readonly config: Config;
  readonly log: ServiceLog;
  readonly meter: Meter;
  /** What parts of the service add to its measurements; a test's context may have none. */
  readonly metering?: MeteringSetup;
  readonly tracer: Tracer;
  readonly clock: Clock;
  /** The time of a simulated market, where there is one: the clock shows it. */
  readonly marketTime?: MarketTime;
  readonly ids: Ids;
  readonly health: HealthState;
  /** The environment, for orders that are given at the start and are no settings. */
  readonly environment: Environment;
  /** The configuration file, when there is one: relative paths in it are relative to it. */
  readonly configFile: string | undefined;
  /** The port that HTTP got, which the configuration may leave open. */
  readonly httpPort: number;
  /** Reports a bug that a loop of its own met: the process logs it, drains briefly and ends with 70. */
  crash(error: unknown): void;
}

/** A service that has been put together. */
export interface WiredService {
  /** Begins the work; resolves when the service has started. An AppError ends the process with 1. */
  start(): Promise<void>;
  /** Ends the work in hand, writes checkpoints, releases what it owns. It never flattens. */
  drain(): Promise<void>;
  readonly checks?: HealthChecks;
  readonly grpcServices?: readonly GrpcService[];
  readonly reflection?: ReflectionSources;
  /** Answers HTTP requests other than probes and metrics. */
  readonly handleHttp?: HttpHandler;
}

/** A service's main program, as {@link runService} takes it. */
export interface ServicePlan<S extends Sections> {
  /** Kebab-case; also its Deployment and chart key. */
  readonly name: string;
  readonly configSchema: ConfigSchema<S>;
  readonly instruments?: Instruments;
  wire(
    context: ServiceContext<z.output<ConfigSchema<S>['schema']>>,
  ): WiredService | Promise<WiredService>;
}
