import { createHash } from 'node:crypto';
import { resolveParameters, type Strategy } from '@capstan/strategy';
import { stringify } from 'yaml';
import type { GivenParameters } from '../config/grid.ts';
import type { RunFile } from '../config/run-schema.ts';

/** The configuration as it is kept: every default filled in, paths absolute, keys in the schema's order. */
export type ConfigRecord = Readonly<Record<string, unknown>>;

/** Returns the configuration of one combination, or of a sweep as it was given. */
export function recordOf(
  run: RunFile,
  strategy: Strategy,
  params: GivenParameters | undefined,
): ConfigRecord {
  return {
    ...run,
    params: params === undefined ? run.params : resolveParameters(strategy, params),
  };
}

/** Where data lie and what is kept of results: not part of what a result follows from. */
const PLACES = new Set(['path', 'actions', 'lake']);

/**
 * Returns the SHA-256 of a configuration, in hexadecimal. Where the data lie does not count, since their fingerprint says what
 * they are; nor what is shown.
 */
export function configHash(record: ConfigRecord): string {
  const counted = Object.entries(record).filter(([key]) => !PLACES.has(key) && key !== 'metrics');
  const { rankBy: _, show: __, keep: ___, ...measured } = record.metrics as RunFile['metrics'];
  return createHash('sha256')
    .update(canonical({ ...Object.fromEntries(counted), metrics: measured }))
    .digest('hex');
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** The configuration as YAML that `capstan backtest --config` takes. */
export function recordYaml(record: ConfigRecord): string {
  return `# The configuration as it was resolved: capstan backtest --config run.yaml\n${stringify(record)}`;
}
