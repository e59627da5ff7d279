import type { Calendar } from '@capstan/calendar';
import type { CashMicros, Instrument, Mark } from '@capstan/domain';
import type { Breaker } from './breaker.ts';
import type { KnownConditions } from './conditions.ts';
import type { DailyLoss } from './daily-loss.ts';
import type { OpenDrifts } from './drift.ts';
import type { Exposure } from './exposure.ts';
import type { KillSwitch } from './kill-switch.ts';
import type { TallyView } from './tally.ts';

/** An account as policies see it: applied fills and open reservations, as of one moment. */
export interface RiskView {
  readonly accountId: string;
  readonly killSwitch: KillSwitch;
  /** Absent where it is not known. */
  readonly breaker?: Breaker;
  /** Absent where nobody compares the ledger with a broker. */
  readonly drifts?: OpenDrifts;
  /** Absent where the venue says nothing of them. */
  readonly conditions?: KnownConditions;
  /** How far our clock and the market's are apart, from 0; absent where nobody measures it. */
  readonly clockOffsetUs?: number;
  /** Cash of all bots and the house, and what they hold at the last marks. */
  readonly equityMicros: CashMicros;
  /** Cash less what the adding buys that are out are reserved at. */
  readonly freeCashMicros: CashMicros;
  /** How the session goes; absent where nobody watches it. */
  readonly dailyLoss?: DailyLoss | undefined;
  /** What has been since; absent where nobody counts. */
  readonly tally?: TallyView;
  /** Notional of all that is out, at the orders' own prices. */
  readonly openNotionalMicros: CashMicros;
  /** Worst exposure of all bots and symbols added up, without netting. */
  readonly grossMicros: CashMicros;
  /** Of the bot in the symbol; flat, at the last mark, where it has nothing. */
  exposure(botId: string, symbol: string): Exposure;
  /** Of every bot in every symbol in which it holds something or has something out; in no order that counts. */
  exposures(): Iterable<Exposure>;
  /** Worst exposure of all bots in the symbol added up, without netting. */
  symbolMicros(symbol: string): CashMicros;
  /** The last price of a symbol; `undefined` before the first. */
  mark(symbol: string): Mark | undefined;
  /** @throws INSTRUMENT.UNKNOWN */
  instrument(symbol: string): Instrument;
  /** The sessions of an instrument. @throws CALENDAR.UNKNOWN */
  calendar(instrument: Instrument): Calendar;
}
