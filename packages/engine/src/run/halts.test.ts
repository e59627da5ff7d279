import { parseCash } from '@capstan/domain';
import { DEFAULT_LIMITS, dayCalendar } from '@capstan/risk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BacktestResult } from './backtest-result.ts';
import type { HaltSpan } from './backtest-spec.ts';
import { ORDER_CAUSES, ORDER_ENDS } from './order-columns.ts';
import { runBacktest } from './run-backtest.ts';
import { RunIds } from './run-ids.ts';
import { calendarOf, worlds } from './test-run-world.ts';
import { scripted, scriptedSpec, session } from './test-scripted-run.ts';

const MICROS = 1_000_000;

const bars = [
  ...session('2024-07-02', [
    ...([[1_000, 'long'], [1_000], [501], [500], [480], [470, 'flat'], [460, 'long']] as const),
    ...([[450], [460]] as const),
  ]),
  ...session('2024-07-03', [[460, 'flat'], [460, 'long'], [470], [480]]),
];

function haltedRun(
  haltFor: HaltSpan,
  fillAt: 'nextOpen' | 'sameClose' = 'nextOpen',
  closeOnDailyLoss = false,
  script = bars,
) {
  const spec = scriptedSpec({
    limits: {
      ...DEFAULT_LIMITS,
      policies: ['daily-loss'],
      maxDailyLossMicros: parseCash('500'),
      closeOnDailyLoss,
    },
    execution: { fillAt, closeAtEnd: false, haltFor },
  });
  return { spec, result: runBacktest(spec, [scripted('AAA', script)]) };
}

const column = (of: ArrayLike<number>, count: number) => Array.from(of).slice(0, count);

function fillsOf({ fills, orders }: BacktestResult) {
  const { count } = fills;
  return column(fills.slice, count).map((slice, at) => [
    slice,
    (fills.side[at] ?? 0) * (fills.quantity[at] ?? 0),
    (fills.priceNanos[at] ?? 0) / 10_000_000,
    ORDER_CAUSES[orders.cause[fills.order[at] ?? 0] ?? 0],
  ]);
}

describe('a daily-loss limit', () => {
  it('flattens at the open after the slice that breached, and opens nothing any more', () => {
    const { spec, result } = haltedRun('run');
    expect(result.halts).toEqual([
      {
        slice: 3,
        startEquityMicros: 100_000 * MICROS,
        equityMicros: 99_500 * MICROS,
        limitMicros: 500 * MICROS,
      },
    ]);
    expect(fillsOf(result)).toEqual([
      [1, 100, 1_000, 'signal'],
      [4, -100, 480, 'halt'],
    ]);
    expect(result.denials.map(({ slice, policy }) => [slice, policy])).toEqual([
      [6, 'daily-loss'],
      [10, 'daily-loss'],
    ]);
    expect(result.finalEquityMicros).toBe((100_000 - 520) * MICROS);
    const ids = new RunIds(spec, result);
    expect(new Set([ids.orderId(0), ids.orderId(1)]).size).toBe(2);
  });

  it('ends with the session as live, and leaves what is held to its bot', () => {
    const { result } = haltedRun('session');
    expect(result.halts).toMatchObject([{ slice: 3, untilSlice: 9 }]);
    expect(fillsOf(result)).toEqual([
      [1, 100, 1_000, 'signal'],
      [6, -100, 460, 'signal'],
      [11, 100, 470, 'signal'],
    ]);
  });

  it('closes what is held where the limits say so', () => {
    const { result } = haltedRun('session', 'nextOpen', true);
    expect(result.halts).toMatchObject([{ slice: 3, untilSlice: 9 }]);
    expect(fillsOf(result)).toEqual([
      [1, 100, 1_000, 'signal'],
      [4, -100, 480, 'closing'],
      [11, 100, 470, 'signal'],
    ]);
  });

  it('cancels an exit whose position another order has taken meanwhile: it would add', () => {
    const script = [
      ...session('2024-07-02', [
        ...([[1_000, 'long'], [1_000], [1_000, 'flatOnOpen'], [1_000, 'short']] as const),
        ...([[400], [400]] as const),
      ]),
      ...session('2024-07-03', [[400], [400]]),
    ];
    const { result } = haltedRun('session', 'nextOpen', false, script);
    expect(result.halts).toMatchObject([{ slice: 4 }]);
    expect(fillsOf(result)).toEqual([
      [1, 100, 1_000, 'signal'],
      [4, -100, 400, 'signal'],
    ]);
    expect(ORDER_ENDS[result.orders.state[1] ?? 0]).toBe('cancelled');
  });

  it('flattens at the close that breached where the run fills there', () => {
    const { result } = haltedRun('run', 'sameClose');
    expect(fillsOf(result)).toEqual([
      [0, 100, 1_000, 'signal'],
      [3, -100, 500, 'halt'],
    ]);
  });

  it('halts at the first slice of a session whose equity has lost it, and adds nothing after', () => {
    let count = 0;
    fc.assert(
      fc.property(worlds, fc.constantFrom('run', 'session'), (world, haltFor) => {
        const limits = {
          ...world.spec.limits,
          policies: ['daily-loss'] as const,
          maxDailyLossFraction: 0.002,
        };
        const execution = { ...world.spec.execution, haltFor };
        const result = runBacktest({ ...world.spec, limits, execution }, world.series);
        const calendar = calendarOf(dayCalendar(limits));
        const { equityMicros, timelineUs, fills, halts } = result;
        const seen: number[] = [];
        let start: number = world.spec.cashMicros;
        let last = start;
        let date = '';
        let isHalted = false;
        equityMicros.forEach((equity, slice) => {
          const today = calendar.tradeDate((timelineUs[slice] ?? 0) - 1);
          if (today !== date) {
            start = last;
            isHalted = isHalted && haltFor === 'run';
          }
          date = today;
          last = equity;
          if (isHalted || start - equity < 0.002 * start) return;
          isHalted = true;
          seen.push(slice);
        });
        if (world.spec.execution.fillAt === 'nextOpen') {
          expect(halts.map(({ slice }) => slice)).toEqual(seen);
        }
        count += halts.length;
        for (const { slice, untilSlice = Number.POSITIVE_INFINITY } of halts) {
          const held = new Map<number, number>();
          for (let at = 0; at < fills.count; at += 1) {
            const of = fills.symbolIndex[at] ?? 0;
            const before = held.get(of) ?? 0;
            const after = before + (fills.side[at] ?? 0) * (fills.quantity[at] ?? 0);
            held.set(of, after);
            const when = fills.slice[at] ?? 0;
            if (when <= slice || when >= untilSlice) continue;
            expect(Math.abs(after)).toBeLessThan(Math.abs(before));
          }
        }
      }),
      { numRuns: 100 },
    );
    expect(count).toBeGreaterThan(20);
  });
});

describe('closing at the end', () => {
  const execution = { fillAt: 'nextOpen', closeAtEnd: true } as const;
  const commission = { kind: 'bps', feeBps: 10 } as const;

  it('sells at the last close, with its costs, and cancels what works', () => {
    const script = session('2024-07-02', [[1_000, 'long'], [1_000], [1_100], [1_200, 'gtcLimit']]);
    const spec = scriptedSpec({ execution });
    const matcher = { ...spec.matcher, commission };
    const result = runBacktest({ ...spec, matcher }, [
      scripted('AAA', script),
      scripted('CCC', session('2024-07-02', [[1_000, 'gtcLimit'], [500, 'short'], [600]])),
    ]);
    expect(fillsOf(result).slice(-2)).toEqual([
      [3, -100, 1_200, 'endOfRun'],
      [3, 100, 600, 'endOfRun'],
    ]);
    expect(result.positions.map(({ position }) => position.quantity)).toEqual([0, 0]);
    expect(result.finalEquityMicros).toBe(result.finalCashMicros);
    expect(result.equityMicros.at(-1)).toBe(result.cashMicros.at(-1));
    const states = column(result.orders.state, result.orders.count);
    expect(states.map((state) => ORDER_ENDS[state])).not.toContain('working');
  });

  it('leaves a run that holds nothing as it is', () => {
    const script = session('2024-07-02', [[1_000, 'long'], [1_000, 'flat'], [1_100], [1_200]]);
    const closed = runBacktest(scriptedSpec({ execution }), [scripted('AAA', script)]);
    expect(closed.digest()).toBe(runBacktest(scriptedSpec(), [scripted('AAA', script)]).digest());
  });
});
