import type { streaming } from '@alpacahq/alpaca-trade-api';
import { type Bar, type MarketEvent, type TimeUs, US_PER_MINUTE } from '@capstan/domain';
import { wholeUnits } from '../../market/whole-units.ts';
import { nanosOfNumber } from '../../requests/exact-numbers.ts';
import { InstantReader } from '../../requests/instant.ts';
import { marketFailure } from '../../requests/market-failure.ts';
import { REVISIONS_KEPT_MINUTES } from './limits.ts';

/**
 * Codes of trading statuses that stop or resume trading; others, such as price indications, say nothing of it.
 * @source CTA: 2 halt, 3 resume; UTP: H halt, P volatility pause, T trading resumes, which Q, quotes resume, comes before.
 */
const HALTED: ReadonlyMap<string, boolean> = new Map([
  ['2', true],
  ['H', true],
  ['P', true],
  ['3', false],
  ['T', false],
]);

/** Makes the port's events of what Alpaca's client hands out. */
export class StreamEvents {
  readonly #instants = new InstantReader();
  readonly #revisions = new Map<string, number>();
  #lastStartUs = 0;

  bar(bar: streaming.StreamBar): MarketEvent {
    return { kind: 'bar', bar: this.#barOf(bar, 0) };
  }

  /** A bar that late trades have changed: the next revision of it. */
  updatedBar(bar: streaming.StreamBar): MarketEvent {
    const read = this.#barOf(bar, 0);
    const key = `${read.symbol} ${read.startUs}`;
    const revision = (this.#revisions.get(key) ?? 0) + 1;
    this.#revisions.delete(key);
    this.#revisions.set(key, revision);
    this.#forget(read.startUs);
    return { kind: 'bar', bar: { ...read, revision } };
  }

  trade(trade: streaming.StreamTrade): MarketEvent {
    return {
      kind: 'trade',
      trade: {
        symbol: trade.symbol,
        atUs: this.#at(trade),
        priceNanos: nanosOfNumber(trade.price),
        size: wholeUnits(trade.size),
        tradeId: trade.idRaw ?? String(trade.id),
        exchange: trade.exchange,
        conditions: trade.conditions,
      },
    };
  }

  /** A trade that was told wrongly: it did not happen, and another did. */
  correction(told: streaming.StreamCorrection): readonly MarketEvent[] {
    const { symbol } = told;
    const original = told.originalIdRaw ?? String(told.originalId);
    return [
      { kind: 'tradeCancelled', symbol, tradeId: original },
      {
        kind: 'trade',
        trade: {
          symbol,
          atUs: this.#at(told),
          priceNanos: nanosOfNumber(told.correctedPrice),
          size: wholeUnits(told.correctedSize),
          tradeId: told.correctedIdRaw ?? String(told.correctedId),
          exchange: told.exchange ?? '',
          conditions: told.correctedConditions,
        },
      },
    ];
  }

  cancelled(told: streaming.StreamCancelError): MarketEvent {
    const tradeId = told.idRaw ?? String(told.id);
    return { kind: 'tradeCancelled', symbol: told.symbol, tradeId };
  }

  quote(quote: streaming.StreamQuote): MarketEvent {
    return {
      kind: 'quote',
      quote: {
        symbol: quote.symbol,
        atUs: this.#at(quote),
        bidNanos: nanosOfNumber(quote.bidPrice ?? 0),
        bidSize: wholeUnits(quote.bidSize ?? 0),
        askNanos: nanosOfNumber(quote.askPrice ?? 0),
        askSize: wholeUnits(quote.askSize ?? 0),
      },
    };
  }

  /** @returns nothing where the status says neither that trading stops nor that it goes on. */
  status(status: streaming.StreamStatus): MarketEvent | undefined {
    const halted = HALTED.get(status.statusCode ?? '');
    return halted === undefined ? undefined : { kind: 'halt', symbol: status.symbol, halted };
  }

  #barOf(bar: streaming.StreamBar, revision: number): Bar {
    const startUs = this.#at(bar);
    return {
      symbol: bar.symbol,
      timeframe: '1m',
      startUs,
      endUs: (startUs + US_PER_MINUTE) as TimeUs,
      revision,
      openNanos: nanosOfNumber(bar.open),
      highNanos: nanosOfNumber(bar.high),
      lowNanos: nanosOfNumber(bar.low),
      closeNanos: nanosOfNumber(bar.close),
      volume: wholeUnits(bar.volume),
    };
  }

  #at({ timestampRaw }: { readonly timestampRaw?: string }): TimeUs {
    if (timestampRaw !== undefined) return this.#instants.read(timestampRaw);
    throw marketFailure('MARKET.ANSWER', { why: 'Alpaca streamed something without a time.' });
  }

  /** Counts of bars that are corrected no more are not kept. */
  #forget(startUs: number): void {
    this.#lastStartUs = Math.max(this.#lastStartUs, startUs);
    const keptFromUs = this.#lastStartUs - REVISIONS_KEPT_MINUTES * US_PER_MINUTE;
    for (const key of this.#revisions.keys()) {
      if (Number(key.slice(key.lastIndexOf(' ') + 1)) >= keptFromUs) break;
      this.#revisions.delete(key);
    }
  }
}
