import { METRICS } from '@capstan/analytics';
import { configHash } from './config-record.ts';
import type { OutcomeToWrite } from './write-run.ts';

/** What a run came to: the same for the same configuration, data and engine. */
export function runSummary({ prepared, outcome, record, statement }: OutcomeToWrite) {
  const { result, summary } = outcome;
  const { metrics } = summary;
  return {
    strategy: prepared.strategy.name,
    symbols: result.symbols,
    params: record.params,
    digest: result.digest(),
    configHash: configHash(record),
    dataFingerprint: statement.dataFingerprint,
    engineVersion: statement.engineVersion,
    slices: result.timelineUs.length,
    firstUs: result.timelineUs[0] ?? null,
    lastUs: result.timelineUs.at(-1) ?? null,
    orders: result.orders.count,
    fills: result.fills.count,
    denials: result.denials.length,
    halts: result.halts.length,
    metrics: Object.fromEntries(METRICS.map(({ key }) => [key, metrics[key] ?? null])),
  };
}
