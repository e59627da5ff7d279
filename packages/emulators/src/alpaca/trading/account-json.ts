import { mulDivRound, type PriceNanos } from '@capstan/domain';
import { cashText, derivedUuid, priceText, quantityText, utcText } from '../wire-text.ts';
import { availableQuantity, fundsOf } from './funds.ts';
import type { TradingAccount } from './trading-account.ts';

const DAYTRADING_MULTIPLIER = 4;
const INITIAL_MARGIN_PARTS = 2;
const MAINTENANCE_BPS = 3_000;

/** Writes an account as the API does. @param lastEquityMicros what it was worth at the last close. */
export function accountJson(account: TradingAccount, openedAtUs: number): Record<string, unknown> {
  const { settings, book } = account;
  const funds = fundsOf(account.funds);
  const gross = funds.longMicros - funds.shortMicros;
  const power = cashText(funds.buyingPowerMicros);
  const cashPower = cashText(funds.cashPowerMicros);
  return {
    id: derivedUuid('account', settings.accountId),
    account_number: settings.accountNumber,
    status: 'ACTIVE',
    crypto_status: 'INACTIVE',
    currency: 'USD',
    cash: cashText(book.cashMicros),
    equity: cashText(funds.equityMicros),
    portfolio_value: cashText(funds.equityMicros),
    last_equity: cashText(account.lastEquityMicros),
    buying_power: power,
    regt_buying_power: power,
    daytrading_buying_power: settings.multiplier === DAYTRADING_MULTIPLIER ? power : '0',
    non_marginable_buying_power: cashPower,
    options_buying_power: cashPower,
    effective_buying_power: power,
    initial_margin: cashText(Math.round(gross / INITIAL_MARGIN_PARTS)),
    maintenance_margin: cashText(mulDivRound(gross, MAINTENANCE_BPS, 10_000)),
    last_maintenance_margin: '0',
    long_market_value: cashText(funds.longMicros),
    short_market_value: cashText(funds.shortMicros),
    position_market_value: cashText(gross),
    multiplier: String(settings.multiplier),
    sma: '0',
    accrued_fees: '0',
    pattern_day_trader: false,
    daytrade_count: 0,
    trading_blocked: false,
    transfers_blocked: false,
    account_blocked: false,
    trade_suspended_by_user: false,
    shorting_enabled: settings.multiplier > 1,
    options_approved_level: settings.optionsLevel,
    options_trading_level: settings.optionsLevel,
    created_at: utcText(openedAtUs),
    balance_asof: utcText(openedAtUs).slice(0, 10),
  };
}

export interface PositionFacts {
  readonly assetId: string;
  readonly exchange: string;
  readonly last: PriceNanos;
  /** The close before today. */
  readonly lastDay: PriceNanos;
}

/** Writes a position as the API does. */
export function positionJson(account: TradingAccount, symbol: string, facts: PositionFacts) {
  const { book } = account;
  const held = book.held(symbol);
  const position = book.positions.get(symbol);
  const worth = book.worthMicros(symbol, facts.last);
  const cost = position?.costMicros ?? 0;
  const profit = worth - cost;
  const today = worth - book.worthMicros(symbol, facts.lastDay);
  const change = facts.lastDay === 0 ? 0 : facts.last / facts.lastDay - 1;
  const available = Math.max(0, availableQuantity(account.funds, symbol));
  const isOption = /\d{8}$/.test(symbol);
  return {
    asset_id: facts.assetId,
    symbol,
    exchange: facts.exchange,
    asset_class: isOption ? 'us_option' : 'us_equity',
    asset_marginable: !isOption,
    qty: quantityText(held),
    qty_available: quantityText(held < 0 ? -available : available),
    avg_entry_price: priceText(book.averageNanos(symbol)),
    side: held < 0 ? 'short' : 'long',
    market_value: cashText(worth),
    cost_basis: cashText(cost),
    unrealized_pl: cashText(profit),
    unrealized_plpc: fraction(profit, Math.abs(cost)),
    unrealized_intraday_pl: cashText(today),
    unrealized_intraday_plpc: fraction(today, Math.abs(worth - today)),
    current_price: priceText(facts.last),
    lastday_price: priceText(facts.lastDay),
    change_today: String(Math.round(change * 1e9) / 1e9),
  };
}

const fraction = (part: number, whole: number): string =>
  whole === 0 ? '0' : String(Math.round((part / whole) * 1e9) / 1e9);
