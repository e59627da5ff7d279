import { describe, expect, it } from 'vitest';
import { toldByEngine, toldByOracle } from './test-oracle-engine.ts';
import { diceOf, type Features, rulesOf, symbolOf } from './test-oracle-random.ts';

const PLAIN: Features = {
  ...{ symbols: 1, hasExits: false, hasTrails: false, hasCap: false, hasActions: false },
  ...{ hasLossLimit: false, timesInForce: ['day', 'gtc'], isSameClose: false },
};
const ALL_TIMES = ['day', 'gtc', 'ioc', 'onOpen', 'onClose'] as const;
const NAMES = ['AAA', 'BBB', 'CCC'];
const CASES = 30;
const EXITS = { hasExits: true, hasTrails: true };
const EVERYTHING = {
  ...{ ...EXITS, symbols: 3, hasCap: true, hasActions: true, hasLossLimit: true },
  ...{ timesInForce: ALL_TIMES, hasFutures: true, hasNights: true, hasSchedule: true },
  hasEntryStops: true,
};

const WORLDS: readonly (readonly [title: string, features: Partial<Features>])[] = [
  ['market and limit orders of three symbols that share cash', { symbols: 3 }],
  ['all times in force', { symbols: 2, timesInForce: ALL_TIMES }],
  ['stops, targets and trails', EXITS],
  ['a volume cap', { hasCap: true, timesInForce: ALL_TIMES }],
  ['fills at the close that decided, within a volume cap', { isSameClose: true, hasCap: true }],
  ['fills at the close that decided, with exits', { isSameClose: true, ...EXITS }],
  ['splits and dividends', { hasActions: true, symbols: 2 }],
  ['splits of exits', { hasActions: true, ...EXITS }],
  ['a daily loss that halts', { hasLossLimit: true, symbols: 2, hasExits: true }],
  [
    'a daily loss from what the fills at the last close left',
    { hasLossLimit: true, isSameClose: true },
  ],
  ['exits under a volume cap', { hasCap: true, ...EXITS }],
  ['exits and all times in force', { timesInForce: ALL_TIMES, ...EXITS }],
  [
    'a daily loss of two symbols whose bars do not end together',
    { hasLossLimit: true, isSameClose: true, symbols: 2 },
  ],
  ['futures', { hasFutures: true, symbols: 2, hasLossLimit: true, hasCap: true, ...EXITS }],
  ['markets that never close', { hasNights: true, symbols: 3, timesInForce: ALL_TIMES }],
  ['dividends beside markets that never close', { hasNights: true, symbols: 2, hasActions: true }],
  ['schedules', { hasSchedule: true, hasNights: true, symbols: 2, ...EXITS }],
  ['everything at once', EVERYTHING],
  ['everything at once, at the close that decided', { ...EVERYTHING, isSameClose: true }],
];

describe('the engine and the oracle', () => {
  it.each(WORLDS)('tell the same to the micro of %s', (_title, more) => {
    const features = { ...PLAIN, ...more };
    let fills = 0;
    for (let seed = 0; seed < CASES; seed += 1) {
      const dice = diceOf(seed);
      const rules = rulesOf(dice, features);
      const symbols = NAMES.slice(0, features.symbols).map((name) =>
        symbolOf(dice, name, features),
      );
      const engine = toldByEngine(rules, symbols);
      expect({ seed, ...toldByOracle(rules, symbols) }).toEqual({ seed, ...engine });
      fills += engine.fills.length;
    }
    expect(fills).toBeGreaterThan(4 * CASES);
  });
});
