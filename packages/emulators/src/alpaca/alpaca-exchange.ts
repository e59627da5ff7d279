import type { Calendar } from '@capstan/calendar';
import { timeUs, US_PER_MINUTE } from '@capstan/domain';
import type { FaultBook } from '../control/faults.ts';
import { LazyInstruments } from '../exchange/lazy-instruments.ts';
import type { Offer } from '../exchange/venue-matching.ts';
import { type MarketListener, MarketLoop, type Slot } from '../market/market-loop.ts';
import type { MarketPrices } from '../market/market-prices.ts';
import type { MarketWorld } from '../market/market-world.ts';
import { parseOption } from '../market/option-chain.ts';
import { nanosOfE4 } from '../market/price-scale.ts';
import { PRE_MARKET_MINUTE, type TradingDay } from '../market/session-days.ts';
import { Assets } from './assets.ts';
import { fundsOf } from './trading/funds.ts';
import {
  type AccountPorts,
  type AccountSettings,
  type TradeUpdate,
  TradingAccount,
} from './trading/trading-account.ts';

/** Who listens to the market beside the accounts: the streams of data. */
export type MarketAudience = Pick<MarketListener, 'isIdle' | 'onSlot' | 'onMinute'>;

export interface AlpacaExchangeParts {
  readonly calendar: Calendar;
  readonly world: MarketWorld;
  readonly prices: MarketPrices;
  readonly faults: FaultBook;
  readonly startUs: number;
}

interface DueDividend {
  readonly account: TradingAccount;
  readonly symbol: string;
  readonly held: number;
  readonly perShareNanos: number;
  readonly payIndex: number;
}

/**
 * The emulated broker: its accounts and the market that they trade in. Everything follows from the seed and from what is asked at
 * what time, so that a journal of that rebuilds it.
 */
export class AlpacaExchange implements MarketListener {
  readonly assets: Assets;
  readonly accounts: readonly TradingAccount[];
  readonly #parts: AlpacaExchangeParts;
  readonly #loop: MarketLoop;
  readonly #audiences: MarketAudience[] = [];
  #tell: (accountId: string, update: TradeUpdate) => void = () => undefined;
  #dividends: DueDividend[] = [];

  constructor(parts: AlpacaExchangeParts, accounts: readonly AccountSettings[]) {
    this.#parts = parts;
    this.#loop = new MarketLoop(parts.world, this, parts.startUs);
    this.assets = new Assets(parts.world, parts.prices);
    const instruments = new LazyInstruments();
    this.accounts = accounts.map((settings) => {
      const ports = this.#portsOf(settings.accountId, instruments);
      return new TradingAccount(ports, settings);
    });
  }

  get nowUs(): number {
    return this.#loop.doneUs;
  }

  /** Lets the market's time pass. */
  advance(toUs: number): void {
    this.#loop.advance(toUs);
  }

  /** Tells order updates from now on. */
  onUpdate(tell: (accountId: string, update: TradeUpdate) => void): void {
    this.#tell = tell;
  }

  addAudience(audience: MarketAudience): void {
    this.#audiences.push(audience);
  }

  get isIdle(): boolean {
    const isQuiet = this.accounts.every((account) => account.isIdle);
    return isQuiet && this.#audiences.every((audience) => audience.isIdle);
  }

  onDay(day: TradingDay): void {
    const atUs = day.midnightUs + PRE_MARKET_MINUTE * US_PER_MINUTE;
    for (const account of this.accounts) this.#actions(account, day, atUs);
    const due = this.#dividends.filter(({ payIndex }) => payIndex <= day.index);
    this.#dividends = this.#dividends.filter((one) => !due.includes(one));
    for (const { account, symbol, held, perShareNanos } of due) {
      account.book.dividend(symbol, held, perShareNanos, atUs);
    }
    for (const account of this.accounts) account.open(true, atUs);
  }

  onOpen(day: TradingDay): void {
    for (const account of this.accounts) account.open(false, day.openUs);
  }

  onSlot(slot: Slot): void {
    for (const account of this.accounts) {
      if (!account.isIdle) this.#meet(account, slot);
    }
    for (const audience of this.#audiences) if (!audience.isIdle) audience.onSlot(slot);
  }

  onMinute(day: TradingDay, minute: number): void {
    for (const audience of this.#audiences) if (!audience.isIdle) audience.onMinute(day, minute);
  }

  onClose(day: TradingDay): void {
    for (const account of this.accounts) {
      account.endDue(day.closeUs);
      this.#expireOptions(account, day);
      account.lastEquityMicros = fundsOf(account.funds).equityMicros;
    }
  }

  onDayEnd(day: TradingDay): void {
    const endUs = timeUs(day.midnightUs + day.lastMinute * US_PER_MINUTE);
    for (const account of this.accounts) account.endDue(endUs);
  }

  #meet(account: TradingAccount, { day, minute, number, startUs, endUs }: Slot): void {
    const { prices, faults } = this.#parts;
    const offers = new Map<string, Offer>();
    for (const symbol of account.symbols()) {
      if (faults.isHalted(symbol)) continue;
      const trade = prices.slotTrade(symbol, day, minute, number);
      if (trade === undefined) continue;
      const units = faults.unitsOffered(symbol) ?? trade.size;
      const offer = { symbol, startUs, endUs, priceNanos: nanosOfE4(trade.priceE4), units };
      offers.set(symbol, offer);
      account.meet(offer);
    }
    account.meetTogether(offers);
  }

  #expireOptions(account: TradingAccount, { date, closeUs }: TradingDay): void {
    for (const [symbol] of account.book.open()) {
      const option = parseOption(symbol);
      if (option === undefined || option.expiration > date) continue;
      const underlying = this.#parts.prices.lastNanos(option.underlying, closeUs);
      account.options.expire(option, underlying, closeUs);
    }
  }

  /** Lets the splits and dividends of a day happen to what an account holds. */
  #actions(account: TradingAccount, day: TradingDay, atUs: number): void {
    const { world } = this.#parts;
    const symbols = new Set(account.book.open().map(([symbol]) => symbol));
    for (const { symbol } of account.orders.open()) symbols.add(symbol);
    for (const symbol of symbols) {
      if (!world.has(symbol)) continue;
      for (const action of world.actions(symbol)) {
        if (action.index !== day.index) continue;
        if (action.kind === 'split') {
          const closeNanos = nanosOfE4(Math.round(world.previousClose(symbol, day) * 10_000));
          const { newShares, oldShares } = action;
          account.split(symbol, { newShares, oldShares, closeNanos }, atUs);
          continue;
        }
        const held = account.book.held(symbol);
        const perShareNanos = Math.round(action.perShare * 100) * 10_000_000;
        const { payIndex } = action;
        if (held !== 0) this.#dividends.push({ account, symbol, held, perShareNanos, payIndex });
      }
    }
  }

  #portsOf(accountId: string, instruments: LazyInstruments): AccountPorts {
    const { calendar, prices, faults } = this.#parts;
    return {
      ...{ instruments, calendar },
      prices: {
        last: (symbol) => prices.lastNanos(symbol, this.nowUs),
        ask: (symbol) => prices.askNanos(symbol, this.nowUs),
      },
      asset: (symbol) => this.assets.find(symbol, this.nowUs),
      tell: (update) => this.#tell(accountId, update),
      fault: (kind, symbol) => faults.take(kind, symbol),
    };
  }
}
