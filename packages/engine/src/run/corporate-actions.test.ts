import { describe, expect, it } from 'vitest';
import type { CorporateAction } from './corporate-action.ts';
import { runBacktest } from './run-backtest.ts';
import { scripted, scriptedSpec, session } from './test-scripted-run.ts';

const BEFORE = '2024-07-02';
const AFTER = '2024-07-03';
const LATER = '2024-07-05';

const split = (newShares: number, oldShares: number): CorporateAction => ({
  kind: 'split',
  exDate: AFTER,
  newShares,
  oldShares,
});
const dividend = (cents: number, payDate?: string): CorporateAction => ({
  kind: 'dividend',
  exDate: AFTER,
  ...(payDate === undefined ? {} : { payDate }),
  amountPerUnitNanos: cents * 10_000_000,
});

function run(want: 'long' | 'short', after: number, actions: readonly CorporateAction[]) {
  const bars = [
    ...session(BEFORE, [[1_000, want], [1_000], [1_200]]),
    ...session(AFTER, [[after], [after, 'flat'], [after]]),
    ...session(LATER, [[after], [after]]),
  ];
  return runBacktest(scriptedSpec(), [scripted('AAA', bars, { actions })]);
}

const MICROS = 1_000_000;
const inUnits = (column: Float64Array) => [...column].map((micros) => micros / MICROS);

describe('a split', () => {
  it('multiplies the shares and moves no equity', () => {
    const result = run('long', 300, [split(4, 1)]);
    const { fills } = result;
    expect([...fills.quantity.subarray(0, fills.count)]).toEqual([100, 400]);
    expect(inUnits(result.equityMicros)).toEqual([
      ...[100_000, 100_000, 100_200],
      ...[100_200, 100_200, 100_200, 100_200, 100_200],
    ]);
    expect(result.cashEvents).toEqual([]);
    expect(result.positions[0]?.position).toMatchObject({
      quantity: 0,
      realisedMicros: 200 * MICROS,
    });
  });

  it('pays what is less than a lot at the restated close', () => {
    const result = run('long', 3_600, [split(1, 3)]);
    expect(result.fills.quantity[1]).toBe(33);
    expect(result.cashEvents).toMatchObject([
      { kind: 'fraction', slice: 3, symbolIndex: 0, amountMicros: 12 * MICROS },
    ]);
    expect(inUnits(result.equityMicros).slice(2)).toEqual(Array(6).fill(100_200));
    const short = run('short', 3_600, [split(1, 3)]);
    expect(short.cashEvents).toMatchObject([{ kind: 'fraction', amountMicros: -12 * MICROS }]);
    expect(inUnits(short.equityMicros).slice(2)).toEqual(Array(6).fill(99_800));
  });

  it('restates two splits of one day after each other', () => {
    const result = run('long', 1_800, [split(2, 1), split(1, 3)]);
    expect(result.fills.quantity[1]).toBe(66);
    expect(result.cashEvents).toMatchObject([{ kind: 'fraction', amountMicros: 12 * MICROS }]);
    expect(inUnits(result.equityMicros).slice(2)).toEqual(Array(6).fill(100_200));
  });

  it('restates an order that works over it', () => {
    const bars = [
      ...session(BEFORE, [[1_000, 'gtcLimit'], [1_000]]),
      ...session(AFTER, [[500], [498], [500]]),
    ];
    const result = runBacktest(scriptedSpec(), [scripted('AAA', bars, { actions: [split(2, 1)] })]);
    const { fills, orders } = result;
    expect([orders.count, fills.count]).toEqual([1, 1]);
    expect([fills.quantity[0], fills.priceNanos[0], fills.slice[0]]).toEqual([
      ...[200, 4_980_000_000, 3],
    ]);
    expect([orders.quantity[0], orders.limitPriceNanos[0]]).toEqual([100, 9_980_000_000]);
  });

  it('before the first bar, or after the last, changes nothing', () => {
    const early: CorporateAction = { ...split(2, 1), exDate: '2024-07-01' };
    const late: CorporateAction = { ...split(2, 1), exDate: '2024-07-08' };
    expect(run('long', 1_200, [early, late]).digest()).toBe(run('long', 1_200, []).digest());
  });
});

describe('a dividend', () => {
  it('is in equity from the ex-date and in cash from the pay date', () => {
    const result = run('long', 1_100, [dividend(100, LATER)]);
    expect(result.cashEvents).toMatchObject([
      { kind: 'accrual', slice: 3, amountMicros: 100 * MICROS },
      { kind: 'dividend', slice: 6, amountMicros: 100 * MICROS },
    ]);
    expect(inUnits(result.equityMicros).slice(2)).toEqual(Array(6).fill(100_200));
    expect(inUnits(result.cashMicros).slice(2)).toEqual([
      ...[99_000, 99_000, 99_000, 100_100, 100_200, 100_200],
    ]);
    expect(result.finalCashMicros).toBe(100_200 * MICROS);
  });

  it('is cash on the ex-date where no pay date is given', () => {
    const result = run('long', 1_100, [dividend(100)]);
    expect(result.cashEvents).toMatchObject([{ kind: 'dividend', slice: 3 }]);
    expect(inUnits(result.cashMicros).slice(2, 4)).toEqual([99_000, 99_100]);
  });

  it('is paid by a short', () => {
    const result = run('short', 1_100, [dividend(100)]);
    expect(result.cashEvents).toMatchObject([{ amountMicros: -100 * MICROS }]);
    expect(inUnits(result.equityMicros).slice(2)).toEqual(Array(6).fill(99_800));
  });

  it('stays accrued where the pay date is after the last bar', () => {
    const result = run('long', 1_100, [dividend(100, '2024-08-01')]);
    expect(result.finalEquityMicros).toBe(100_200 * MICROS);
    expect(result.finalCashMicros).toBe(100_100 * MICROS);
  });

  it('is counted on the share count after a split of the same day', () => {
    const result = run('long', 500, [dividend(100), split(2, 1)]);
    expect(result.cashEvents).toMatchObject([{ amountMicros: 200 * MICROS }]);
  });

  it('earns nothing for what is not held', () => {
    const bars = [...session(BEFORE, [[1_000]]), ...session(AFTER, [[900]])];
    const result = runBacktest(scriptedSpec(), [
      scripted('AAA', bars, { actions: [dividend(100)] }),
    ]);
    expect(result.cashEvents).toEqual([]);
  });
});
