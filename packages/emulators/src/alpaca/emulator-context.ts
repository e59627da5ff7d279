import type { Calendar } from '@capstan/calendar';
import type { EmulatorClock } from '../control/emulator-clock.ts';
import type { FaultBook } from '../control/faults.ts';
import type { MarketPrices } from '../market/market-prices.ts';
import type { MarketWorld } from '../market/market-world.ts';
import type { AlpacaExchange } from './alpaca-exchange.ts';
import type { KeyRing } from './keys.ts';
import type { OrderRequest, PatchRequest } from './trading/order-request.ts';
import type { TradingAccount } from './trading/trading-account.ts';

/** What a plan of market data holds. */
export type DataPlan = 'free' | 'paid';

/** What is done to an account: the state of all accounts follows from these, and from when they were. */
export type AccountInput =
  | { readonly kind: 'submit'; readonly request: OrderRequest }
  | { readonly kind: 'cancel'; readonly orderId: string }
  | { readonly kind: 'cancelAll' }
  | { readonly kind: 'replace'; readonly orderId: string; readonly patch: PatchRequest };

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
}
