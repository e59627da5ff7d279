import type { CashMicros, Position, VenueActivity, VenueEvent } from '@capstan/domain';

/** An account as an exchange opens it. */
export interface ExchangeAccountSettings {
  readonly accountId: string;
  readonly currency: string;
  readonly cashMicros: CashMicros;
}

/** An account's state at the exchange. */
export interface ExchangeAccount {
  readonly settings: ExchangeAccountSettings;
  readonly cashMicros: CashMicros;
  /** Sorted by symbol; flat ones left out. */
  readonly positions: readonly { readonly symbol: string; readonly position: Position }[];
  /** Sequence of the last event. */
  readonly sequence: number;
}

/** An account as the exchange keeps it. */
export interface AccountBook {
  readonly settings: ExchangeAccountSettings;
  /** How many events there were before those that are kept. */
  forgotten: number;
  events: VenueEvent[];
  readonly activities: VenueActivity[];
  readonly positions: Map<string, Position>;
  cashMicros: CashMicros;
}

/** What an account goes on from. */
export interface BookState {
  readonly cashMicros: CashMicros;
  /** Of the last event. */
  readonly sequence: number;
  readonly positions: readonly { readonly symbol: string; readonly position: Position }[];
}

/** Opens an account with what it begins with, or goes on from. */
export function openBook(settings: ExchangeAccountSettings, state?: BookState): AccountBook {
  const { cashMicros } = state ?? settings;
  const { sequence: forgotten = 0, positions = [] } = state ?? {};
  const held = new Map(positions.map(({ symbol, position }) => [symbol, position]));
  return { settings, forgotten, events: [], activities: [], positions: held, cashMicros };
}

/** Returns an account's events after a sequence, as far as they are kept. */
export const eventsAfter = (
  { forgotten, events }: AccountBook,
  sequence: number,
): readonly VenueEvent[] => events.slice(Math.max(0, sequence - forgotten));

/** Tells an account of an event, under its next number. */
export function emitTo(
  book: AccountBook,
  make: (head: { readonly sequence: number; readonly accountId: string }) => VenueEvent,
): void {
  const { settings, forgotten, events } = book;
  events.push(make({ sequence: forgotten + events.length + 1, accountId: settings.accountId }));
}
