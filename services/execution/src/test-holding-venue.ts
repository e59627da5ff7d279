import { EXIT_LEGS, type OrderTerms, orderId, quantity } from '@capstan/domain';
import type { CancelAnswer, SubmitAnswer, VenueCapabilities } from '@capstan/ports';
import { CAREFUL, type Detail, TestVenue } from './test-venue.ts';

/** A broker at which exits wait for the whole fill, hold what they protect, and may come later. */
export const HOLDING: VenueCapabilities = {
  ...CAREFUL,
  orderTypes: ['market', 'limit', 'stop'],
  replaces: false,
  exits: ['bracket'],
  exitsBegin: 'wholeFill',
  exitsHold: true,
  exitsLater: true,
};

/** The legs of an entry or of a pair: what one fills the other loses, and with the one the other ends. */
type Group = readonly string[];

/** A broker that keeps the exits of an entry from its whole fill on, and refuses what else would close what they hold, or trade with them. */
export class HoldingVenue extends TestVenue {
  override capabilities: VenueCapabilities = HOLDING;
  /** What it says of the orders whose exits it is to keep, and of exits that come later. */
  takes: (order: OrderTerms) => boolean = () => true;
  /** Orders that it has refused as exits hold what they would close. */
  readonly refused: string[] = [];
  /** The least that was ever held here; below 0 somebody has closed more than there was. */
  leastHeld = 0;
  /** True while exits that have begun are told to nobody yet. */
  isLate = false;
  readonly #groups: Group[] = [];
  /** Exits that protect less than they began with. */
  readonly #lessened = new Set<string>();
  readonly #untold: Detail[] = [];

  keepsExits(order: OrderTerms): boolean {
    return this.takes(order);
  }

  override async submit(order: OrderTerms): Promise<SubmitAnswer> {
    const isNew = this.placed(order.orderId) === undefined;
    if (!this.down && isNew && (this.#isHeld(order) || this.#meets(order))) {
      this.arrivals.push(order.orderId);
      this.refused.push(order.orderId);
      return { kind: 'rejected', reason: 'insufficient qty available' };
    }
    return await super.submit(order);
  }

  /** A pair comes to stand as its first half does. */
  protected override begun(order: OrderTerms): void {
    const { exits, leg, intentId, attempt } = order;
    const stopPriceNanos = exits?.stopPriceNanos;
    if (leg === 0) return;
    if (stopPriceNanos === undefined) {
      this.#groups.push([order.orderId]);
      return;
    }
    const stop = { type: 'stop', stopPriceNanos, side: order.side } as const;
    this.#groups.push([order.orderId, orderId({ intentId, leg: EXIT_LEGS.stop, attempt })]);
    this.protect(order.orderId, EXIT_LEGS.stop, stop);
  }

  /** What closes is refused where exits hold too much of what is held. */
  #isHeld({ side, symbol, quantity: amount }: OrderTerms): boolean {
    const held = side === 'sell' ? this.heldIn(symbol) : -this.heldIn(symbol);
    const kept = this.#groups.reduce((sum, group) => sum + this.#openIn(group, symbol, side), 0);
    return kept > 0 && held - kept < amount;
  }

  /** What could trade with exits of the same account is refused, unless it has exits of its own. */
  #meets({ side, symbol, exits }: OrderTerms): boolean {
    const across = side === 'buy' ? 'sell' : 'buy';
    const isMet = this.#groups.some((group) => this.#openIn(group, symbol, across) > 0);
    return exits === undefined && isMet;
  }

  #openIn(group: Group, symbol: string, side: OrderTerms['side']): number {
    const legs = group.flatMap((id) => this.placed(id) ?? []);
    const open = legs
      .filter(({ terms, state }) => state === 'working' && terms.symbol === symbol)
      .filter(({ terms }) => terms.side === side)
      .map(({ terms, filled }) => terms.quantity - filled);
    return open.length === 0 ? 0 : Math.min(...open);
  }

  override async cancel(accountId: string, orderId: string): Promise<CancelAnswer> {
    const answer = await super.cancel(accountId, orderId);
    if (answer.kind === 'requested') this.#endOthers(orderId);
    return answer;
  }

  /** Ends an order as a person does at the broker's own page, or the close of the day; its group with it. */
  end(orderId: string, how: 'cancelled' | 'expired' = 'cancelled'): void {
    const placed = this.placed(orderId);
    if (placed?.state !== 'working') return;
    placed.state = how;
    this.emit(
      how === 'expired' ? { kind: how, orderId } : { kind: how, orderId, reason: 'by hand' },
    );
    this.#endOthers(orderId);
  }

  /** The other exit of a group has filled some of what both protect. */
  #lose(orderId: string, amount: number): void {
    const placed = this.placed(orderId);
    if (placed?.state !== 'working') return;
    const left = placed.terms.quantity - amount;
    this.#lessened.add(orderId);
    if (left > placed.filled) placed.terms = { ...placed.terms, quantity: quantity(left) };
    else this.end(orderId);
  }

  #endOthers(orderId: string): void {
    for (const other of this.#othersOf(orderId)) this.end(other);
  }

  #othersOf(orderId: string): Group {
    const group = this.#groups.find((ids) => ids.includes(orderId)) ?? [];
    return group.filter((id) => id !== orderId);
  }

  override fill(id: string, amount: number, executionId?: string, fee = 0): void {
    super.fill(id, amount, executionId, fee);
    const placed = this.placed(id);
    if (placed === undefined) return;
    this.leastHeld = Math.min(this.leastHeld, this.heldIn(placed.terms.symbol));
    for (const other of this.#othersOf(id)) this.#lose(other, amount);
    if (placed.state === 'filled' && this.#lessened.has(id)) {
      this.emit({ kind: 'cancelled', orderId: id, reason: 'nothing is left of it' });
    }
    const begins = placed.state === 'filled' && placed.terms.leg === 0;
    if (begins && placed.terms.exits !== undefined) this.#beginExits(placed.terms);
  }

  #beginExits({ orderId: entry, exits = {}, intentId, attempt }: OrderTerms): void {
    const { stopPriceNanos, takeProfitPriceNanos: limitPriceNanos } = exits;
    const legs: [number, Partial<OrderTerms>][] = [];
    if (stopPriceNanos !== undefined) legs.push([EXIT_LEGS.stop, { type: 'stop', stopPriceNanos }]);
    if (limitPriceNanos !== undefined)
      legs.push([EXIT_LEGS.takeProfit, { type: 'limit', limitPriceNanos }]);
    this.#groups.push(legs.map(([leg]) => orderId({ intentId, leg, attempt })));
    for (const [leg, of] of legs) this.protect(entry, leg, of);
  }

  /** Tells that exits have begun, at once or once there is more to say of them. */
  override emit(detail: Detail): void {
    if (this.isLate && detail.kind === 'accepted' && detail.exit !== undefined) {
      this.#untold.push(detail);
      return;
    }
    if (this.#untold.some(({ orderId: id }) => id === detail.orderId)) this.catchUp();
    super.emit(detail);
  }

  /** Tells what was kept back of exits. */
  catchUp(): void {
    for (const detail of this.#untold.splice(0)) super.emit(detail);
  }
}
