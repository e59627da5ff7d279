import {
  decodeBar,
  decodeBarsClosed,
  decodeBotSlice,
  decodeDeniedSlice,
  decodeDrift,
  decodeFillEvent,
  decodeOrderEvent,
} from '@capstan/contracts';
import type { BotState, Denial, Fill, Order, Signal, TimeUs } from '@capstan/domain';
import type { BarRecord, BusMessage, DriftRecord } from '@capstan/ports';
import { LIMITS } from '../limits.ts';

/** What viewers are told, as named events. Each holds all that came since the last one. */
export interface LiveEvents {
  readonly bar: readonly BarRecord[];
  /** The newest slice of each feed. */
  readonly slice: readonly {
    readonly feed: string;
    readonly runId: string;
    readonly endUs: TimeUs;
    readonly last: boolean;
  }[];
  readonly signal: readonly Signal[];
  /** The newest state of each bot. */
  readonly bot: readonly {
    readonly botId: string;
    readonly accountId: string;
    readonly state: BotState;
    readonly lastSliceEndUs: TimeUs;
  }[];
  readonly denied: readonly Denial[];
  /** The newest version of each order. */
  readonly orders: readonly Order[];
  readonly fills: readonly Fill[];
  readonly drift: readonly DriftRecord[];
}

type Name = keyof LiveEvents;

/** One named event, ready to be sent. */
export interface LiveEvent {
  readonly name: string;
  /** JSON. */
  readonly data: string;
}

/**
 * Gathers what comes over the bus until it is taken: lists where every item counts, the newest one where only that counts. It never
 * grows beyond its limits: what goes beyond makes viewers read anew.
 */
export class LiveBatch {
  #bars: BarRecord[] = [];
  #signals: Signal[] = [];
  #denials: Denial[] = [];
  #fills: Fill[] = [];
  #drifts: DriftRecord[] = [];
  readonly #slices = new Map<string, LiveEvents['slice'][number]>();
  readonly #bots = new Map<string, LiveEvents['bot'][number]>();
  readonly #orders = new Map<string, Order>();
  #overflow: string | undefined;

  /**
   * Takes a message of MARKET, TRADING or POSITION; those that viewers do not need are passed over.
   * @returns the bar, where it is one. @throws CONTRACTS.MALFORMED
   */
  add(message: BusMessage): BarRecord | undefined {
    const [area, what] = message.subject.split('.');
    switch (`${area}.${what}`) {
      case 'market.bar': {
        const bar = decodeBar(message.data);
        this.#bars.push(bar);
        this.#bound(this.#bars);
        return bar;
      }
      case 'market.closed': {
        const { feed, runId, endUs, last } = decodeBarsClosed(message.data);
        this.#slices.set(feed, { feed, runId, endUs, last });
        return undefined;
      }
      default:
        this.#addTrading(`${area}.${what}`, message.data);
        return undefined;
    }
  }

  #addTrading(kind: string, data: Uint8Array): void {
    switch (kind) {
      case 'trading.signal': {
        const { botId, accountId, state, sliceEndUs, signals } = decodeBotSlice(data);
        this.#bots.set(botId, { botId, accountId, state, lastSliceEndUs: sliceEndUs });
        this.#signals.push(...signals);
        this.#bound(this.#signals);
        break;
      }
      case 'trading.denied':
        this.#denials.push(...decodeDeniedSlice(data).denials);
        this.#bound(this.#denials);
        break;
      case 'trading.order':
        for (const order of decodeOrderEvent(data).orders) this.#orders.set(order.orderId, order);
        if (this.#orders.size > LIMITS.batchRowsMax) this.resync('more came than can be shown');
        break;
      case 'trading.fill':
        this.#fills.push(...decodeFillEvent(data).fills);
        this.#bound(this.#fills);
        break;
      case 'position.drift':
        this.#drifts.push(decodeDrift(data));
        this.#bound(this.#drifts);
    }
  }

  #bound(rows: readonly unknown[]): void {
    if (rows.length > LIMITS.batchRowsMax) this.resync('more came than can be shown');
  }

  /** Forgets what was gathered: viewers have to read everything anew. */
  resync(why: string): void {
    this.#clear();
    this.#overflow = why;
  }

  /** Takes what was gathered, in the order in which one thing causes the next. */
  take(): readonly LiveEvent[] {
    const events: LiveEvents = {
      bar: this.#bars,
      bot: [...this.#bots.values()],
      signal: this.#signals,
      denied: this.#denials,
      orders: [...this.#orders.values()],
      fills: this.#fills,
      drift: this.#drifts,
      slice: [...this.#slices.values()],
    };
    const taken = (Object.keys(events) as Name[])
      .filter((name) => events[name].length > 0)
      .map((name) => ({ name, data: JSON.stringify(events[name]) }));
    const overflow = this.#overflow;
    this.#clear();
    if (overflow === undefined) return taken;
    return [{ name: 'resync', data: JSON.stringify({ why: overflow }) }, ...taken];
  }

  #clear(): void {
    this.#bars = [];
    this.#signals = [];
    this.#denials = [];
    this.#fills = [];
    this.#drifts = [];
    this.#slices.clear();
    this.#bots.clear();
    this.#orders.clear();
    this.#overflow = undefined;
  }
}
