import type { Calendar } from '@capstan/calendar';
import type {
  FillsOf,
  IdScheme,
  InstrumentBook,
  LedgerCash,
  LedgerRow,
  Mark,
} from '@capstan/domain';
import type { RiskLimits, TallyState } from '@capstan/risk';
import type { FollowUp } from './account-follow-ups.ts';
import type { Reservation, ReservationState } from './account-reservations.ts';
import type { ExitPlace } from './exit-places.ts';

/** What an account is made of, for as long as it runs. */
export interface AccountConfig {
  readonly accountId: string;
  readonly instruments: InstrumentBook;
  /** Finds a calendar by name; it should keep what it builds. */
  readonly calendarOf: (name: string) => Calendar;
  readonly limits: RiskLimits;
  /** Supplies earlier fills of a bot and symbol when a bust or a correction needs them. None unless given. */
  readonly fillsOf?: FillsOf;
  /** True where it counts its past for limits that ask for it: trades of the day, peak of equity and so on. */
  readonly countsPast?: boolean;
  /** True where it begins without cash, as an account at a broker does: the broker's is the first entry of its ledger. */
  readonly opensByEntry?: boolean;
  /** How what it decides is named; by hashes unless given. A backtest names in its loop and hashes what is asked for. */
  readonly ids?: IdScheme;
}

/** What the rows do not say. Plain data, safe for JSON. */
export interface AccountState {
  /** The account sequence up to which fills are applied. */
  readonly lastSequence: number;
  /** Sorted by symbol. */
  readonly marks: readonly Mark[];
  readonly reservations: ReservationState;
  /** Opinions to be decided once more, sorted by bot and symbol; absent where there are none. */
  readonly followUps?: readonly FollowUp[];
  /** Orders that were told to be cancelled and have not ended, sorted; absent where there are none. */
  readonly cancelled?: readonly string[];
  /** Where exits may stand at the venue, sorted; absent where there are none. */
  readonly exits?: readonly ExitPlace[];
  /** Absent where it does not count its past. */
  readonly tally?: TallyState;
}

/** All of an account's rows. */
export interface AccountRows {
  readonly positions: readonly LedgerRow[];
  readonly cash: readonly LedgerCash[];
  /** The open ones. */
  readonly reservations: readonly Reservation[];
}
