import type { Bar } from './bar.ts';
import type { PriceNanos, TimeUs } from './numbers.ts';

/** A trade on the tape. Its time is when the tape reported it. */
export interface MarketTrade {
  readonly symbol: string;
  readonly atUs: TimeUs;
  readonly priceNanos: PriceNanos;
  /** Traded units, at the instrument's quantity scale; a vendor's fraction of a unit is rounded down. */
  readonly size: number;
  /** The vendor's id of the trade, unique with its exchange within a symbol and day. */
  readonly tradeId: string;
  /** The vendor's code of the exchange. */
  readonly exchange: string;
  /** The tape's sale conditions, as the vendor codes them. */
  readonly conditions: readonly string[];
}

/** The best bid and offer. A side without a quote has a price of 0. */
export interface MarketQuote {
  readonly symbol: string;
  readonly atUs: TimeUs;
  readonly bidNanos: PriceNanos;
  readonly bidSize: number;
  readonly askNanos: PriceNanos;
  readonly askSize: number;
}

/** What was traded of a symbol in one second: a second without a trade has none. */
export interface SecondBar {
  readonly symbol: string;
  /** It lasts one second from then. */
  readonly startUs: TimeUs;
  readonly openNanos: PriceNanos;
  readonly highNanos: PriceNanos;
  readonly lowNanos: PriceNanos;
  readonly closeNanos: PriceNanos;
  /** Units, as of a trade. */
  readonly volume: number;
}

export const OPTION_RIGHTS = ['call', 'put'] as const;
export type OptionRight = (typeof OPTION_RIGHTS)[number];

/** A listed option. */
export interface OptionContract {
  /** The OCC symbol without padding, such as `AAPL260116C00150000`. */
  readonly symbol: string;
  readonly underlying: string;
  readonly right: OptionRight;
  /** `YYYY-MM-DD`. */
  readonly expiration: string;
  readonly strikeNanos: PriceNanos;
  /** Units of the underlying a contract: 100 unless it was adjusted. */
  readonly multiplier: number;
  readonly style: 'american' | 'european';
}

/** Greeks as the vendor models them: statistics, not money. */
export interface OptionGreeks {
  readonly delta: number;
  readonly gamma: number;
  readonly theta: number;
  readonly vega: number;
}

/** An option of a chain, with what the vendor knows of it now. */
export interface OptionSnapshot {
  readonly contract: OptionContract;
  readonly quote?: MarketQuote;
  readonly lastTrade?: MarketTrade;
  readonly greeks?: OptionGreeks;
  /** A year, as a fraction: 0.25 is 25 %. */
  readonly impliedVolatility?: number;
  readonly openInterest?: number;
}

/** A corporate action of a symbol, by ex-date in the exchange's own days. */
export type MarketAction = {
  readonly symbol: string;
  /** `YYYY-MM-DD`. */
  readonly exDate: string;
} & (
  | {
      readonly kind: 'split';
      /** New units for so many old ones: 4 for 1 is a four-for-one split, 1 for 10 a reverse split. */
      readonly newUnits: number;
      readonly oldUnits: number;
    }
  | {
      readonly kind: 'dividend';
      /** Cash a unit, raw. */
      readonly perUnitNanos: PriceNanos;
      /** `YYYY-MM-DD`, where it is known. */
      readonly payDate?: string;
    }
);

/** A session as a vendor's calendar has it. */
export interface MarketSession {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly openUs: TimeUs;
  readonly closeUs: TimeUs;
}

/** What a vendor's stream says. */
export type MarketEvent =
  /** A bar of one minute; a later revision of the same span corrects it. */
  | { readonly kind: 'bar'; readonly bar: Bar }
  /** A bar of one second; a later one of the same second corrects it. */
  | { readonly kind: 'second'; readonly second: SecondBar }
  | { readonly kind: 'trade'; readonly trade: MarketTrade }
  /** A trade did not happen after all. */
  | { readonly kind: 'tradeCancelled'; readonly symbol: string; readonly tradeId: string }
  | { readonly kind: 'quote'; readonly quote: MarketQuote }
  | { readonly kind: 'halt'; readonly symbol: string; readonly halted: boolean }
  /** The stream is there and listens to all that is wanted. What it would have said before is lost: see `bars`. */
  | { readonly kind: 'connected' }
  /** The stream broke off; it is taken up again without anybody's doing. */
  | { readonly kind: 'disconnected'; readonly reason: string };
