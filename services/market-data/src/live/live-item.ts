import type { Bar, MarketEvent, MarketQuote, TimeUs } from '@capstan/domain';
import type { StreamKind, StreamWish } from '@capstan/ports';
import type { Market } from './minute-grid.ts';
import type { SaleRule } from './sale-conditions.ts';
import type { ClosedSlice } from './slice-book.ts';

/** Something else that a feed's one connection to its vendor serves. */
export interface StreamGuest {
  /** What the stream is to bring for it. */
  readonly wish: StreamWish;
  /** Takes what the stream says, whatever it is about. */
  hear(event: MarketEvent): void;
  /** Is told whom to tell that its wish has changed. */
  onWish(changed: () => void): void;
}

/** How a feed is made of what a vendor tells. */
export interface LiveMarketRules {
  readonly feed: string;
  /** What bars are made of. */
  readonly from: StreamKind;
  readonly sales: SaleRule;
  readonly marketOf: (symbol: string) => Market;
  /** How long after the end of a minute its bars are waited for. */
  readonly graceUs: number;
  /** How long after the end of a minute the vendor's history has it. */
  readonly settleUs: number;
  /** How long nothing may come while a market is open. */
  readonly staleUs: number;
  readonly historySessions: number;
  /** Is handed every quote; quotes are asked for only where it is there, or bars are made of them. */
  readonly onQuote?: (quote: MarketQuote) => void;
  readonly guest?: StreamGuest;
}

/** Where a feed goes on. */
export interface LiveStart {
  /** End of the last slice that was published, or of the past; `undefined` for a feed that was never open. */
  readonly closedUs: TimeUs | undefined;
  /** Symbols whose past is journaled. */
  readonly known: readonly string[];
  readonly wanted: readonly string[];
}

/** How a feed is. */
export interface LiveState {
  readonly connected: boolean;
  /** Nothing came for too long while a market is open. */
  readonly stale: boolean;
  /** By how much our clock and the vendor's are apart at the least. */
  readonly clockApartUs: number;
  /** Symbols whose trading is halted, sorted. */
  readonly halted: readonly string[];
  /** Symbols that the vendor does not know, with what it says. */
  readonly unknown: Readonly<Record<string, string>>;
  /** Why it does not get on, in words; '' where it does. */
  readonly problem: string;
}

/** What a live market brings, to be written down in this order. */
export type LiveItem =
  /** The past of symbols that have come to the feed, through the last slice that was closed. */
  | { readonly kind: 'past'; readonly symbols: readonly string[]; readonly bars: readonly Bar[] }
  /** All of the past is there: slices follow that end after this. */
  | { readonly kind: 'opened'; readonly endUs: TimeUs }
  | { readonly kind: 'slice'; readonly slice: ClosedSlice }
  /** Bars of slices that are closed, as they are known now. */
  | { readonly kind: 'corrections'; readonly bars: readonly Bar[] }
  /** Symbols that nobody wants any more. */
  | { readonly kind: 'left'; readonly symbols: readonly string[] }
  | { readonly kind: 'state'; readonly state: LiveState };
