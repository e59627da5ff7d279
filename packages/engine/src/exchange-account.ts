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
  readonly events: VenueEvent[];
  readonly activities: VenueActivity[];
  readonly positions: Map<string, Position>;
  cashMicros: CashMicros;
}

/** Opens an account with what it begins with. */
export function openBook(settings: ExchangeAccountSettings): AccountBook {
  const { cashMicros } = settings;
  return { settings, events: [], activities: [], positions: new Map(), cashMicros };
}
