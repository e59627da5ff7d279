import {
  type BotSlice,
  isTerminal,
  mulDivRound,
  type Order,
  type OrderTerms,
  type PriceNanos,
  priceNanos,
  type Signal,
  type Split,
  type TimeUs,
  timeUs,
  US_PER_MINUTE,
} from '@capstan/domain';

/** An opinion that is decided once more, when the orders that it waits for have ended. Plain data, safe for JSON. */
export interface FollowUp {
  readonly signal: Signal;
  /** Of its bot: at the slices of this feed it is looked at. */
  readonly feed: string;
  /** Orders that its intent has had so far, from 0; one that risk denied counts. */
  readonly attempts: number;
  /** Absent where it has had none. */
  readonly intentId?: string;
  /** Orders that were cancelled for it, and the last ones of its own; of what `closes`, all that its bot has out. Sorted. */
  readonly waitsFor: readonly string[];
  /** True of a wish to be flat that is carried out by what is out: nothing is decided unless the market does not take one of those. */
  readonly closes?: boolean;
  /** It is not decided before then: the market has refused its orders again and again. */
  readonly notBeforeUs?: TimeUs;
}

/** What follow-ups are decided with. */
export interface FollowUpRules {
  /** Tells whether fills of an order, or the word of its end, may still come. */
  readonly isOut: (orderId: string) => boolean;
  /** Tells whether a wish to be flat can be carried out at a time. */
  readonly mayClose: (followUp: FollowUp, atUs: TimeUs) => boolean;
}

type Owner = Pick<Signal, 'botId' | 'symbol'>;

const PRICES = [
  'limitPriceNanos',
  'entryStopPriceNanos',
  'stopPriceNanos',
  'takeProfitPriceNanos',
  'trailNanos',
  'atrNanos',
] as const satisfies readonly (keyof Signal)[];

/** The longest time between two orders of a wish to be flat of which the first was refused, in minutes. */
const REFUSED_MINUTES_MAX = 60;

/** The follow-ups of an account: at most one for each bot and symbol, that of its newest opinion. */
export class FollowUps {
  readonly #byOwner = new Map<string, FollowUp>();

  put(followUp: FollowUp): void {
    this.#byOwner.set(keyOf(followUp.signal), followUp);
  }

  remove(owner: Owner): void {
    this.#byOwner.delete(keyOf(owner));
  }

  /**
   * Returns those that a slice decides once more. An opinion that may open something is decided while its bot runs, and forgotten
   * when that stops for good; one that closes is decided in any case.
   */
  due(slices: readonly BotSlice[], rules: FollowUpRules): readonly FollowUp[] {
    for (const followUp of this.all()) {
      const { signal } = followUp;
      const stops = slices.some((one) => one.botId === signal.botId && one.state === 'stopped');
      if (isDone(followUp) || (stops && signal.direction !== 'flat')) this.remove(signal);
    }
    return this.all().filter((one) => isDue(one, slices, rules));
  }

  /**
   * Hears of an order: one that execution has made of another by itself is one more to wait for, and is told after the end of that;
   * what closes is done by the next slice, or was refused and is decided once more.
   */
  hear(order: Order): void {
    const heard = this.#byOwner.get(keyOf(order));
    if (heard === undefined) return;
    const { orderId, intentId, attempt } = order;
    if (intentId === heard.intentId && attempt > heard.attempts) {
      const waitsFor = [...heard.waitsFor, orderId].sort();
      this.put({ ...heard, attempts: attempt, waitsFor });
    }
    if (isTerminal(order.state)) this.#hearEnd(order);
  }

  #hearEnd(order: Order): void {
    const followUp = this.#byOwner.get(keyOf(order));
    if (followUp?.closes !== true || !followUp.waitsFor.includes(order.orderId)) return;
    const waitsFor = followUp.waitsFor.filter((orderId) => orderId !== order.orderId);
    const { closes: _, ...again } = { ...followUp, waitsFor };
    if (order.state === 'denied' || order.state === 'rejected') {
      this.put({ ...again, ...pauseAfter(order) });
    } else if (isExpiredAtMarket(order)) this.put(again);
    else this.put({ ...followUp, waitsFor });
  }

  /** Takes a part of an order into account that goes by an id of its own. */
  divide(orderId: string, rest: OrderTerms): void {
    const followUp = this.#byOwner.get(keyOf(rest));
    if (followUp?.waitsFor.includes(orderId) !== true) return;
    const waitsFor = [...followUp.waitsFor, rest.orderId].sort();
    this.put({ ...followUp, waitsFor, attempts: Math.max(followUp.attempts, rest.attempt) });
  }

  get count(): number {
    return this.#byOwner.size;
  }

  /** Returns them sorted by bot and symbol. */
  all(): readonly FollowUp[] {
    if (this.#byOwner.size === 0) return NOTHING;
    return [...this.#byOwner].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }

  /** Puts the prices of a symbol's opinions on the share count after a split, to the nearest nano. */
  restate(symbol: string, { newShares, oldShares }: Split): void {
    for (const [key, followUp] of this.#byOwner) {
      const { signal } = followUp;
      if (signal.symbol !== symbol) continue;
      const prices: Partial<Record<(typeof PRICES)[number], PriceNanos>> = {};
      for (const name of PRICES) {
        const price = signal[name];
        if (price !== undefined)
          prices[name] = priceNanos(mulDivRound(price, oldShares, newShares));
      }
      this.#byOwner.set(key, { ...followUp, signal: { ...signal, ...prices } });
    }
  }
}

const NOTHING: readonly FollowUp[] = [];

/** All that was to close has ended, and nothing has followed it. */
const isDone = ({ closes, waitsFor }: FollowUp): boolean =>
  closes === true && waitsFor.length === 0;

function isDue(
  followUp: FollowUp,
  slices: readonly BotSlice[],
  { isOut, mayClose }: FollowUpRules,
): boolean {
  const { signal, feed, waitsFor, notBeforeUs = 0 } = followUp;
  const closes = signal.direction === 'flat';
  const asks = slices.find(
    (slice) =>
      slice.feed === feed &&
      (closes || (slice.botId === signal.botId && slice.state === 'running')),
  );
  if (asks === undefined || asks.sliceEndUs < notBeforeUs || waitsFor.some(isOut)) return false;
  return !closes || mayClose(followUp, asks.sliceEndUs);
}

/** An order that names a price, or the moment at which it is filled, has done what it was sent for when it expires. */
const isExpiredAtMarket = ({ state, type, timeInForce }: Order): boolean =>
  state === 'expired' && type === 'market' && (timeInForce === 'day' || timeInForce === 'gtc');

/** After the first refusal comes the next slice; then they are two minutes apart, and twice as long each time. */
function pauseAfter({ attempt, decidedAtUs }: Order): Pick<FollowUp, 'notBeforeUs'> {
  if (attempt < 2) return {};
  const minutes = Math.min(2 ** (attempt - 1), REFUSED_MINUTES_MAX);
  return { notBeforeUs: timeUs(decidedAtUs + minutes * US_PER_MINUTE) };
}

const keyOf = ({ botId, symbol }: Owner): string => `${botId}\n${symbol}`;
