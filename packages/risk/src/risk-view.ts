import type { Calendar } from '@capstan/calendar';
import type { CashMicros, Instrument } from '@capstan/domain';
import type { DailyLoss } from './daily-loss.ts';
import type { Exposure } from './exposure.ts';
import type { KillSwitch } from './kill-switch.ts';

/** An account as policies see it: applied fills and open reservations, as of one moment. */
export interface RiskView {
  readonly accountId: string;
  readonly killSwitch: KillSwitch;
  /** Cash of all bots and the house, and what they hold at the last marks. */
  readonly equityMicros: CashMicros;
  /** How the session goes; absent where nobody watches it. */
  readonly dailyLoss?: DailyLoss;
  /** Notional of all that is out, at the orders' own prices. */
  readonly openNotionalMicros: CashMicros;
  /** Worst exposure of all bots and symbols added up, without netting. */
  readonly grossMicros: CashMicros;
  /** Of the bot in the symbol; flat, at the last mark, where it has nothing. */
  exposure(botId: string, symbol: string): Exposure;
  /** Worst exposure of all bots in the symbol added up, without netting. */
  symbolMicros(symbol: string): CashMicros;
  /** @throws INSTRUMENT.UNKNOWN */
  instrument(symbol: string): Instrument;
  /** The sessions of an instrument. @throws CALENDAR.UNKNOWN */
  calendar(instrument: Instrument): Calendar;
}
