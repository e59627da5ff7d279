import { expect } from 'vitest';
import { PLAIN } from './test-oracle-cases.ts';
import { type Told, toldByEngine, toldByOracle } from './test-oracle-engine.ts';
import type { OracleRules, OracleSymbol } from './test-oracle-model.ts';

/** What a person worked out: fills as `slice symbol quantity @price`, and dollars after each slice. */
interface Expected {
  readonly fills: readonly string[];
  readonly cash: readonly number[];
  readonly equity: readonly number[];
}

const MICROS = 1_000_000;

function brief({ fills, cash: micros, equity }: Told): Expected {
  return {
    fills: fills.map((fill) => {
      const [slice, symbol, , , , , quantity, price = ''] = fill.split(' ');
      return `${slice} ${symbol} ${quantity} @${Number(price.slice(1)) / 1_000_000_000}`;
    }),
    cash: micros.map((amount) => amount / MICROS),
    equity: equity.map((amount) => amount / MICROS),
  };
}

/** Holds the engine and the oracle to each other in all that they tell, and to what was worked out by hand. */
export function check(
  rules: Partial<OracleRules>,
  symbols: readonly OracleSymbol[],
  expected: Expected,
): Told {
  const engine = toldByEngine({ ...PLAIN, ...rules }, symbols);
  expect(brief(engine)).toEqual(expected);
  expect(toldByOracle({ ...PLAIN, ...rules }, symbols)).toEqual(engine);
  return engine;
}
