import {
  type BotSlice,
  cashMicros,
  type Fill,
  newOrder,
  notionalMicros,
  type Order,
  type OrderEvent,
  type OrderTerms,
  openQuantity,
  priceNanos,
  quantity,
  type TimeUs,
  timeUs,
  transition,
  US_PER_MINUTE,
} from '@capstan/domain';
import { KILL_OFF } from '@capstan/risk';
import { AccountCore, HOUSE } from '../account-core.ts';
import type { TestWorld } from '../run/test-run-world.ts';
import type { Told } from './account-replay.ts';
import type { ReplayEvent } from './replay.ts';
import { type Journal, journalOf } from './test-replay-world.ts';

const ACCOUNT = 'account';
const CENT = 10_000_000;
/** How much later than its slice ends a decision comes; the last two are too old to add. */
const DELAYS = [0, 3, 20, 90, 4_000].map((seconds) => seconds * 1_000_000);

/**
 * Plays what the bots of a world say on the accounts of a real broker by a clock of its own: bars, and so decisions, come late;
 * orders are accepted, filled, in parts too, denied for their age and cancelled whenever, at other prices and times than a model's;
 * and of what execution has journaled, risk may have heard less.
 */
export function liveJournalOf(world: TestWorld, seed: number): Journal {
  const { settings, setups, events } = journalOf(world);
  const live = new LiveAccount(world, chanceBy(seed));
  const played = events.flatMap((event): readonly ReplayEvent[] => {
    if (event.kind === 'decided') return live.decide(event.feed, event.sliceEndUs);
    if (event.kind === 'said') live.hear(event.said);
    return ['slice', 'begin', 'said'].includes(event.kind) ? [event] : [];
  });
  return { settings: { ...settings, modelled: new Set() }, setups, events: played };
}

/** Numbers below a bound, always the same ones for a seed. */
type Chance = (below: number) => number;

function chanceBy(seed: number): Chance {
  let state = (seed >>> 0) + 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

class LiveAccount {
  readonly #world: TestWorld['spec'];
  readonly #chance: Chance;
  readonly #core: AccountCore;
  readonly #orders = new Map<string, Order>();
  #said: BotSlice[] = [];
  /** What is journaled, and risk has not heard yet. */
  #unheard: Told[] = [];
  #nowUs = timeUs(0);
  #fills = 0;
  #messages = 0;
  #heardOrders = 0;

  constructor({ spec }: TestWorld, chance: Chance) {
    const { instruments, calendarOf, limits, cashMicros: cash } = spec;
    const config = { accountId: ACCOUNT, instruments, calendarOf, limits, countsPast: true };
    this.#world = spec;
    this.#chance = chance;
    this.#core = new AccountCore(config);
    this.#core.fund(HOUSE, cash);
  }

  hear(said: BotSlice): void {
    this.#said.push(said);
  }

  decide(feed: string, sliceEndUs: TimeUs): readonly ReplayEvent[] {
    const delay = DELAYS[this.#chance(DELAYS.length)] ?? 0;
    this.#nowUs = timeUs(Math.max(this.#nowUs, sliceEndUs + delay));
    const before = this.#work();
    this.#hearSome();
    const grounds = {
      ...{ nowUs: this.#nowUs, accountSequence: this.#core.lastSequence },
      orderSequence: this.#heardOrders,
    };
    const decision = this.#core.decideSlice({
      ...{ sliceEndUs, nowUs: this.#nowUs, slices: this.#said.splice(0), killSwitch: KILL_OFF },
      sizingOf: () => this.#world.sizing,
    });
    const { orders, denials, cancelOrderIds, crosses } = decision;
    const decided = { feed, sliceEndUs, orders, cancelOrderIds, crosses, grounds };
    return [
      ...before,
      { kind: 'denied', accountId: ACCOUNT, denials },
      { kind: 'decided', accountId: ACCOUNT, ...decided },
      ...cancelOrderIds.flatMap((orderId) => this.#cancel(orderId)),
      ...orders.flatMap((terms) => this.#send(terms)),
    ];
  }

  #hearSome(): void {
    const heard = this.#unheard.splice(0, this.#chance(this.#unheard.length + 1));
    for (const told of heard) {
      if ('orders' in told) {
        for (const order of told.orders) this.#core.applyOrder(order);
        this.#heardOrders = told.sequence ?? 0;
      } else for (const entry of told.entries) this.#core.applyEntry(entry);
    }
  }

  #send(terms: OrderTerms): readonly ReplayEvent[] {
    this.#orders.set(terms.orderId, newOrder(terms, this.#nowUs));
    if (this.#nowUs > terms.expiresAtUs) {
      const reason = `decision-age: the decision expired ${this.#nowUs - terms.expiresAtUs} µs before it could be sent`;
      return this.#tell(terms.orderId, { kind: 'deny', reason });
    }
    return [
      ...this.#tell(terms.orderId, { kind: 'submit' }),
      ...this.#tell(terms.orderId, { kind: 'accept', venueOrderId: terms.orderId }),
    ];
  }

  /** What happens at the broker between two decisions. */
  #work(): readonly ReplayEvent[] {
    const open = [...this.#orders.values()].filter(({ state }) => OPEN.includes(state));
    return open.flatMap((order) => {
      const luck = this.#chance(4);
      if (luck === 0) return [];
      return luck === 1 ? this.#end(order) : this.#fill(order);
    });
  }

  #end({ orderId, state }: Order): readonly ReplayEvent[] {
    if (state !== 'cancelling') return [];
    return this.#tell(orderId, { kind: 'cancel', reason: 'requested' });
  }

  #cancel(orderId: string): readonly ReplayEvent[] {
    const order = this.#orders.get(orderId);
    if (order === undefined || !OPEN.includes(order.state)) return [];
    return this.#tell(orderId, { kind: 'requestCancel' });
  }

  #fill(order: Order): readonly ReplayEvent[] {
    const { orderId, runId, accountId, botId, symbol, side } = order;
    const all = openQuantity(order);
    if (all <= 0) return [];
    const part = this.#chance(3) === 0 ? Math.ceil(all / 2) : all;
    const last = this.#core.view(KILL_OFF).mark(symbol)?.priceNanos ?? 0;
    const price = Math.max(CENT, last + (this.#chance(9) - 4) * CENT);
    this.#fills += 1;
    const fill: Fill = {
      ...{ fillId: `fill-${this.#fills}`, kind: 'fill', orderId, runId, accountId, botId, symbol },
      ...{ side, quantity: quantity(part), priceNanos: priceNanos(price) },
      feeMicros: cashMicros(this.#chance(100)),
      eventAtUs: timeUs(this.#nowUs - this.#chance(US_PER_MINUTE)),
      accountSequence: this.#fills,
    };
    const instrument = this.#world.instruments.get(symbol);
    const notional = Math.abs(notionalMicros(instrument, fill.priceNanos, fill.quantity));
    const traded = { quantity: fill.quantity, notionalMicros: cashMicros(notional) };
    const told = this.#tell(orderId, { kind: 'fill', ...traded });
    this.#messages += 1;
    const entries = [fill];
    this.#unheard.push({ entries });
    return [...told, { kind: 'fills', accountId: ACCOUNT, entries }];
  }

  #tell(orderId: string, event: OrderEvent): readonly ReplayEvent[] {
    const before = this.#orders.get(orderId);
    if (before === undefined) return [];
    const moved = transition(before, event, this.#nowUs);
    if (moved.kind !== 'changed') return [];
    this.#orders.set(orderId, moved.order);
    this.#messages += 1;
    const told = { orders: [moved.order], sequence: this.#messages };
    this.#unheard.push(told);
    return [{ kind: 'orders', accountId: ACCOUNT, ...told }];
  }
}

const OPEN: readonly Order['state'][] = ['accepted', 'partiallyFilled', 'cancelling'];
