import type { Denial, Intent, Signal } from '@capstan/domain';
import type { SliceRequest } from './account-slice.ts';
import type { AccountView } from './account-view.ts';
import type { SliceCrossing } from './slice-crossing.ts';

/** An opinion to be decided. */
export interface Asked {
  readonly signal: Signal;
  readonly feed: string;
  /** Orders that its intent has had before. */
  readonly attempts: number;
  /** Absent where it has had none. */
  readonly intentId?: string;
}

/** What a slice leads to beside orders, as it grows. */
export interface Decided {
  readonly intents: Intent[];
  readonly denials: Denial[];
  readonly cancelOrderIds: string[];
}

/** What all of a slice is decided with. */
export interface Deciding {
  readonly view: AccountView;
  readonly request: SliceRequest;
  readonly decided: Decided;
  readonly crossing: SliceCrossing;
}

/** Tells whether two opinions are of one bot and symbol. */
export const isSameOwner = (a: Signal, b: Signal): boolean =>
  a.botId === b.botId && a.symbol === b.symbol;

/** Sorts opinions by bot and symbol. */
export const byOwner = ({ signal: a }: Asked, { signal: b }: Asked): number =>
  compare(a.botId, b.botId) || compare(a.symbol, b.symbol);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
