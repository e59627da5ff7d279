import type { Calendar } from '@capstan/calendar';
import {
  type AccountLedger,
  averagePriceNanos,
  type CashMicros,
  cashMicros,
  type Instrument,
  type InstrumentBook,
  type Mark,
  marketValueMicros,
  movesNotionalCash,
  notionalMicros,
  priceNanos,
  quantity,
  ZERO_QUANTITY,
} from '@capstan/domain';
import {
  type Breaker,
  type DailyLoss,
  type Exposure,
  exposureMicros,
  foreignDebitMicros,
  type KillSwitch,
  type KnownConditions,
  type OpenDrifts,
  type RiskView,
  type TallyView,
} from '@capstan/risk';
import type { Reservation } from './account-reservations.ts';

/** What a view is built from. */
export interface AccountViewParts {
  readonly ledger: AccountLedger;
  readonly reservations: readonly Reservation[];
  readonly instruments: InstrumentBook;
  readonly calendarOf: (name: string) => Calendar;
  readonly markOf: (symbol: string) => Mark | undefined;
  readonly killSwitch: KillSwitch;
  /** Dividends earned and not paid yet: equity counts them, free cash does not. */
  readonly accruedMicros: CashMicros;
  readonly dailyLoss?: DailyLoss | undefined;
  readonly breaker?: Breaker | undefined;
  readonly drifts?: OpenDrifts | undefined;
  readonly conditions?: KnownConditions | undefined;
  readonly clockOffsetUs?: number | undefined;
  readonly tally?: TallyView | undefined;
  /** Of {@link AccountConfig}. */
  readonly opensByEntry?: boolean | undefined;
}

const NO_PRICE = priceNanos(0);

/**
 * An account as of one slice: applied fills, open reservations, marks. Later decisions of the slice see the reservations of
 * earlier ones by {@link AccountView.reserve}. A holding without a mark is valued at its average price.
 */
export class AccountView implements RiskView {
  readonly accountId: string;
  readonly killSwitch: KillSwitch;
  readonly equityMicros: CashMicros;
  readonly breaker?: Breaker;
  readonly drifts?: OpenDrifts;
  readonly conditions?: KnownConditions;
  readonly clockOffsetUs?: number;
  readonly tally?: TallyView;
  readonly #parts: AccountViewParts;
  readonly #exposures = new Map<string, Exposure>();
  readonly #symbols = new Map<string, number>();
  #gross = 0;
  #openNotional = 0;
  readonly #cash: number;
  #openBuys = 0;

  constructor(parts: AccountViewParts) {
    this.#parts = parts;
    this.accountId = parts.ledger.accountId;
    this.killSwitch = parts.killSwitch;
    const { breaker, drifts, conditions, clockOffsetUs, tally } = parts;
    if (breaker !== undefined) this.breaker = breaker;
    if (drifts !== undefined) this.drifts = drifts;
    if (conditions !== undefined) this.conditions = conditions;
    if (clockOffsetUs !== undefined) this.clockOffsetUs = clockOffsetUs;
    if (tally !== undefined) this.tally = tally;
    this.#cash = parts.ledger.totalCashMicros();
    this.equityMicros = cashMicros(this.#cash + parts.accruedMicros + this.#takeHoldings());
    for (const reservation of parts.reservations) this.reserve(reservation);
  }

  /** As its runner says; else by the tally, where there is one. */
  /** True where it opens by an entry that has not come: there is no cash yet, and nothing to size by. */
  get isUnopened(): boolean {
    return this.#parts.opensByEntry === true && this.#parts.ledger.lastSequence === 0;
  }

  get dailyLoss(): DailyLoss | undefined {
    const { dailyLoss, tally } = this.#parts;
    if (dailyLoss !== undefined || tally === undefined) return dailyLoss;
    return { startEquityMicros: tally.startEquityMicros, isHalted: tally.isStopped({}) };
  }

  get grossMicros(): CashMicros {
    return cashMicros(this.#gross);
  }

  get openNotionalMicros(): CashMicros {
    return cashMicros(this.#openNotional);
  }

  /** Cash of the account less what the adding buys that are out are reserved at, and less what others took of it. */
  get freeCashMicros(): CashMicros {
    return cashMicros(this.#cash - this.#openBuys - foreignDebitMicros(this.drifts));
  }

  /** Counts one more open reservation. */
  reserve(reservation: Reservation): void {
    const { botId, symbol, side, openQuantity, reducing } = reservation;
    const before = this.exposure(botId, symbol);
    const price = reducing
      ? before.priceNanos
      : priceNanos(Math.max(before.priceNanos, reservation.priceNanos));
    const buys = before.openBuyQuantity + (side === 'buy' ? openQuantity : 0);
    const sells = before.openSellQuantity + (side === 'sell' ? openQuantity : 0);
    this.#count({
      ...before,
      openBuyQuantity: quantity(buys),
      openSellQuantity: quantity(sells),
      priceNanos: price,
    });
    const instrument = this.instrument(symbol);
    const notional = notionalMicros(instrument, reservation.priceNanos, openQuantity);
    this.#openNotional += notional;
    if (side === 'buy' && !reducing && movesNotionalCash(instrument)) this.#openBuys += notional;
  }

  exposure(botId: string, symbol: string): Exposure {
    const known = this.#exposures.get(keyOf(botId, symbol));
    if (known !== undefined) return known;
    return {
      botId,
      symbol,
      positionQuantity: ZERO_QUANTITY,
      openBuyQuantity: ZERO_QUANTITY,
      openSellQuantity: ZERO_QUANTITY,
      priceNanos: this.#parts.markOf(symbol)?.priceNanos ?? NO_PRICE,
    };
  }

  exposures(): Iterable<Exposure> {
    return this.#exposures.values();
  }

  mark(symbol: string): Mark | undefined {
    return this.#parts.markOf(symbol);
  }

  symbolMicros(symbol: string): CashMicros {
    return cashMicros(this.#symbols.get(symbol) ?? 0);
  }

  instrument(symbol: string): Instrument {
    return this.#parts.instruments.get(symbol);
  }

  calendar(instrument: Instrument): Calendar {
    return this.#parts.calendarOf(instrument.calendar);
  }

  /** Counts what is held; returns what it adds to equity beside cash. */
  #takeHoldings(): number {
    const { ledger, markOf } = this.#parts;
    let value = 0;
    ledger.visitOpen((botId, symbol, position) => {
      const instrument = this.instrument(symbol);
      const price =
        markOf(symbol)?.priceNanos ?? averagePriceNanos(position, instrument) ?? NO_PRICE;
      const exposure: Exposure = {
        botId,
        symbol,
        positionQuantity: position.quantity,
        openBuyQuantity: ZERO_QUANTITY,
        openSellQuantity: ZERO_QUANTITY,
        priceNanos: price,
      };
      const micros = exposureMicros(exposure, instrument);
      this.#exposures.set(keyOf(botId, symbol), exposure);
      this.#symbols.set(symbol, (this.#symbols.get(symbol) ?? 0) + micros);
      this.#gross += micros;
      value += marketValueMicros(position, price, instrument);
    });
    return value;
  }

  #count(after: Exposure): void {
    const { botId, symbol } = after;
    const instrument = this.instrument(symbol);
    const before = exposureMicros(this.exposure(botId, symbol), instrument);
    const rise = exposureMicros(after, instrument) - before;
    this.#exposures.set(keyOf(botId, symbol), after);
    this.#symbols.set(symbol, (this.#symbols.get(symbol) ?? 0) + rise);
    this.#gross += rise;
  }
}

const keyOf = (botId: string, symbol: string): string => `${botId}\n${symbol}`;
