import type { Bar, IdScheme, Instrument, InstrumentBook } from '@capstan/domain';
import type { BracketBook } from './bracket-book.ts';
import type { MatcherRules } from './matcher-config.ts';
import type { MatcherEvent } from './matcher-event.ts';
import type { OrderBook } from './order-book.ts';

/** What a matcher works on; it changes in place. */
export interface MatcherState {
  readonly rules: MatcherRules;
  readonly instruments: InstrumentBook;
  readonly ids: Pick<IdScheme, 'orderId'>;
  readonly book: OrderBook;
  readonly brackets: BracketBook;
}

/** A bar as orders meet it, and what has come of it so far. */
export interface Encounter {
  readonly bar: Bar;
  readonly instrument: Instrument;
  /** What is left of the bar's volume; `undefined` without a cap. */
  left: number | undefined;
  /** What entries opened inside this bar, by entry order: only bad prices surely count for it. */
  inside: Map<string, OpenedInside> | undefined;
  readonly events: MatcherEvent[];
}

export interface OpenedInside {
  readonly quantity: number;
  /** The entry's price where nothing of it was open before; `undefined` where something was. */
  readonly bornAtNanos: number | undefined;
}
