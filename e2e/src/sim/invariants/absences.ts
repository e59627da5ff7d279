import { isTerminal, type Order, type OrderTerms, US_PER_MS } from '@capstan/domain';
import type { VenueCapabilities } from '@capstan/ports';

/** However soon a venue shows its orders: what was under way just now may still come. */
const ABSENCE_MS_MIN = 1_000;

/** How an order begins to say that a person closed it. */
const BY_PERSON = 'closed as absent by ';

/** What the platform has sent, as far as the broker cannot know it. */
export type Sendings = Pick<Absences, 'has' | 'sent'>;

/** Orders that count as never taken by the venue: which they are, and that none does before its absence is proved. */
export class Absences {
  readonly #provedAfterUs: number;
  readonly #underWayUs = new Map<string, number>();
  readonly #sent = new Map<string, OrderTerms>();
  readonly #givenUp = new Set<string>();

  constructor({ visibilityMs }: Pick<VenueCapabilities, 'visibilityMs'>) {
    this.#provedAfterUs = Math.max(visibilityMs, ABSENCE_MS_MIN) * US_PER_MS;
  }

  /** Notes that orders are on their way to the venue at this moment, or were until now. */
  underWay(orders: readonly OrderTerms[], nowUs: number): void {
    for (const order of orders) {
      this.#sent.set(order.orderId, order);
      this.#underWayUs.set(order.orderId, nowUs);
    }
  }

  /** Every order that was ever sent, whether it came or not. */
  sent(): Iterable<OrderTerms> {
    return this.#sent.values();
  }

  /**
   * Notes that an order was given up, where that is what a commit did to it: the venue itself did not reject it.
   * @param before as it was committed before.
   * @throws Error where it was given up although it may still come to be seen.
   */
  take(before: Order | undefined, order: Order, nowUs: number): void {
    const { orderId, state, venueOrderId, reason = '' } = order;
    if (state !== 'rejected' || venueOrderId !== undefined) return;
    if (before === undefined || isTerminal(before.state)) return;
    const underWayUs = this.#underWayUs.get(orderId);
    const sinceUs = nowUs - (underWayUs ?? Number.NEGATIVE_INFINITY);
    if (sinceUs < this.#provedAfterUs && !reason.startsWith(BY_PERSON)) {
      throw new Error(
        `order ${orderId} is given up ${sinceUs / US_PER_MS} ms after it was under way: the venue may still show it`,
      );
    }
    this.#givenUp.add(orderId);
  }

  /** Tells whether an order was given up, and rightly. */
  has(orderId: string): boolean {
    return this.#givenUp.has(orderId);
  }
}
