import {
  applyFill,
  averagePriceNanos,
  type CashMicros,
  cashMicros,
  FLAT_POSITION,
  type InstrumentBook,
  mulDivRound,
  notionalMicros,
  type Position,
  type PriceNanos,
  positionCashMicros,
  priceNanos,
  quantity,
  type Split,
  splitPosition,
  ZERO_CASH,
} from '@capstan/domain';
import { cashText, derivedUuid, priceText, quantityText, utcText } from '../wire-text.ts';
import { type AlpacaOrder, remainingOf } from './order.ts';

/** A row of the account's activities, by its id and its type. */
export interface Activity {
  readonly id: string;
  readonly type: string;
  readonly atUs: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/** A fill of an order. */
export interface Execution {
  readonly executionId: string;
  readonly quantity: number;
  readonly priceNanos: PriceNanos;
  readonly atUs: number;
}

/** Cash that comes or goes without a trade: interest, fees, transfers. */
export interface CashRow {
  readonly type: 'INT' | 'FEE' | 'CSD' | 'CSW' | 'JNLC' | 'DIV';
  readonly amountMicros: number;
  readonly description?: string;
  readonly symbol?: string;
  readonly perShareNanos?: number;
  readonly quantity?: number;
}

const EXPIRIES = { OPEXP: 'Expiration of', OPEXC: 'Exercise of', OPASN: 'Assignment of' } as const;

/** What an account holds: cash, positions and what changed them. They change together, so that they always agree. */
export class AccountBook {
  readonly positions = new Map<string, Position>();
  readonly activities: Activity[] = [];
  cashMicros: CashMicros;
  readonly #accountId: string;
  readonly #instruments: InstrumentBook;

  constructor(accountId: string, cash: CashMicros, instruments: InstrumentBook) {
    this.#accountId = accountId;
    this.#instruments = instruments;
    this.cashMicros = cash;
  }

  held(symbol: string): number {
    return this.positions.get(symbol)?.quantity ?? 0;
  }

  /** Returns what is held, sorted by symbol. */
  open(): readonly (readonly [string, Position])[] {
    return [...this.positions]
      .filter(([, position]) => position.quantity !== 0)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  averageNanos(symbol: string): PriceNanos {
    const position = this.positions.get(symbol) ?? FLAT_POSITION;
    return averagePriceNanos(position, this.#instruments.get(symbol)) ?? priceNanos(0);
  }

  worthMicros(symbol: string, price: PriceNanos): CashMicros {
    const held = this.positions.get(symbol)?.quantity;
    return held === undefined
      ? ZERO_CASH
      : notionalMicros(this.#instruments.get(symbol), price, held);
  }

  /** Books a fill of an order, which has counted it already. @returns its notional. */
  fill(order: AlpacaOrder, execution: Execution): CashMicros {
    const { symbol, side } = order;
    const { quantity: amount, priceNanos: price } = execution;
    this.#trade(symbol, side === 'buy' ? amount : -amount, price);
    return notionalMicros(this.#instruments.get(symbol), price, quantity(amount));
  }

  /** Writes the row of a fill. */
  noteFill(order: AlpacaOrder, execution: Execution): void {
    const leaves = remainingOf(order);
    this.#note('FILL', execution.atUs, {
      transaction_time: utcText(execution.atUs),
      type: leaves === 0 ? 'fill' : 'partial_fill',
      price: priceText(execution.priceNanos),
      qty: quantityText(execution.quantity),
      side: order.side === 'sell' && this.held(order.symbol) < 0 ? 'sell_short' : order.side,
      symbol: order.symbol,
      leaves_qty: quantityText(leaves),
      order_id: order.id,
      cum_qty: quantityText(order.filledQuantity),
      order_status: order.status,
    });
  }

  /** Pays or takes cash. */
  pay(row: CashRow, atUs: number): void {
    this.cashMicros = cashMicros(this.cashMicros + row.amountMicros);
    this.#note(row.type, atUs, {
      date: utcText(atUs).slice(0, 10),
      net_amount: cashText(row.amountMicros),
      description: row.description ?? '',
      ...(row.symbol === undefined ? {} : { symbol: row.symbol }),
      ...(row.quantity === undefined ? {} : { qty: quantityText(row.quantity) }),
      ...(row.perShareNanos === undefined
        ? {}
        : { per_share_amount: priceText(row.perShareNanos) }),
      status: 'executed',
    });
  }

  /** Pays a dividend on what was held on the ex-date; a short pays it. */
  dividend(symbol: string, held: number, perShareNanos: number, atUs: number): void {
    const amountMicros = mulDivRound(perShareNanos, held, 1_000 * 1_000_000_000);
    if (amountMicros === 0) return;
    const description = `Cash DIV @ ${priceText(perShareNanos)}`;
    this.pay(
      { type: 'DIV', amountMicros, symbol, perShareNanos, quantity: held, description },
      atUs,
    );
  }

  /** Ends an option that has expired: what is held of it is gone, and its cost with it. */
  expire(symbol: string, type: 'OPEXP' | 'OPEXC' | 'OPASN', atUs: number): void {
    const held = this.held(symbol);
    this.#trade(symbol, -held, priceNanos(0));
    this.#note(type, atUs, {
      date: utcText(atUs).slice(0, 10),
      net_amount: '0',
      symbol,
      qty: quantityText(-held),
      description: `${EXPIRIES[type]} ${symbol}`,
      status: 'executed',
    });
  }

  /** Delivers shares at an option's strike. @param amount signed: positive come in. */
  deliver(symbol: string, amount: number, strike: PriceNanos, atUs: number): void {
    const before = this.cashMicros;
    this.#trade(symbol, amount, strike);
    this.#note('OPTRD', atUs, {
      date: utcText(atUs).slice(0, 10),
      net_amount: cashText(this.cashMicros - before),
      symbol,
      qty: quantityText(amount),
      price: priceText(strike),
      status: 'executed',
    });
  }

  /** Restates a position by a split. */
  split(symbol: string, ratio: Split, atUs: number): void {
    const position = this.positions.get(symbol);
    if (position === undefined || position.quantity === 0) return;
    const instrument = this.#instruments.get(symbol);
    const { position: after, fractionMicros } = splitPosition(position, ratio, instrument);
    this.positions.set(symbol, after);
    this.cashMicros = cashMicros(this.cashMicros + fractionMicros);
    this.#note('SPLIT', atUs, {
      date: utcText(atUs).slice(0, 10),
      net_amount: cashText(fractionMicros),
      description: `${ratio.newShares} for ${ratio.oldShares} split`,
      symbol,
      qty: quantityText(after.quantity - position.quantity),
      status: 'executed',
    });
  }

  /** @param amount signed: positive is bought. */
  #trade(symbol: string, amount: number, price: PriceNanos): void {
    const instrument = this.#instruments.get(symbol);
    const before = this.positions.get(symbol) ?? FLAT_POSITION;
    const side = amount > 0 ? 'buy' : 'sell';
    const trade = { side, quantity: quantity(Math.abs(amount)), priceNanos: price } as const;
    const after = applyFill(before, { ...trade, feeMicros: ZERO_CASH }, instrument);
    this.positions.set(symbol, after);
    const moved = positionCashMicros(after, instrument) - positionCashMicros(before, instrument);
    this.cashMicros = cashMicros(this.cashMicros + moved);
  }

  #note(type: string, atUs: number, fields: Readonly<Record<string, unknown>>): void {
    const at = utcText(atUs).replace(/\D/g, '').padEnd(17, '0').slice(0, 17);
    const id = `${at}::${derivedUuid('activity', this.#accountId, this.activities.length)}`;
    this.activities.push({ id, type, atUs, json: { id, activity_type: type, ...fields } });
  }
}
