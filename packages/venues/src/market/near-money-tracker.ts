import { type Calendar, dateOfDay, dayNumber } from '@capstan/calendar';
import type { MarketEvent, MarketQuote, OptionContract, PriceNanos, TimeUs } from '@capstan/domain';
import type { StreamWish } from '@capstan/ports';
import { chooseNearMoney, type NearMoneyChoice } from './near-money.ts';
import { UnderlyingMinutes, type UnderlyingValues } from './underlying-values.ts';

export interface NearMoneySettings {
  /** `QQQ` unless told. */
  readonly underlying?: string;
  /** Strikes to each side of the one in the middle; 5 unless told. */
  readonly strikes?: number;
}

/** What the tracker has to say. */
export type NearMoneyUpdate =
  | { readonly kind: 'underlying'; readonly underlying: string; readonly values: UnderlyingValues }
  /** Other options are watched from now on: the wish has changed. */
  | { readonly kind: 'chosen'; readonly choice: NearMoneyChoice }
  | { readonly kind: 'quote'; readonly contract: OptionContract; readonly quote: MarketQuote };

const UNDERLYING = 'QQQ';
const STRIKES = 5;

/**
 * Follows an underlying and the options of its nearest expiry around the money. It only listens: whoever has the stream tells it what
 * came, and asks for what it wants, so that one connection serves it and all else.
 */
export class NearMoneyTracker {
  readonly underlying: string;
  readonly #strikes: number;
  readonly #calendar: Calendar;
  readonly #minutes: UnderlyingMinutes;
  #listed: readonly OptionContract[] = [];
  #listedFor: string | undefined;
  #choice: NearMoneyChoice | undefined;
  #watched = new Map<string, OptionContract>();
  #price: { readonly nanos: PriceNanos; readonly atUs: TimeUs } | undefined;

  constructor(calendar: Calendar, { underlying, strikes }: NearMoneySettings = {}) {
    this.underlying = underlying ?? UNDERLYING;
    this.#strikes = strikes ?? STRIKES;
    this.#calendar = calendar;
    this.#minutes = new UnderlyingMinutes(calendar);
  }

  get choice(): NearMoneyChoice | undefined {
    return this.#choice;
  }

  get values(): UnderlyingValues | undefined {
    return this.#minutes.values;
  }

  /** What a stream must bring: minutes and trades of the underlying, quotes of the options. */
  get wish(): StreamWish {
    const { underlying } = this;
    return {
      bars: [underlying],
      trades: [underlying],
      quotes: this.#choice?.contracts.map(({ symbol }) => symbol) ?? [],
    };
  }

  /** The first expiry that counts at a time: today's until the close, from then on the next session's. */
  fromExpiration(nowUs: number): string {
    const today = this.#calendar.session(this.#calendar.tradeDate(nowUs));
    const date = today?.date ?? this.#calendar.sessionAtOrAfter(nowUs).date;
    const isOver = today !== undefined && nowUs >= today.closeUs;
    return isOver ? this.#calendar.nextSession(date).date : date;
  }

  /** Expiries for which contracts must be listed anew; `undefined` while those that are known do. */
  wantedExpiries(nowUs: number): { readonly from: string; readonly to: string } | undefined {
    const from = this.fromExpiration(nowUs);
    if (from === this.#listedFor) return undefined;
    return { from, to: dateOfDay(dayNumber(from) + EXPIRY_DAYS) };
  }

  /** Takes the contracts of some expiries, instead of those before. */
  list(from: string, contracts: readonly OptionContract[]): readonly NearMoneyUpdate[] {
    this.#listedFor = from;
    this.#listed = contracts.filter(({ underlying }) => underlying === this.underlying);
    return this.#choose();
  }

  /** Takes what a stream, or a history, says; what is of other symbols is passed over. */
  hear(event: MarketEvent): readonly NearMoneyUpdate[] {
    if (event.kind === 'quote') return this.#onQuote(event.quote);
    if (event.kind === 'trade' && event.trade.symbol === this.underlying) {
      return this.#moved(event.trade.priceNanos, event.trade.atUs);
    }
    if (event.kind !== 'bar' || event.bar.symbol !== this.underlying) return [];
    const { bar } = event;
    const isNew = this.#minutes.take(bar);
    const values = this.#minutes.values;
    const told =
      isNew && values !== undefined
        ? [{ kind: 'underlying', underlying: this.underlying, values } as const]
        : [];
    return [...told, ...this.#moved(bar.closeNanos, bar.endUs)];
  }

  #onQuote(quote: MarketQuote): readonly NearMoneyUpdate[] {
    const contract = this.#watched.get(quote.symbol);
    return contract === undefined ? [] : [{ kind: 'quote', contract, quote }];
  }

  /** What comes later than it happened moves nothing. */
  #moved(nanos: PriceNanos, atUs: TimeUs): readonly NearMoneyUpdate[] {
    if (this.#price !== undefined && atUs < this.#price.atUs) return [];
    this.#price = { nanos, atUs };
    return this.#choose();
  }

  #choose(): readonly NearMoneyUpdate[] {
    if (this.#price === undefined || this.#listedFor === undefined) return [];
    const choice = chooseNearMoney({
      contracts: this.#listed,
      priceNanos: this.#price.nanos,
      fromExpiration: this.#listedFor,
      strikes: this.#strikes,
      before: this.#choice,
    });
    if (choice === this.#choice || choice === undefined) return [];
    this.#choice = choice;
    this.#watched = new Map(choice.contracts.map((one) => [one.symbol, one]));
    return [{ kind: 'chosen', choice }];
  }
}

/** The nearest expiry is no further than this, weekly ones over the longest holidays included. */
const EXPIRY_DAYS = 10;
