import { type CashEvent, dividendShares, type VenueActivity } from '@capstan/domain';
import { HOUSE } from '@capstan/engine';
import type { Commit } from '@capstan/ports';
import { ACCOUNT_ID, instruments, type Scenario } from '../scenario.ts';
import type { BrokerTruth } from './broker-truth.ts';

type Cash = Exclude<VenueActivity, { readonly kind: 'split' }>;

interface Told {
  readonly activity: Cash;
  /** Whose it is, by what the broker knew as it happened. */
  readonly shares: ReadonlyMap<string, number>;
}

/**
 * Cash that comes and goes without a trade, as the venue tells it: each is booked once, whole, and to those whose it is: dividends to
 * who held the shares before the venue's next fill, all else to the house.
 */
export class ToldCash {
  readonly #truth: BrokerTruth;
  /** True where who holds what does not follow from what the broker knows. */
  readonly #isBlurred: boolean;
  readonly #told = new Map<string, Told>();
  readonly #booked = new Set<string>();

  constructor(truth: BrokerTruth, { limits }: Pick<Scenario, 'limits'>) {
    this.#truth = truth;
    this.#isBlurred = limits.crossing === 'internal';
  }

  /** Tells whether all of it is booked. */
  get isComplete(): boolean {
    return [...this.#told].every(([id, { activity }]) => {
      return activity.amountMicros === 0 || this.#booked.has(id);
    });
  }

  /** Hears what the exchange has told since. */
  hear(): void {
    for (const activity of this.#truth.exchange.activities(ACCOUNT_ID)) {
      if (activity.kind === 'split' || this.#told.has(activity.activityId)) continue;
      this.#told.set(activity.activityId, { activity, shares: this.#sharesOf(activity) });
    }
  }

  /** @throws Error where something is booked twice, in part, to somebody else, or was never told. */
  check({ cashEvents = [] }: Commit): void {
    for (const [activityId = '', events] of Map.groupBy(cashEvents, (one) => one.activityId)) {
      const why = this.#objection(activityId, events);
      if (why !== undefined) throw new Error(`cash ${activityId} is booked although ${why}`);
      this.#booked.add(activityId);
    }
    for (const event of cashEvents) this.#truth.insert(event);
  }

  #objection(activityId: string, events: readonly CashEvent[]): string | undefined {
    const told = this.#told.get(activityId);
    if (told === undefined) return 'the venue has told no such thing';
    if (this.#booked.has(activityId)) return 'it is booked before';
    const { activity, shares } = told;
    if (events.some(({ kind }) => kind !== activity.kind)) return `it is ${activity.kind}`;
    const booked = events.reduce((sum, one) => sum + one.amountMicros, 0);
    if (booked !== activity.amountMicros) return `it is ${activity.amountMicros}, not ${booked}`;
    if (this.#isUnclear(activity)) return undefined;
    const isTheirs = events.every((one) => shares.get(one.botId) === one.amountMicros);
    return isTheirs && events.length === shares.size ? undefined : 'it is not theirs';
  }

  #sharesOf(activity: Cash): ReadonlyMap<string, number> {
    if (activity.kind !== 'dividend') return new Map([[HOUSE, activity.amountMicros]]);
    const { symbol } = activity;
    const instrument = instruments.get(symbol);
    return dividendShares(this.#truth.holdersOf(symbol), activity, instrument, HOUSE);
  }

  /** What the venue took back of a fill may count before or after a dividend that came between two fills. */
  #isUnclear(activity: Cash): boolean {
    if (activity.kind !== 'dividend') return false;
    return this.#isBlurred || this.#truth.isAmended(activity.symbol);
  }
}
