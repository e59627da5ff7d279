import { describe, expect, it } from 'vitest';
import { type Row, PLAIN as TABLE_RULES, table, want } from './test-oracle-cases.ts';
import { toldByEngine, toldByOracle } from './test-oracle-engine.ts';
import type { OracleRules } from './test-oracle-model.ts';
import { diceOf, type Features, rulesOf, symbolOf } from './test-oracle-random.ts';

/** Holds engine and oracle to each other, and both to fills worked out by hand: `slice quantity @price`. */
function fillsOf(rows: readonly Row[], rules: Partial<OracleRules> = {}): readonly string[] {
  const given = { ...TABLE_RULES, ...rules };
  const symbols = [table('AAA', rows)];
  const engine = toldByEngine(given, symbols);
  expect(toldByOracle(given, symbols)).toEqual(engine);
  return engine.fills.map((fill) => {
    const [slice, , , , , , quantity, price = ''] = fill.split(' ');
    return `${slice} ${quantity} @${Number(price.slice(1)) / 1_000_000_000}`;
  });
}

describe('an entry by stop, by hand', () => {
  it('waits until its price trades, and fills there inside the bar', () => {
    const rows: Row[] = [
      [10, 10, 10, 10, want(1, { entryStop: 11 })],
      [10, 10.99, 9.8, 10.5],
      [10.5, 11.4, 10.4, 11.2], // 11.00 trades inside
      [11.2, 11.3, 11.1, 11.2],
    ];
    expect(fillsOf(rows)).toEqual(['2 100 @11']);
  });

  it('fills at the open that gaps over it', () => {
    const rows: Row[] = [
      [10, 10, 10, 10, want(1, { entryStop: 11 })],
      [12, 12.5, 11.5, 12],
    ];
    expect(fillsOf(rows)).toEqual(['1 100 @12']);
  });

  it('pays its slippage beyond the stop', () => {
    const rows: Row[] = [
      [10, 10, 10, 10, want(1, { entryStop: 11 })],
      [10, 11.4, 10, 11.2],
    ];
    expect(fillsOf(rows, { slippageTicks: 2n })).toEqual(['1 100 @11.02']);
    // Not beyond the bar: 11.00 was its high.
    const touched: Row[] = [rows[0] as Row, [10, 11, 10, 10.5]];
    expect(fillsOf(touched, { slippageTicks: 2n })).toEqual(['1 100 @11']);
  });

  it('of a short lies below the price', () => {
    const rows: Row[] = [
      [10, 10, 10, 10, want(-1, { entryStop: 9 }, 'gtc')],
      [10, 10.5, 9.01, 9.5],
      [9.5, 9.6, 8.7, 9.2], // 9.00 trades inside
      [9.2, 9.3, 9.1, 9.2, want(0)],
      [9.1, 9.2, 9, 9.1],
    ];
    expect(fillsOf(rows)).toEqual(['2 -100 @9', '4 100 @9.1']);
    const gap: Row[] = [rows[0] as Row, [8.5, 8.8, 8.2, 8.4]];
    expect(fillsOf(gap)).toEqual(['1 -100 @8.5']);
  });

  it('goes out at once where the deciding close has reached it', () => {
    const rows: Row[] = [
      [10, 10, 10, 10, want(1, { entryStop: 10 })],
      [9.7, 9.9, 9.6, 9.8], // below the stop: it had triggered before
    ];
    expect(fillsOf(rows)).toEqual(['1 100 @9.7']);
  });

  it('ends with its session when it was not reached', () => {
    const early = { kind: 'minutes', date: '2024-07-02', fromMinute: 388 } as const;
    const rows: Row[] = [
      [10, 10, 10, 10, want(1, { entryStop: 11 })],
      [10, 10.5, 9.5, 10],
    ];
    const later = table('AAA', [[12, 12, 12, 12]], {
      grid: { kind: 'minutes', date: '2024-07-03' },
    });
    const first = table('AAA', rows, { grid: early });
    const symbol = {
      ...first,
      bars: [...first.bars, ...later.bars],
      wants: [...first.wants, ...later.wants],
    };
    const told = toldByEngine(TABLE_RULES, [symbol]);
    expect(toldByOracle(TABLE_RULES, [symbol])).toEqual(told);
    expect(told.fills).toEqual([]);
    expect(told.orders).toEqual(['0 AAA leg 0 signal stop 100 @- !11000000000 day filled 0 ended']);
  });

  it('is protected from its fill on: the stop counts in the bar of the entry, the target does not', () => {
    const entry = want(1, { entryStop: 11, stop: 10, target: 12 });
    const whipped: Row[] = [
      [10.5, 10.5, 10.5, 10.5, entry],
      [10.5, 12.5, 9.8, 11], // in at 11.00; 9.80 may have come after: out at 10.00
    ];
    expect(fillsOf(whipped)).toEqual(['1 100 @11', '1 -100 @10']);
    const ran: Row[] = [
      [10.5, 10.5, 10.5, 10.5, entry],
      [10.5, 12.5, 10.4, 11.5], // in at 11.00; whether 12.50 came after nobody knows
      [11.5, 12.4, 11.4, 12.2], // out at 12.00
    ];
    expect(fillsOf(ran)).toEqual(['1 100 @11', '2 -100 @12']);
  });

  it('turns a position around only when it is reached', () => {
    const rows: Row[] = [
      [10, 10, 10, 10, want(1)],
      [10, 10.2, 9.9, 10, want(-1, { entryStop: 9 }, 'gtc')],
      [10, 10.4, 9.5, 9.6], // still long
      [9.6, 9.7, 8.8, 8.9], // 100 to close, 100 to open
    ];
    expect(fillsOf(rows)).toEqual(['1 100 @10', '3 -200 @9']);
  });
});

describe('an entry by stop with a limit, by hand', () => {
  const entry = want(1, { entryStop: 11, limit: 11.2 }, 'gtc');

  it('does not fill where the open gaps over stop and limit, until the price comes back', () => {
    const rows: Row[] = [
      [10, 10, 10, 10, entry],
      [12, 12.5, 11.5, 12], // triggered; 11.20 is not reached
      [12, 12.1, 11.2, 11.4], // touches the limit
      [11.4, 11.5, 11.19, 11.3], // one tick through it
    ];
    expect(fillsOf(rows)).toEqual(['3 100 @11.2']);
  });

  it('fills at an open between stop and limit', () => {
    const rows: Row[] = [
      [10, 10, 10, 10, entry],
      [11.1, 11.5, 11, 11.4],
    ];
    expect(fillsOf(rows)).toEqual(['1 100 @11.1']);
  });

  it('triggered inside a bar fills there only where the bar closed within the limit, at the worst of it', () => {
    const within: Row[] = [
      [10, 10, 10, 10, entry],
      [10, 11.6, 9.9, 11.1],
    ];
    expect(fillsOf(within)).toEqual(['1 100 @11.2']);
    const low: Row[] = [
      [10, 10, 10, 10, entry],
      [10, 11.1, 9.9, 11.05], // the high is the worst that can have been paid
    ];
    expect(fillsOf(low)).toEqual(['1 100 @11.1']);
    const beyond: Row[] = [
      [10, 10, 10, 10, entry],
      [10, 11.6, 9.9, 11.4], // triggered, and away
      [11.3, 11.5, 11.25, 11.4],
      [11.15, 11.2, 11, 11.1], // an open within the limit
    ];
    expect(fillsOf(beyond)).toEqual(['3 100 @11.15']);
  });

  it('never triggers where its stop does not trade, however good the limit is', () => {
    const rows: Row[] = [
      [10, 10, 10, 10, entry],
      [10, 10.99, 9, 9.5],
      [9.5, 10.5, 9.4, 10.2],
    ];
    expect(fillsOf(rows)).toEqual([]);
  });

  it('of a short does the same the other way round', () => {
    const short = want(-1, { entryStop: 9, limit: 8.8 }, 'gtc');
    const gap: Row[] = [
      [10, 10, 10, 10, short],
      [8, 8.5, 7.5, 8], // triggered; 8.80 is not reached
      [8, 8.8, 7.9, 8.6],
      [8.6, 8.81, 8.5, 8.7],
    ];
    expect(fillsOf(gap)).toEqual(['3 -100 @8.8']);
    const within: Row[] = [
      [10, 10, 10, 10, short],
      [10, 10.1, 8.4, 8.9],
    ];
    expect(fillsOf(within)).toEqual(['1 -100 @8.8']);
  });
});

describe('entries by stop at random', () => {
  const PLAIN: Features = {
    ...{ symbols: 1, hasExits: false, hasTrails: false, hasCap: false, hasActions: false },
    ...{ hasLossLimit: false, timesInForce: ['day', 'gtc', 'ioc'], isSameClose: false },
    hasEntryStops: true,
  };
  const CASES = 40;

  it.each<readonly [string, Partial<Features>]>([
    ['two symbols that share cash', { symbols: 2 }],
    ['stops, targets and trails', { hasExits: true, hasTrails: true }],
    ['a volume cap', { hasCap: true }],
    ['splits and dividends', { hasActions: true }],
  ])('are told the same to the micro of %s', (_title, more) => {
    const features = { ...PLAIN, ...more };
    let stops = 0;
    for (let seed = 0; seed < CASES; seed += 1) {
      const dice = diceOf(seed);
      const rules = rulesOf(dice, features);
      const symbols = ['AAA', 'BBB']
        .slice(0, features.symbols)
        .map((name) => symbolOf(dice, name, features));
      const engine = toldByEngine(rules, symbols);
      expect({ seed, ...toldByOracle(rules, symbols) }).toEqual({ seed, ...engine });
      const isStop = (order: string) => / leg 0 signal stop(Limit)? .* filled [1-9]/.test(order);
      stops += engine.orders.filter(isStop).length;
    }
    expect(stops).toBeGreaterThan(2 * CASES);
  });
});
