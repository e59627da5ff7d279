import type { SizingRule } from '@capstan/domain';

export const SYMBOLS = ['AAA', 'BBB', 'CCC'] as const;

/** A bot of a world. */
export interface SimBot {
  readonly botId: string;
  readonly strategy: string;
  readonly params: Readonly<Record<string, number>>;
  readonly sizing: SizingRule;
  readonly symbols: readonly string[];
}

const BREAKOUT: SimBot = {
  ...{ botId: 'breakout', strategy: 'breakout', params: {}, symbols: SYMBOLS },
  sizing: {
    kind: 'atrRisk',
    riskMicros: 4_000_000,
    atrBars: 5,
    atrMultiple: 2,
    maxFraction: 0.2,
  },
};

const FAST: SimBot = {
  ...{ botId: 'fast', strategy: 'ma-cross', params: { fast: 2, slow: 5 }, symbols: SYMBOLS },
  sizing: { kind: 'equityFraction', fraction: 0.5 },
};

const SLOW: SimBot = {
  ...{ botId: 'slow', strategy: 'ma-cross', params: { fast: 3, slow: 9 }, symbols: SYMBOLS },
  sizing: { kind: 'equityFraction', fraction: 0.6 },
};

export const BOTS: readonly SimBot[] = [BREAKOUT, FAST, SLOW];

/** Where bots fill each other: `slow` is against `fast` at once, by another size, and one symbol alone has orders that wait. */
export const CROSSING_BOTS: readonly SimBot[] = [
  { ...BREAKOUT, symbols: ['CCC'] },
  { ...FAST, sizing: { kind: 'equityFraction', fraction: 0.2 } },
  {
    ...SLOW,
    ...{ strategy: 'contrary', params: FAST.params },
    sizing: { kind: 'equityFraction', fraction: 0.15 },
  },
];
