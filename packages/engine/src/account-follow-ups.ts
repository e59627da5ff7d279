import { mulDivRound, type PriceNanos, priceNanos, type Signal, type Split } from '@capstan/domain';

/** An opinion that is decided once more, when the orders that it waits for have ended. Plain data, safe for JSON. */
export interface FollowUp {
  readonly signal: Signal;
  /** Of its bot: at the slices of this feed it is looked at. */
  readonly feed: string;
  /** Orders that its intent has had so far, from 0. */
  readonly attempts: number;
  /** Orders that were cancelled for it, and the last one of its own; sorted. */
  readonly waitsFor: readonly string[];
}

type Owner = Pick<Signal, 'botId' | 'symbol'>;

const PRICES = [
  'limitPriceNanos',
  'entryStopPriceNanos',
  'stopPriceNanos',
  'takeProfitPriceNanos',
  'trailNanos',
  'atrNanos',
] as const satisfies readonly (keyof Signal)[];

/** The follow-ups of an account: at most one for each bot and symbol, that of its newest opinion. */
export class FollowUps {
  readonly #byOwner = new Map<string, FollowUp>();

  put(followUp: FollowUp): void {
    this.#byOwner.set(keyOf(followUp.signal), followUp);
  }

  remove(owner: Owner): void {
    this.#byOwner.delete(keyOf(owner));
  }

  get count(): number {
    return this.#byOwner.size;
  }

  /** Returns them sorted by bot and symbol. */
  all(): readonly FollowUp[] {
    return [...this.#byOwner].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }

  /** Puts the prices of a symbol's opinions on the share count after a split, to the nearest nano. */
  restate(symbol: string, { newShares, oldShares }: Split): void {
    for (const [key, followUp] of this.#byOwner) {
      const { signal } = followUp;
      if (signal.symbol !== symbol) continue;
      const prices: Partial<Record<(typeof PRICES)[number], PriceNanos>> = {};
      for (const name of PRICES) {
        const price = signal[name];
        if (price !== undefined)
          prices[name] = priceNanos(mulDivRound(price, oldShares, newShares));
      }
      this.#byOwner.set(key, { ...followUp, signal: { ...signal, ...prices } });
    }
  }
}

const keyOf = ({ botId, symbol }: Owner): string => `${botId}\n${symbol}`;
