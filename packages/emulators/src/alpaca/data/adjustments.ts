import type { PathAction } from '../../market/daily-path.ts';
import type { MarketWorld } from '../../market/market-world.ts';

export const ADJUSTMENTS = ['raw', 'split', 'dividend', 'spin-off', 'all'] as const;
export type Adjustment = (typeof ADJUSTMENTS)[number];

/** What a day's prices are multiplied by, and what its share counts are divided by. */
export interface AdjustmentFactors {
  readonly price: number;
  readonly shares: number;
}

export const RAW: AdjustmentFactors = { price: 1, shares: 1 };

/** Restates a symbol's bars by the splits and dividends that came after them. */
export class Adjustments {
  readonly #actions: readonly PathAction[];
  readonly #closeBefore: (action: PathAction) => number;

  /** @param asOfIndex the trading day as of which bars are restated: later actions are not known. */
  constructor(
    world: MarketWorld,
    symbol: string,
    adjustments: readonly Adjustment[],
    asOfIndex: number,
  ) {
    const all = adjustments.includes('all');
    const kinds = new Set<PathAction['kind']>();
    if (all || adjustments.includes('split')) kinds.add('split');
    if (all || adjustments.includes('dividend')) kinds.add('dividend');
    this.#actions =
      kinds.size === 0
        ? []
        : world.actions(symbol).filter(({ kind, index }) => kinds.has(kind) && index <= asOfIndex);
    this.#closeBefore = ({ index }) => world.previousClose(symbol, world.days.at(index));
  }

  /** Returns the factors of a day's bars. */
  at(index: number): AdjustmentFactors {
    let price = 1;
    let shares = 1;
    for (const action of this.#actions) {
      if (action.index <= index) continue;
      if (action.kind === 'split') {
        const ratio = action.oldShares / action.newShares;
        price *= ratio;
        shares *= ratio;
      } else price *= 1 - action.perShare / this.#closeBefore(action);
    }
    return price === 1 && shares === 1 ? RAW : { price, shares };
  }
}
