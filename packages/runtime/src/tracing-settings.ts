import { basename, dirname } from 'node:path';
import { configArgument } from './arguments.ts';
import { defineConfig, findConfigFile, loadConfig } from './config.ts';
import type { Environment } from './config-source.ts';

/** What tracing needs to know before the service's own modules are loaded. */
export interface TracingSettings {
  /** The collector's base address. */
  readonly endpoint: string;
  /** 0 to 1. */
  readonly sampleRatio: number;
  /** The name that spans carry. */
  readonly service: string;
}

/**
 * Reads whether and where to trace: the standard `OTEL_EXPORTER_OTLP_ENDPOINT`, else `telemetry.otlpEndpoint`.
 * @returns undefined when nothing is to be traced, or the configuration is not valid: the service itself says so.
 */
export function readTracingSettings(
  argv: readonly string[],
  environment: Environment,
): TracingSettings | undefined {
  const file = findConfigFile(configArgument(argv.slice(2)), environment);
  const standard = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  const isNamed = file !== undefined || environment.CAPSTAN_TELEMETRY__OTLP_ENDPOINT !== undefined;
  if (environment.OTEL_SDK_DISABLED === 'true' || (!isNamed && !standard)) return undefined;
  try {
    const { telemetry } = loadConfig(defineConfig({}), { file, environment }).config;
    const endpoint = telemetry.otlpEndpoint ?? (standard === '' ? undefined : standard);
    if (endpoint === undefined) return undefined;
    const service = environment.OTEL_SERVICE_NAME ?? serviceOf(argv[1] ?? '');
    return { endpoint, sampleRatio: telemetry.sampleRatio, service };
  } catch {
    return undefined;
  }
}

/** Names a service by its folder: `services/<name>/src/main.ts`. */
function serviceOf(main: string): string {
  const folder = dirname(main);
  const name = basename(['src', 'dist'].includes(basename(folder)) ? dirname(folder) : folder);
  return `capstan-${name}`;
}

/** Returns the address for traces under a collector's base address. */
export function tracesEndpoint(endpoint: string): string {
  const base = endpoint.replace(/\/+$/, '');
  return base.endsWith('/v1/traces') ? base : `${base}/v1/traces`;
}
