import {
  type AssetClass,
  assert,
  crossPriceNanos,
  DERIVED_IDS,
  type IdScheme,
  type Intent,
  type InternalCross,
  type OrderTerms,
  type PriceNanos,
  type Quantity,
  quantity,
  type TimeInForce,
  type TimeUs,
} from '@capstan/domain';
import { type ApprovedOrder, divideOrder, type RiskLimits } from '@capstan/risk';
import type { AccountView } from './account-view.ts';
import type { ExitPlaces } from './exit-places.ts';

/** What crossing is decided from. */
export interface CrossingParts {
  readonly limits: RiskLimits;
  readonly view: AccountView;
  readonly sliceEndUs: TimeUs;
  /** Where exits may stand at the venue. */
  readonly exits: Pick<ExitPlaces, 'has'>;
  readonly ids?: IdScheme | undefined;
}

/** An order that was divided: what is left of it goes by the other's id. */
export interface Division {
  readonly orderId: string;
  readonly rest: ApprovedOrder;
}

/** Shares: what the broker books of them is price times quantity and nothing else. */
const CROSSED: readonly AssetClass[] = ['equity', 'etf'];
/** An order for an auction waits for that. */
const AT_ONCE: readonly TimeInForce[] = ['day', 'gtc', 'ioc'];

/**
 * Fills the opposing orders of two bots that one slice decides by each other, at the close of that slice, where the limits say
 * `crossing: internal`. What is crossed never reaches the venue, and what is left of the larger of the two goes there as an order of its
 * own. Nothing is crossed that would leave something behind at the venue: only market orders in shares without exits, while the market
 * is open, of bots that have nothing else out in the symbol and no exits of it at the venue.
 */
export class SliceCrossing {
  /** What the slice approved, in the order in which it goes out. */
  readonly orders: ApprovedOrder[] = [];
  readonly crosses: InternalCross[] = [];
  readonly #parts: CrossingParts;
  /** Orders that may be crossed and have no counterpart: of a symbol all are on one side. */
  #waiting: readonly ApprovedOrder[] = [];
  readonly #crossed: ApprovedOrder[] = [];

  constructor(parts: CrossingParts) {
    this.#parts = parts;
  }

  /** Tells whether the order of an intent may be crossed; asked before it is reserved. */
  mayCross(intent: Intent): boolean {
    const { limits, view, exits } = this.#parts;
    const { botId, symbol, type, timeInForce } = intent;
    if (limits.crossing !== 'internal') return false;
    if (type !== 'market' || intent.exits !== undefined || !AT_ONCE.includes(timeInForce))
      return false;
    const { positionQuantity, openBuyQuantity, openSellQuantity } = view.exposure(botId, symbol);
    if (openBuyQuantity + openSellQuantity > 0) return false;
    if (positionQuantity !== 0 && exits.has({ botId, symbol })) return false;
    return this.#priceOf(symbol) !== undefined;
  }

  /**
   * Returns the limits that an intent is put before: where all that other bots have out against it is crossed, with it or before, the
   * account does not trade with itself at the broker.
   * @param may what {@link SliceCrossing.mayCross} says of it.
   */
  limitsFor(intent: Intent, may: boolean): RiskLimits {
    const { limits, view } = this.#parts;
    const { botId, symbol, side } = intent;
    const inside = may ? [...this.#crossed, ...this.#waiting] : this.#crossed;
    const against = inside.filter((order) => isAgainst(order, intent));
    if (against.length === 0) return limits;
    let out = 0;
    for (const one of view.exposures()) {
      if (one.symbol !== symbol || one.botId === botId) continue;
      out += side === 'buy' ? one.openSellQuantity : one.openBuyQuantity;
    }
    const crossed = against.reduce((sum, order) => sum + order.quantity, 0);
    return out === crossed ? { ...limits, crossing: 'allow' } : limits;
  }

  /**
   * Takes an order that was approved and reserved.
   * @param may what {@link SliceCrossing.mayCross} said of it.
   * @returns the orders that were divided for it, for their reservations to be divided alike.
   */
  take(order: ApprovedOrder, may: boolean): readonly Division[] {
    const divisions: Division[] = [];
    let left = order;
    for (;;) {
      const against = may ? this.#waiting.find((one) => isAgainst(one, left)) : undefined;
      if (against === undefined) {
        this.orders.push(left);
        if (may) this.#waiting = [...this.#waiting, left];
        return divisions;
      }
      const amount = quantity(Math.min(left.quantity, against.quantity));
      const [theirs, theirRest] = this.#divide(against, amount, divisions);
      const [mine, myRest] = this.#divide(left, amount, divisions);
      const rests = theirRest === undefined ? [] : [theirRest];
      this.orders.splice(this.orders.indexOf(against), 1, theirs, ...rests);
      this.#waiting = this.#waiting.flatMap((one) => (one === against ? rests : [one]));
      this.orders.push(mine);
      this.#cross(mine, theirs);
      if (myRest === undefined) return divisions;
      left = myRest;
    }
  }

  #cross(one: ApprovedOrder, other: ApprovedOrder): void {
    const price = this.#priceOf(one.symbol);
    assert(price !== undefined, `${one.symbol} has no price to be crossed at`);
    const [buy, sell] = one.side === 'buy' ? [one, other] : [other, one];
    this.#crossed.push(buy, sell);
    const ids = { buyOrderId: buy.orderId, sellOrderId: sell.orderId };
    this.crosses.push({ ...ids, priceNanos: price });
  }

  #divide(
    order: ApprovedOrder,
    amount: Quantity,
    divisions: Division[],
  ): readonly [ApprovedOrder, ApprovedOrder?] {
    if (order.quantity === amount) return [order];
    const [first, rest] = divideOrder(order, amount, this.#parts.ids ?? DERIVED_IDS);
    divisions.push({ orderId: first.orderId, rest });
    return [first, rest];
  }

  /** The price at which a symbol is crossed now: there is one where a bar of it has closed with the slice, and its market is open. */
  #priceOf(symbol: string): PriceNanos | undefined {
    const { view, sliceEndUs } = this.#parts;
    const instrument = view.instrument(symbol);
    const mark = view.mark(symbol);
    if (!CROSSED.includes(instrument.assetClass) || mark?.barEndUs !== sliceEndUs) return undefined;
    if (!view.calendar(instrument).isOpen(sliceEndUs)) return undefined;
    const price = crossPriceNanos(instrument, mark.priceNanos);
    return price > 0 ? price : undefined;
  }
}

const isAgainst = (
  order: OrderTerms,
  { botId, symbol, side }: Pick<Intent, 'botId' | 'symbol' | 'side'>,
): boolean => order.symbol === symbol && order.side !== side && order.botId !== botId;
