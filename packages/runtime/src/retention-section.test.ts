import { STREAMS } from '@capstan/contracts';
import { timeUs, US_PER_DAY } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { oldRowsOf, retentionSection } from './retention-section.ts';

const MS_PER_DAY = 86_400_000;

describe('retention', () => {
  it('keeps messages longer than any stream of theirs that discards by age', () => {
    const ages = STREAMS.filter(({ name }) => !name.startsWith('BACKTEST_')).flatMap(
      ({ maxAgeMs }) => maxAgeMs ?? [],
    );
    const mostDays = Math.max(...ages) / MS_PER_DAY;
    expect(mostDays).toBeGreaterThan(0);
    expect(retentionSection.safeParse({ outboxDays: mostDays }).success).toBe(false);
    expect(retentionSection.parse({ outboxDays: mostDays + 1 }).outboxDays).toBe(mostDays + 1);
  });

  it('counts what people and processes did by the wall’s clock, and what a run did by its own', () => {
    const config = retentionSection.parse({ auditDays: 30 });
    const [wallUs, runUs] = [timeUs(1_000 * US_PER_DAY), timeUs(500 * US_PER_DAY)];
    const rows = oldRowsOf(config, 'run')(wallUs, runUs);
    expect(rows.map(({ kind, beforeUs }) => [kind, beforeUs / US_PER_DAY])).toEqual([
      ['outbox', 986],
      ['commands', 910],
      ['audit', 970],
      ['equity', 410],
      ['signals', 100],
      ['denials', 100],
      ['bars', 100],
      ['replayCheckpoints', 986],
    ]);
    const early = oldRowsOf(config, 'run')(wallUs, timeUs(1));
    expect(early.find(({ kind }) => kind === 'bars')?.beforeUs).toBe(0);
  });
});
