import { barFromWire, timeframes } from '@capstan/contracts';
import type { PriceNanos, TimeUs } from '@capstan/domain';
import type { BarRecord } from '@capstan/ports';
import type { Clients } from './clients.ts';
import { LIMITS } from './limits.ts';

/** The newest known price of a symbol. */
export interface MarkPrice {
  readonly priceNanos: PriceNanos;
  readonly atUs: TimeUs;
}

/** What of a feed matters for finding a symbol's bars. */
export interface FeedSymbols {
  readonly feed: string;
  readonly symbols: readonly string[];
}

/** The newest prices, from the bars that pass by, and from market-data for those that did not yet. */
export class Marks {
  readonly #market: Pick<Clients['market'], 'getBars'>;
  readonly #bySymbol = new Map<string, { readonly runId: string; readonly mark: MarkPrice }>();

  constructor(market: Pick<Clients['market'], 'getBars'>) {
    this.#market = market;
  }

  /** Takes a bar. An older one of the same run says nothing. */
  learn(bar: BarRecord): void {
    const known = this.#bySymbol.get(bar.symbol);
    if (known !== undefined && known.runId === bar.runId && known.mark.atUs > bar.endUs) return;
    const mark = { priceNanos: bar.closeNanos, atUs: bar.endUs };
    this.#bySymbol.set(bar.symbol, { runId: bar.runId, mark });
  }

  /** Returns the marks of the symbols that have one. @throws RPC.TIMEOUT, RPC.UNAVAILABLE */
  async of(
    symbols: readonly string[],
    feeds: readonly FeedSymbols[],
  ): Promise<ReadonlyMap<string, MarkPrice>> {
    for (const symbol of symbols) {
      if (this.#bySymbol.has(symbol)) continue;
      const feed = feeds.find((one) => one.symbols.includes(symbol));
      if (feed !== undefined) await this.#ask(feed.feed, symbol);
    }
    const known = symbols.flatMap((symbol) => {
      const entry = this.#bySymbol.get(symbol);
      return entry === undefined ? [] : [[symbol, entry.mark] as const];
    });
    return new Map(known);
  }

  async #ask(feed: string, symbol: string): Promise<void> {
    const request = {
      feed,
      symbols: [symbol],
      timeframe: timeframes.toWire('1m'),
      afterUs: 0n,
      throughUs: 0n,
      limit: 1,
    };
    const { bars } = await this.#market.getBars(request, { timeoutMs: LIMITS.rpcTimeoutMs });
    for (const bar of bars) this.learn(barFromWire(bar));
  }
}
