import type { Fill, TimeUs, VenueEvent } from '@capstan/domain';
import type { Trade } from './compare-fills.ts';

type Filled = Extract<VenueEvent, { kind: 'filled' }>;

/** Up to which slice of a feed something holds. */
interface Slice {
  readonly feed: string;
  readonly sliceEndUs: TimeUs;
}

/** An execution of the model, and the slice that it was made in. */
interface Modelled extends Trade, Slice {
  readonly accountId: string;
}

/** Plain data, safe for JSON. */
export interface ExecutionsState {
  readonly live: readonly (readonly [string, readonly Trade[]])[];
  readonly model: readonly (readonly [string, readonly Modelled[]])[];
  readonly told: readonly (readonly [string, TimeUs])[];
}

/** What is to be compared of an order. */
export interface Executed {
  readonly orderId: string;
  readonly live: readonly Trade[];
  readonly model: readonly Trade[];
}

/** Executions of live and of the model of its venue that are not compared yet, by order. */
export class Executions {
  readonly #live = new Map<string, readonly Trade[]>();
  readonly #model = new Map<string, readonly Modelled[]>();
  /** Up to which slice of a feed an account has told all: the model is ahead of who is slow to tell. */
  readonly #told = new Map<string, TimeUs>();

  takeLive(fill: Fill): void {
    const { orderId } = fill;
    this.#live.set(orderId, [...(this.#live.get(orderId) ?? []), tradeOf(fill)]);
  }

  takeModel(filled: Filled, { feed, sliceEndUs }: Slice): void {
    const { orderId, accountId } = filled;
    const made = { ...tradeOf(filled), accountId, feed, sliceEndUs };
    this.#model.set(orderId, [...(this.#model.get(orderId) ?? []), made]);
  }

  /** An account has told all executions up to a slice. */
  noteTold(accountId: string, { feed, sliceEndUs }: Slice): void {
    const key = `${accountId} ${feed}`;
    if (sliceEndUs > (this.#told.get(key) ?? 0)) this.#told.set(key, sliceEndUs);
  }

  has(orderId: string): boolean {
    return this.#live.has(orderId) || this.#model.has(orderId);
  }

  /** Takes out what is due and can be compared, sorted by order. */
  take(isDue: (us: TimeUs) => boolean): readonly Executed[] {
    const ids = [...new Set([...this.#live.keys(), ...this.#model.keys()])].sort();
    return ids.flatMap((orderId) => {
      const live = takeFrom(this.#live, orderId, ({ eventAtUs }) => isDue(eventAtUs));
      const model = takeFrom(this.#model, orderId, (one) => isDue(one.eventAtUs) && this.#is(one));
      return live.length + model.length === 0 ? [] : [{ orderId, live, model }];
    });
  }

  /** Who has never told of a feed does not tell of its slices at all. */
  #is({ accountId, feed, sliceEndUs }: Modelled): boolean {
    return sliceEndUs <= (this.#told.get(`${accountId} ${feed}`) ?? sliceEndUs);
  }

  state(): ExecutionsState {
    return { live: [...this.#live], model: [...this.#model], told: [...this.#told] };
  }

  restore({ live, model, told }: ExecutionsState): void {
    for (const [orderId, trades] of live) this.#live.set(orderId, trades);
    for (const [orderId, made] of model) this.#model.set(orderId, made);
    for (const [key, sliceEndUs] of told) this.#told.set(key, sliceEndUs);
  }
}

function takeFrom<One>(
  all: Map<string, readonly One[]>,
  orderId: string,
  isTaken: (one: One) => boolean,
): readonly One[] {
  const before = all.get(orderId) ?? [];
  const rest = before.filter((one) => !isTaken(one));
  if (rest.length === 0) all.delete(orderId);
  else all.set(orderId, rest);
  return before.filter(isTaken);
}

const tradeOf = ({ eventAtUs, quantity, priceNanos, feeMicros }: Trade): Trade => ({
  eventAtUs,
  quantity,
  priceNanos,
  feeMicros,
});
