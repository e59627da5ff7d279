import { cashMicros, intentId, timeUs } from '@capstan/domain';
import type { PortfolioRule } from '@capstan/portfolio';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { maCross } from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rebalanceId } from '../account-rebalance.ts';
import { planRun } from '../kernels/plan-run.ts';
import type { BacktestResult } from './backtest-result.ts';
import { type BacktestSpec, runNames } from './backtest-spec.ts';
import { ORDER_CAUSES } from './order-columns.ts';
import { runBacktest } from './run-backtest.ts';
import { RunIds } from './run-ids.ts';
import { worlds } from './test-run-world.ts';
import { scripted, scriptedSpec, session } from './test-scripted-run.ts';

const EQUAL: PortfolioRule = { weights: { kind: 'equal' }, rebalance: { kind: 'onSignal' } };

/** Buying on credit is refused, so what is sold must be gone before what is bought. */
function specOf(portfolio: PortfolioRule, changes: Partial<BacktestSpec> = {}): BacktestSpec {
  const limits = { ...DEFAULT_LIMITS, policies: ['buying-power'] as const, bufferBps: 0 };
  return scriptedSpec({ portfolio, limits, cashMicros: cashMicros(1_000_000_000), ...changes });
}

const column = (of: ArrayLike<number>, count: number) => Array.from(of).slice(0, count);

/** Slice of the fill, symbol, signed quantity at its scale, price in cents, cause. */
function fillsOf({ fills, orders, symbols }: BacktestResult) {
  return column(fills.slice, fills.count).map((slice, at) => [
    slice,
    symbols[fills.symbolIndex[at] ?? 0],
    (fills.side[at] ?? 0) * (fills.quantity[at] ?? 0),
    (fills.priceNanos[at] ?? 0) / 10_000_000,
    ORDER_CAUSES[orders.cause[fills.order[at] ?? 0] ?? 0],
  ]);
}

const DAY = '2024-07-02';

describe('a portfolio on signals', () => {
  const series = [
    scripted('AAA', session(DAY, [[1_000, 'long'], [1_000], [1_000], [1_000], [1_000]])),
    scripted('CCC', session(DAY, [[500], [500, 'long'], [500], [500], [500]])),
  ];

  it('sells first, and buys with the cash once it is there', () => {
    const spec = specOf(EQUAL);
    const result = runBacktest(spec, series);
    expect(fillsOf(result)).toEqual([
      [1, 'AAA', 100, 1_000, 'addition'],
      [2, 'AAA', -50, 1_000, 'reduction'],
      [3, 'CCC', 100, 500, 'addition'],
    ]);
    expect(result.denials).toEqual([]);
    expect(result.finalCashMicros).toBe(0);
    const ids = new RunIds(spec, result);
    expect(new Set([0, 1, 2].map((order) => ids.orderId(order))).size).toBe(3);
    expect(planRun(spec, series)).toMatchObject({
      path: 'full',
      why: expect.stringMatching(/portfolio/),
    });
  });

  it('does both at the close where the run fills there', () => {
    const execution = { fillAt: 'sameClose', closeAtEnd: false } as const;
    expect(fillsOf(runBacktest(specOf(EQUAL, { execution }), series))).toEqual([
      [0, 'AAA', 100, 1_000, 'addition'],
      [1, 'AAA', -50, 1_000, 'reduction'],
      [1, 'CCC', 100, 500, 'addition'],
    ]);
  });

  it('keeps the reserve, and leaves what is within its drift', () => {
    const banded = { ...EQUAL, cashReserveFraction: 0.2, driftFraction: 0.5 };
    const result = runBacktest(specOf(banded), series);
    // AAA's weight is 0.8, then 0.4: within the drift of what it is to be. There is no room for CCC.
    expect(fillsOf(result)).toEqual([[1, 'AAA', 80, 1_000, 'addition']]);
    expect(result.finalCashMicros).toBe(200_000_000);
  });

  it('closes what is not wanted any more, and goes through zero in two steps', () => {
    const wants = ['long', 'short', 'nothing', 'nothing', 'flat', 'nothing', 'nothing'] as const;
    const prices = wants.map((want) => [1_000, want] as const);
    const turning = scripted('AAA', session(DAY, prices));
    expect(fillsOf(runBacktest(specOf(EQUAL), [turning]))).toEqual([
      [1, 'AAA', 100, 1_000, 'addition'],
      [2, 'AAA', -100, 1_000, 'reduction'],
      [3, 'AAA', -100, 1_000, 'addition'],
      [5, 'AAA', 100, 1_000, 'reduction'],
    ]);
  });

  it('names both steps of one slice apart, by what the account derives for each', () => {
    const execution = { fillAt: 'sameClose', closeAtEnd: false } as const;
    const spec = specOf(EQUAL, { execution });
    const turning = scripted(
      'AAA',
      session(DAY, [
        [1_000, 'long'],
        [1_000, 'short'],
      ]),
    );
    const result = runBacktest(spec, [turning]);
    expect(fillsOf(result).map(([slice, , amount]) => [slice, amount])).toEqual([
      [0, 100],
      [1, -100],
      [1, -100],
    ]);
    const sliceEndUs = timeUs(result.timelineUs[1] ?? 0);
    const ids = new RunIds(spec, result);
    expect([1, 2].map((order) => ids.intentId(order))).toEqual(
      (['reduction', 'addition'] as const).map((step) => {
        const causeId = rebalanceId({ ...runNames(spec), sliceEndUs }, step);
        const of = { runId: 'run', accountId: 'backtest', symbol: 'AAA' };
        return intentId({ ...of, causeKind: 'schedule', causeId });
      }),
    );
  });

  it('refuses opinions with limits, and says which weight is below a lot', () => {
    const limited = scripted('AAA', session(DAY, [[1_000, 'gtcLimit'], [1_000], [1_000]]));
    const poor = specOf(EQUAL, { cashMicros: cashMicros(9_000_000) });
    expect(runBacktest(poor, [limited]).denials).toMatchObject([
      { policy: 'portfolio', reason: 'a portfolio places no limit prices' },
    ]);
    const wanted = scripted('AAA', session(DAY, [[1_000, 'long'], [1_000], [1_000]]));
    expect(runBacktest({ ...poor, params: { stops: true } }, [wanted]).denials).toMatchObject([
      { policy: 'portfolio', reason: 'a portfolio places no entry stops' },
    ]);
    expect(runBacktest(poor, [wanted]).denials).toMatchObject([
      { policy: 'sizing', reason: 'a weight of 1 at price 10.00 is less than one lot of 1' },
    ]);
  });
});

describe('a portfolio by the calendar', () => {
  it('takes up opinions at the first slice of a day', () => {
    const bars = [
      ...session('2024-07-02', [[1_000], [1_000, 'long'], [1_000]]),
      ...session('2024-07-03', [[1_000], [1_000, 'flat'], [1_000]]),
      ...session('2024-07-05', [[1_000], [1_000], [1_000]]),
    ];
    const fillsBy = (rebalance: PortfolioRule['rebalance']) =>
      fillsOf(runBacktest(specOf({ ...EQUAL, rebalance }), [scripted('AAA', bars)])).map(
        ([slice, , quantity]) => [slice, quantity],
      );
    expect(fillsBy({ kind: 'daily' })).toEqual([
      [4, 100],
      [7, -100],
    ]);
    expect(fillsBy({ kind: 'weekly' })).toEqual([]);
    expect(fillsBy({ kind: 'everyBars', bars: 3 })).toEqual([
      [4, 100],
      [7, -100],
    ]);
  });

  it('ranks by how far each moved', () => {
    const of = (symbol: string, cents: readonly number[]) =>
      scripted(
        symbol,
        session(
          DAY,
          cents.map((one) => [one, 'long'] as const),
        ),
      );
    const ranking: PortfolioRule = {
      weights: { kind: 'momentumRanking', lookbackBars: 2, top: 1 },
      rebalance: { kind: 'everyBars', bars: 3 },
    };
    const calm = [1_000, 1_000, 1_010, 1_010, 1_010, 1_400, 1_400, 1_400];
    const wild = [1_000, 1_000, 1_000, 1_100, 1_100, 1_100, 1_100, 1_100];
    // At slice 3 CCC is up a tenth over two bars and AAA a hundredth; at slice 6 AAA is up 39 %.
    expect(fillsOf(runBacktest(specOf(ranking), [of('AAA', calm), of('CCC', wild)]))).toEqual([
      [4, 'CCC', 90, 1_100, 'addition'],
      [7, 'CCC', -90, 1_100, 'reduction'],
    ]);
  });

  it('gives more to what moves less', () => {
    const of = (symbol: string, cents: readonly number[]) =>
      scripted(
        symbol,
        session(
          DAY,
          cents.map((one) => [one, 'long'] as const),
        ),
      );
    const rule: PortfolioRule = {
      weights: { kind: 'inverseVolatility', lookbackBars: 2 },
      rebalance: { kind: 'everyBars', bars: 2 },
    };
    // Changes of +1 % and -1 % beside +4 % and -4 %: weights of 0.8 and 0.2.
    const series = [
      of('AAA', [10_000, 10_100, 9_999, 10_000]),
      of('CCC', [10_000, 10_400, 9_984, 10_000]),
    ];
    const spec = specOf(rule, { cashMicros: cashMicros(100_000_000_000) });
    expect(fillsOf(runBacktest(spec, series))).toEqual([
      [3, 'AAA', 800, 10_000, 'addition'],
      [3, 'CCC', 200, 10_000, 'addition'],
    ]);
  });
});

describe('any portfolio run', () => {
  it('never opens on credit, gives the same again, and names every order apart', () => {
    const rules = fc.record({
      weights: fc.constantFrom<PortfolioRule['weights']>(
        { kind: 'equal' },
        { kind: 'inverseVolatility', lookbackBars: 3 },
        { kind: 'momentumRanking', lookbackBars: 3, top: 1 },
      ),
      rebalance: fc.constantFrom<PortfolioRule['rebalance']>(
        { kind: 'onSignal' },
        { kind: 'everyBars', bars: 4 },
        { kind: 'daily' },
      ),
      driftFraction: fc.constantFrom(0, 0.05),
    });
    fc.assert(
      fc.property(worlds, rules, ({ spec, series }, portfolio) => {
        const limits = { ...DEFAULT_LIMITS, policies: ['buying-power'] as const, bufferBps: 100 };
        const strategy = { strategy: maCross, params: { fast: 1, slow: 2 } };
        const run = { ...spec, ...strategy, portfolio, limits };
        const result = runBacktest(run, series, { wantGross: true });
        expect(result.digest()).toBe(runBacktest(run, [...series].reverse()).digest());
        expect(result.denials.filter(({ policy }) => policy === 'buying-power')).toEqual([]);
        const { count } = result.orders;
        const ids = new RunIds(run, result);
        const names = column(result.orders.slice, count).map((_, order) => ids.orderId(order));
        expect(new Set(names).size).toBe(count);
      }),
      { numRuns: 60 },
    );
  });
});
