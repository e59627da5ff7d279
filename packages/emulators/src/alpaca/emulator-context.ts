import type { Calendar } from '@capstan/calendar';
import type { EmulatorClock } from '../control/emulator-clock.ts';
import type { FaultBook } from '../control/faults.ts';
import type { StateEntry } from '../control/state-file.ts';
import type { MarketPrices } from '../market/market-prices.ts';
import type { MarketWorld } from '../market/market-world.ts';
import type { AccountInput } from './account-inputs.ts';
import type { AlpacaExchange } from './alpaca-exchange.ts';
import type { DataPlan } from './emulator-options.ts';
import type { KeyRing } from './keys.ts';
import type { TradingAccount } from './trading/trading-account.ts';

/** What the parts of an emulated Alpaca share. */
export interface EmulatorContext {
  readonly calendar: Calendar;
  readonly world: MarketWorld;
  readonly prices: MarketPrices;
  readonly exchange: AlpacaExchange;
  readonly clock: EmulatorClock;
  readonly faults: FaultBook;
  readonly keys: KeyRing;
  readonly plan: DataPlan;
  /** When its accounts were opened. */
  readonly openedAtUs: number;
  /** Lets the market reach the clock's time; returns that. */
  readonly now: () => number;
  /** Does something to an account, and keeps it. @throws Refusal */
  readonly act: (account: TradingAccount, input: AccountInput) => unknown;
  /** Keeps what else was done, where a state is kept. */
  readonly keep: (entry: StateEntry) => void;
}
