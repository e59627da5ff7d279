import { type TimeUs, timeUs, US_PER_DAY } from '@capstan/domain';
import type { OldRows } from '@capstan/ports';
import { z } from 'zod';

const days = (least: number, otherwise: number) =>
  z.number().min(least).max(36_500).default(otherwise);

/** The least that messages are kept: longer than any stream that discards by age, so that what a stream still has refers to nothing gone. */
const OUTBOX_DAYS_MIN = 8;
/** The least that bars and signals are kept: bots warm up and days are compared from them. */
const HISTORY_DAYS_MIN = 30;

/** How long rows are kept. What is not named here is kept for ever: orders, intents, fills, ledgers, drifts. */
export const retentionSection = z.strictObject({
  snapshotDays: days(1, 30).describe("How long snapshots of the broker's word are kept."),
  outboxDays: days(OUTBOX_DAYS_MIN, 14).describe(
    'How long published messages are kept, at least: one stays until all who read its subject have it, fills for ever.',
  ),
  commandDays: days(1, 90).describe('How long answered commands are kept.'),
  equityDays: days(1, 90).describe(
    'How long each equity point is kept; after that the last one of each hour, for ever.',
  ),
  signalDays: days(HISTORY_DAYS_MIN, 400).describe(
    "How long signals and denials are kept, by the run's clock.",
  ),
  barDays: days(HISTORY_DAYS_MIN, 400).describe(
    "How long the bars of feeds are kept, by the run's clock.",
  ),
  auditDays: z
    .number()
    .min(30)
    .max(36_500)
    .optional()
    .describe('How long the audit is kept: for ever without it.'),
});

export type RetentionConfig = z.output<typeof retentionSection>;

/**
 * Returns what says which rows are old. What people and processes did is as old as the wall's clock says; what a run did, as its own
 * clock says.
 */
export function oldRowsOf(
  config: RetentionConfig,
  runId: string,
): (nowUs: TimeUs, runNowUs: TimeUs) => readonly OldRows[] {
  const before = (us: TimeUs, days: number) =>
    timeUs(Math.max(0, Math.floor(us - days * US_PER_DAY)));
  return (nowUs, runNowUs) => [
    { kind: 'outbox', beforeUs: before(nowUs, config.outboxDays) },
    { kind: 'commands', beforeUs: before(nowUs, config.commandDays) },
    ...(config.auditDays === undefined
      ? []
      : [{ kind: 'audit' as const, beforeUs: before(nowUs, config.auditDays) }]),
    { kind: 'equity', runId, beforeUs: before(runNowUs, config.equityDays) },
    { kind: 'signals', runId, beforeUs: before(runNowUs, config.signalDays) },
    { kind: 'denials', runId, beforeUs: before(runNowUs, config.signalDays) },
    { kind: 'bars', runId, beforeUs: before(runNowUs, config.barDays) },
    { kind: 'replayCheckpoints', runId, beforeUs: before(nowUs, config.outboxDays) },
  ];
}
