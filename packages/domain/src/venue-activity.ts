import type { CashEventKind } from './cash-event.ts';
import type { CashMicros, PriceNanos, TimeUs } from './numbers.ts';
import type { Split } from './split.ts';

/** A split of what an account holds, or cash that comes or goes without a trade, as the venue tells it. */
export type VenueActivity = {
  /** The venue's own, unique within the account. */
  readonly activityId: string;
  readonly accountId: string;
  /** When it took effect at the venue. */
  readonly eventAtUs: TimeUs;
  /** Sequence of the account's last event before it; where the venue does not say, times tell what came first. */
  readonly afterSequence?: number;
} & (VenueSplit | VenueDividend | VenueCash);

export interface VenueSplit extends Split {
  readonly kind: 'split';
  readonly symbol: string;
  /** Cash that the venue paid for what was less than a lot; what it pays later is an activity of its own. */
  readonly fractionMicros: CashMicros;
}

export interface VenueDividend {
  readonly kind: 'dividend';
  readonly symbol: string;
  /** Of all shares together: a short pays. */
  readonly amountMicros: CashMicros;
  readonly perUnitNanos?: PriceNanos;
  /** The open of the ex-date: who held before it is paid. When it took effect unless given. */
  readonly exAtUs?: TimeUs;
}

export interface VenueCash {
  readonly kind: Exclude<CashEventKind, 'dividend'>;
  /** Signed: positive comes in. */
  readonly amountMicros: CashMicros;
}

/** How trading in a symbol is restricted at a venue; in neither way where it is free again. */
export interface SymbolRestriction {
  readonly symbol: string;
  /** No trade happens. */
  readonly halted: boolean;
  /** It is sold short only above the market. */
  readonly shortRestricted: boolean;
}

/**
 * What is done to a simulated exchange: a corporate action, of which every account has its part; cash of one account; or a
 * restriction of a symbol, until the next one of it.
 */
export type PostedAction =
  | ({ readonly kind: 'restriction' } & SymbolRestriction)
  | ({ readonly kind: 'split'; readonly symbol: string } & Split)
  | { readonly kind: 'dividend'; readonly symbol: string; readonly perUnitNanos: PriceNanos }
  | (VenueCash & { readonly accountId: string });
