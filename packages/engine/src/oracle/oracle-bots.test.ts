import { describe, expect, it } from 'vitest';
import { botsByEngine, botsByOracle, type ToldOfBots } from './test-oracle-bots.ts';
import { cash, type Row, PLAIN as TABLE_RULES, table, want } from './test-oracle-cases.ts';
import type { OracleRules, OracleSymbol } from './test-oracle-model.ts';
import { diceOf, type Features, rulesOf, symbolOf, wantsOf } from './test-oracle-random.ts';

const LONG = want(1);
const FLAT = want(0);
const MICROS = 1_000_000;

/** Holds the core that runs live and the oracle to each other; returns what both say, briefly. */
function check(rules: Partial<OracleRules>, symbols: readonly OracleSymbol[]) {
  const told: ToldOfBots = botsByEngine({ ...TABLE_RULES, ...rules }, symbols);
  expect(botsByOracle({ ...TABLE_RULES, ...rules }, symbols)).toEqual(told);
  const fills = told.fills.map((fill) => {
    const [, slice, bot, quantity, price] =
      /^(\d+) of \d+ (\w+) \w+ leg \d+: (-?\d+) @(\d+)/.exec(fill) ?? [];
    return `${slice} ${bot} ${quantity} @${Number(price) / 1_000_000_000}`;
  });
  return { ...told, fills, cash: told.cash.map((micros) => micros / MICROS) };
}

/** The same bars for two bots that want different things. */
function pair(
  rows: readonly Row[],
  a: readonly OracleSymbol['wants'][number][],
  b: readonly OracleSymbol['wants'][number][],
): readonly OracleSymbol[] {
  const symbol = table('AAA', rows);
  const pad = (wants: typeof a) => rows.map((_, row) => wants[row]);
  return [
    { ...symbol, bot: 'b', wants: pad(b) },
    { ...symbol, bot: 'a', wants: pad(a) },
  ];
}

describe('two bots on one account, by hand', () => {
  const rows: Row[] = [
    [10, 10, 10, 10],
    [10, 10, 10, 10],
    [11, 11, 11, 11],
  ];

  it('share its cash: the first by name takes it, the other is refused', () => {
    const told = check(
      { policies: ['buying-power'], cash: cash(1_500) },
      pair(rows, [LONG], [LONG]),
    );
    expect(told.fills).toEqual(['1 a 100 @10']);
    expect(told.denials).toEqual(['0 b AAA buying-power']);
    expect(told.cash).toEqual([1_500, 500, 500]);
  });

  it('hold each for itself: one closes its own, the other stays', () => {
    const told = check({}, pair(rows, [LONG, FLAT], [LONG]));
    expect(told.fills).toEqual(['1 a 100 @10', '1 b 100 @10', '2 a -100 @11']);
    expect(told.cash).toEqual([100_000, 98_000, 99_100]); // + 100 × 11
    expect(told.equity.at(-1)).toBe(100_200 * MICROS); // 99,100 + 100 × 11
  });

  it('share the volume of a bar: who decided first is served first', () => {
    const thin: Row[] = [
      [10, 10, 10, 10],
      [10, 10, 10, 10, undefined, 700], // a tenth: 70, all of it to the one that asked before
      [11, 11, 11, 11, undefined, 900], // 90: 30 are left of its 100, 60 for the other
      [12, 12, 12, 12, undefined, 900], // 40 are left of the other's
    ];
    const told = check({ cap: 100_000n }, pair(thin, [undefined, LONG], [LONG]));
    expect(told.fills).toEqual(['1 b 70 @10', '2 b 30 @11', '2 a 60 @11', '3 a 40 @12']);
    expect(told.cash).toEqual([100_000, 99_300, 98_310, 97_830]); // - 700, - 990, - 480
  });

  it('keep to one limit of the symbol together', () => {
    const limits = { policies: ['symbol-notional'], maxSymbol: cash(1_500) } as const;
    const told = check(limits, pair(rows, [LONG], [want(-1)]));
    expect(told.fills).toEqual(['1 a 100 @10']);
    expect(told.denials).toEqual(['0 b AAA symbol-notional']); // nothing is netted
  });

  it('cancel their own orders alone: those of the other go on', () => {
    const thin: Row[] = [
      [10, 10, 10, 10],
      [10, 10, 10, 10, undefined, 1_500], // 150: the first by id has its 100, the other 50
      [11, 11, 11, 11],
    ];
    const both = check({ cap: 100_000n }, pair(thin, [LONG, FLAT], [LONG, FLAT]));
    const sold = both.fills.filter((fill) => fill.startsWith('2'));
    expect(sold.map((fill) => fill.split(' ')[2]).sort()).toEqual(['-100', '-50']);
    const one = check({ cap: 100_000n }, pair(thin, [LONG, FLAT], [LONG]));
    const held = one.fills.filter((fill) => fill.includes(' b '));
    expect(held.reduce((sum, fill) => sum + Number(fill.split(' ')[2]), 0)).toBe(100);
  });
});

describe('several bots on one account, at random', () => {
  const PLAIN: Features = {
    ...{ symbols: 1, hasExits: false, hasTrails: false, hasCap: false, hasActions: false },
    ...{ hasLossLimit: false, timesInForce: ['day', 'gtc'], isSameClose: false },
  };
  const ALL_TIMES = ['day', 'gtc', 'ioc', 'onOpen', 'onClose'] as const;
  const EXITS = { hasExits: true, hasTrails: true };
  const CASES = 20;

  it.each<readonly [string, Partial<Features>]>([
    ['orders of all times in force in two symbols', { symbols: 2, timesInForce: ALL_TIMES }],
    ['stops, targets and trails', EXITS],
    ['a volume cap that they share', { hasCap: true, symbols: 2, timesInForce: ALL_TIMES }],
    ['exits within it', { hasCap: true, hasEntryStops: true, ...EXITS }],
    [
      'everything that a core runs',
      {
        ...{ ...EXITS, symbols: 2, hasCap: true, timesInForce: ALL_TIMES, hasEntryStops: true },
        ...{ hasFutures: true, hasNights: true, hasSchedule: true },
      },
    ],
    ['all of that, at the close that decided', { ...EXITS, hasCap: true, isSameClose: true }],
  ])('are told the same to the micro of %s', (_title, more) => {
    const features = { ...PLAIN, ...more };
    let fills = 0;
    for (let seed = 0; seed < CASES; seed += 1) {
      const dice = diceOf(seed);
      const rules = { ...rulesOf(dice, features), closeAtEnd: false };
      const symbols = ['AAA', 'BBB'].slice(0, features.symbols).flatMap((name) => {
        const one = symbolOf(dice, name, features);
        const others = ['a', 'c'].map((bot) => ({
          ...{ ...one, bot },
          wants: wantsOf(dice, one.bars, features),
        }));
        return [{ ...one, bot: 'b' }, ...others];
      });
      const engine = botsByEngine(rules, symbols);
      expect({ seed, ...botsByOracle(rules, symbols) }).toEqual({ seed, ...engine });
      fills += engine.fills.length;
    }
    expect(fills).toBeGreaterThan(4 * CASES);
  });
});
