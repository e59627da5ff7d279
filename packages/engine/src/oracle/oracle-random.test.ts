import { describe, expect, it } from 'vitest';
import { toldByEngine, toldByOracle } from './test-oracle-engine.ts';
import { diceOf, type Features, rulesOf, symbolOf } from './test-oracle-random.ts';

const PLAIN: Features = {
  ...{ symbols: 1, hasExits: false, hasTrails: false, hasCap: false, hasActions: false },
  ...{ hasLossLimit: false, timesInForce: ['day', 'gtc'], isSameClose: false },
};
const ALL_TIMES = ['day', 'gtc', 'ioc', 'onOpen', 'onClose'] as const;
const NAMES = ['AAA', 'BBB', 'CCC'];
const CASES = 40;

const WORLDS: readonly (readonly [title: string, features: Partial<Features>])[] = [
  ['market and limit orders of three symbols that share cash', { symbols: 3 }],
  ['all times in force', { symbols: 2, timesInForce: ALL_TIMES }],
  ['stops, targets and trails', { hasExits: true, hasTrails: true }],
  ['a volume cap', { hasCap: true, timesInForce: ALL_TIMES }],
  ['fills at the close that decided, within a volume cap', { isSameClose: true, hasCap: true }],
  [
    'fills at the close that decided, with exits',
    { isSameClose: true, hasExits: true, hasTrails: true },
  ],
  ['splits and dividends', { hasActions: true, symbols: 2 }],
  ['splits of exits', { hasActions: true, hasExits: true, hasTrails: true }],
  ['a daily loss that halts', { hasLossLimit: true, symbols: 2, hasExits: true }],
  [
    'a daily loss from what the fills at the last close left',
    { hasLossLimit: true, isSameClose: true },
  ],
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
    expect(fills).toBeGreaterThan(5 * CASES);
  });
});
