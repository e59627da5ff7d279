import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BacktestSeries, run, runBacktest } from '@capstan/engine';
import { describe, expect, it } from 'vitest';
import { workBars } from './work-bars.ts';
import { WORK_RUNS } from './work-runs.ts';

/** Digests of orders, fills and ledger. Change them with what they say, and tell why in the commit. */
const GOLDEN = JSON.parse(
  readFileSync(join(import.meta.dirname, 'work-golden.json'), 'utf8'),
) as Readonly<Record<string, string>>;

const one = () => [workBars('A', 42, 50_000)];
const ten = () => Array.from({ length: 10 }, (_, at) => workBars(`S0${at}`, 1_000 + at, 5_000));
const SERIES: Readonly<Record<string, () => readonly BacktestSeries[]>> = {
  'a-open': one,
  'a-close': one,
  c: one,
  d: ten,
};

describe('the works', () => {
  for (const [name, series] of Object.entries(SERIES)) {
    it(`give the digests on record: ${name}, by the kernel and by the full path`, () => {
      const spec = WORK_RUNS[name]?.spec;
      if (spec === undefined) throw new Error(`no work is called ${name}`);
      const bars = series();
      const result = run(spec, bars);
      expect(result.path).toBe('kernel');
      expect(result.fills.count).toBeGreaterThan(500);
      expect(result.digest()).toBe(GOLDEN[name]);
      expect(runBacktest(spec, bars).digest()).toBe(GOLDEN[name]);
    });
  }
});
