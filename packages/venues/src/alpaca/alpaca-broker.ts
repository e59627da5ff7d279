import type { trading } from '@alpacahq/alpaca-trade-api';
import {
  AppError,
  cashMicros,
  type InstrumentBook,
  isExit,
  type Order,
  type OrderTerms,
  type TimeUs,
  timeUs,
  US_PER_MS,
  type VenueReplaced,
} from '@capstan/domain';
import type {
  CancelAnswer,
  Clock,
  Log,
  SubmitAnswer,
  VenueAccount,
  VenueActivity,
  VenueCapabilities,
  VenueConditions,
  VenueOrder,
  VenuePast,
  VenueUpdates,
} from '@capstan/ports';
import { z } from 'zod';
import type { VenueConnection } from '../endpoints.ts';
import { readActivity } from './account-activities.ts';
import { AccountReads } from './account-reads.ts';
import { AccountUpdates } from './account-updates.ts';
import { AlpacaApi, type AlpacaApiPorts, type AlpacaApiSettings } from './alpaca-api.ts';
import { Amounts, cashOf } from './amounts.ts';
import { CorporateTerms } from './corporate-terms.ts';
import { AlpacaData } from './data/alpaca-data.ts';
import { exitLegOf, isOfGroup } from './exit-legs.ts';
import { CALL_TIMEOUT_MS, VISIBILITY_MS } from './limits.ts';
import { OpenOrders } from './open-orders.ts';
import { exitsRefusal, requestOf, venueOrderOf } from './order-words.ts';
import { patchOf, replaceIdOf, replaceRefusal } from './replace-words.ts';
import { accountRow, clockRow, type OrderRow, orderRow, positionRows } from './rows.ts';
import type { Refused } from './venue-failure.ts';

/** What Alpaca can and cannot do, and what of it Capstan asks for. */
export const ALPACA_CAPABILITIES: VenueCapabilities = {
  enforcesClientOrderId: true,
  findsByClientOrderId: true,
  visibilityMs: VISIBILITY_MS,
  numbersEvents: false,
  reportsSlices: false,
  replaces: false,
  batchSubmitMax: 1,
  orderTypes: ['market', 'limit', 'stop', 'stopLimit', 'trailingStop'],
  timesInForce: ['day', 'gtc', 'ioc', 'onOpen', 'onClose'],
  exits: ['bracket'],
  exitsBegin: 'wholeFill',
  exitsHold: true,
  exitsLater: true,
  activities: 'recent',
};

export interface AlpacaBrokerPorts extends AlpacaApiPorts {
  readonly clock: Clock;
  readonly log: Log;
}

export interface AlpacaBrokerSettings extends Omit<AlpacaApiSettings, 'timeoutMs'> {
  readonly instruments: InstrumentBook;
  readonly timeoutMs?: number;
  /** Whether working orders are given new terms; not unless said. */
  readonly replaces?: boolean;
  /** Whether limit orders may fill before and after the session; not unless said. */
  readonly extendedHours?: boolean;
  /** How often orders and fills are looked over while the stream looks healthy. */
  readonly lookEveryMs?: number;
}

const DUPLICATE_CODE = 40_010_001;
const NOT_FOUND = 404;

/** An account at Alpaca as a broker: one key pair is one account. */
export class AlpacaBroker implements VenueConnection {
  readonly capabilities: VenueCapabilities;
  readonly #api: AlpacaApi;
  readonly #amounts: Amounts;
  readonly #reads: AccountReads;
  readonly #terms: CorporateTerms;
  readonly #ports: AlpacaBrokerPorts;
  readonly #lookEveryMs: number | undefined;
  readonly #extendedHours: boolean;
  /** Alpaca's ids of our orders, as far as they were seen. */
  readonly #venueIds = new Map<string, string>();
  /** Exits that Alpaca made of our orders, by our ids: it finds them by its own only. */
  readonly #exits = new Map<string, string>();
  /** The same by Alpaca's. */
  readonly #exitIds = new Map<string, string>();
  readonly #openOrders: OpenOrders;
  readonly #readers = new Set<AccountUpdates>();
  /** The last number that was given to an event. */
  #sequence = 0;

  constructor(ports: AlpacaBrokerPorts, settings: AlpacaBrokerSettings) {
    const { instruments, timeoutMs = CALL_TIMEOUT_MS, lookEveryMs, ...rest } = settings;
    const { replaces = false, extendedHours = false, ...of } = rest;
    this.capabilities = { ...ALPACA_CAPABILITIES, replaces };
    this.#extendedHours = extendedHours;
    this.#ports = ports;
    this.#api = new AlpacaApi(ports, { ...of, timeoutMs });
    this.#amounts = new Amounts(instruments);
    this.#reads = new AccountReads(this.#api, this.#amounts);
    const { endpoints, credentials } = of;
    const feeds = { feed: 'iex', optionsFeed: 'indicative', stream: 'poll' } as const;
    this.#terms = new CorporateTerms(new AlpacaData(ports, { endpoints, credentials, ...feeds }));
    this.#lookEveryMs = lookEveryMs;
    this.#openOrders = new OpenOrders({
      reads: this.#reads,
      amounts: this.#amounts,
      exitId: (venueOrderId) => this.#exitIds.get(venueOrderId),
      termsOf: (orderId) => this.#journaled(orderId),
    });
  }

  /** Tells whether Alpaca takes an order together with its exits: shares alone, and prices that it takes. */
  keepsExits(order: OrderTerms): boolean {
    return exitsRefusal(order, this.#amounts) === undefined;
  }

  async submit(order: OrderTerms): Promise<SubmitAnswer> {
    const request = requestOf(order, this.#amounts, this.#extendedHours);
    if ('refused' in request) return { kind: 'rejected', reason: request.refused };
    for (const reader of this.#readers) reader.watch(order);
    const answer = await this.#whileFresh(order, (signal) => this.#submitted(request, signal));
    if (answer.kind === 'accepted') this.#venueIds.set(order.orderId, answer.venueOrderId);
    return answer;
  }

  /**
   * Takes an order back that waits for the rate until its decision has expired: whoever gave it may have been stopped by then, or be
   * another process. One that was on its way is found as any without an answer.
   */
  async #whileFresh<T>(
    { expiresAtUs }: OrderTerms,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#ports;
    const [stale, over] = [new AbortController(), new AbortController()];
    const leftMs = (expiresAtUs - clock.nowUs()) / US_PER_MS;
    if (leftMs > 0) {
      void clock.sleep(leftMs, over.signal).then(() => {
        if (!over.signal.aborted) stale.abort(new Error('its decision expired before it was sent'));
      });
    }
    try {
      return await send(stale.signal);
    } finally {
      over.abort();
    }
  }

  async #submitted(request: trading.PostOrderRequest, signal: AbortSignal): Promise<SubmitAnswer> {
    try {
      const answer = await this.#api.ask('submit an order', orderRow, ({ orders }) =>
        orders.postOrderRaw({ postOrderRequest: request }, { signal }),
      );
      if (answer.kind === 'answer') {
        if (isOfGroup(answer.value)) for (const reader of this.#readers) reader.show(answer.value);
        return { kind: 'accepted', venueOrderId: answer.value.id };
      }
      const { refused } = answer;
      if (isDuplicate(refused)) return { kind: 'duplicate' };
      return { kind: 'rejected', reason: reasonOf(refused) };
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'VENUE.CREDENTIALS') throw error;
      // Who is not let in has placed nothing.
      return { kind: 'rejected', reason: error.why, noAccess: true };
    }
  }

  async submitAll(orders: readonly OrderTerms[]): Promise<readonly SubmitAnswer[]> {
    const answers: SubmitAnswer[] = [];
    for (const order of orders) answers.push(await this.submit(order));
    return answers;
  }

  async cancel(_accountId: string, orderId: string): Promise<CancelAnswer> {
    const known = this.#venueIds.get(orderId);
    const first = known === undefined ? await this.#venueIdOf(orderId) : known;
    if (first === undefined) return notThere;
    const answer = await this.#cancelled(first);
    if (answer.kind === 'requested') return answer;
    // What took its place is cancelled in its stead.
    const now = await this.#venueIdOf(orderId);
    return now === undefined || now === first ? answer : await this.#cancelled(now);
  }

  async #cancelled(venueOrderId: string): Promise<CancelAnswer> {
    const answer = await this.#api.ask('cancel an order', z.unknown(), ({ orders }) =>
      orders.deleteOrderByOrderIDRaw({ orderId: venueOrderId }),
    );
    if (answer.kind === 'answer') return { kind: 'requested' };
    if (answer.refused.status === NOT_FOUND) return notThere;
    return { kind: 'rejected', reason: reasonOf(answer.refused) };
  }

  /** Returns an order of ours and those that took its place. An exit that Alpaca made is found by Alpaca's id. */
  async #chainOf(orderId: string): Promise<readonly OrderRow[]> {
    const exit = this.#exits.get(orderId);
    if (exit !== undefined) return untilFellow(await this.#reads.chainFrom(exit));
    const chain = await this.#reads.chainOf(orderId);
    const known = chain.length > 0 ? undefined : await this.#journaled(orderId);
    if (known?.venueOrderId === undefined || !isExit(known)) return chain;
    return untilFellow(await this.#reads.chainFrom(known.venueOrderId));
  }

  /** Asks who takes the account's events what is known of an order: nothing where the journal is away, as a kill must go on. */
  async #journaled(orderId: string): Promise<Order | undefined> {
    for (const reader of this.#readers) {
      const order = await reader.termsOf(orderId).catch((error: unknown) => {
        if (error instanceof AppError) return undefined;
        throw error;
      });
      if (order !== undefined) return order;
    }
    return undefined;
  }

  #noteExit(orderId: string, venueOrderId: string): void {
    this.#exits.set(orderId, venueOrderId);
    this.#exitIds.set(venueOrderId, orderId);
    this.#venueIds.set(orderId, venueOrderId);
  }

  /** Finds the order that stands for one of ours now. */
  async #venueIdOf(orderId: string): Promise<string | undefined> {
    const last = (await this.#chainOf(orderId)).at(-1)?.id;
    if (last !== undefined) this.#venueIds.set(orderId, last);
    return last;
  }

  /**
   * Asks for another order in the place of one, under an id that follows from the count: asked again, it is found. Only where nothing of
   * the order is filled: whether Alpaca counts what filled before is not known for all its venues.
   */
  async replace(_accountId: string, orderId: string, to: VenueReplaced): Promise<CancelAnswer> {
    if (!this.capabilities.replaces) return cancelsInstead;
    const last = (await this.#chainOf(orderId)).at(-1);
    if (last === undefined) return notThere;
    const asked = replaceIdOf(orderId, to.count);
    if (last.client_order_id === asked) return { kind: 'requested' };
    const refusal = replaceRefusal(last);
    if (refusal !== undefined) return { kind: 'rejected', reason: refusal };
    const patchOrderRequest = patchOf(last, to, { clientOrderId: asked, amounts: this.#amounts });
    const answer = await this.#api.ask('replace an order', orderRow, ({ orders }) =>
      orders.patchOrderByOrderIdRaw({ orderId: last.id, patchOrderRequest }),
    );
    if (answer.kind === 'answer') return { kind: 'requested' };
    if (isDuplicate(answer.refused)) return this.#answered(asked);
    return { kind: 'rejected', reason: reasonOf(answer.refused) };
  }

  /** What became of new terms that arrived before. */
  async #answered(replaceId: string): Promise<CancelAnswer> {
    const row = await this.#reads.orderOf(replaceId);
    if (row?.status !== 'rejected') return { kind: 'requested' };
    return { kind: 'rejected', reason: 'Alpaca refused the new terms: the old ones hold' };
  }

  async find(_accountId: string, orderId: string): Promise<VenueOrder | undefined> {
    const chain = await this.#chainOf(orderId);
    const last = chain.at(-1);
    if (last === undefined) return undefined;
    this.#venueIds.set(orderId, last.id);
    const filledBefore = chain
      .slice(0, -1)
      .reduce((sum, row) => sum + this.#amounts.quantity(row.symbol ?? '', row.filled_qty), 0);
    return venueOrderOf(last, this.#amounts, { orderId, filledBefore });
  }

  openOrders(): Promise<readonly VenueOrder[]> {
    return this.#openOrders.list();
  }

  async account(accountId: string): Promise<VenueAccount> {
    const positions = await this.#api.read('list positions', positionRows, (groups) =>
      groups.positions.getAllOpenPositionsRaw(),
    );
    const account = await this.#api.read('read the account', accountRow, (groups) =>
      groups.account.getAccountRaw(),
    );
    // All that led to this is told before: what was looked for later holds more, never less.
    for (const reader of this.#readers) await reader.look();
    return {
      accountId,
      currency: account.currency ?? 'USD',
      cashMicros: cashOf(account.cash),
      sequence: this.#readers.size === 0 ? 0 : this.#sequence,
      positions: positions
        .map(({ symbol, qty, side, cost_basis }) => ({
          symbol,
          quantity: this.#amounts.quantity(symbol, signed(qty, side)),
          costMicros: cashMicros(cashOf(cost_basis)),
        }))
        .filter(({ quantity }) => quantity !== 0)
        .sort((a, b) => (a.symbol < b.symbol ? -1 : 1)),
    };
  }

  async activities(accountId: string, afterActivityId: string): Promise<readonly VenueActivity[]> {
    const rows = await this.#reads.activitiesAfter(afterActivityId);
    const activities: VenueActivity[] = [];
    for (const row of rows) {
      const of = { accountId, amounts: this.#amounts, terms: this.#terms };
      const { activity, isUntold } = await readActivity(row, of);
      activities.push(activity);
      if (!isUntold) continue;
      const { symbol, activity_type: type, id: activityId } = row;
      const text = 'Alpaca tells that shares changed, and not how: compare the account';
      this.#ports.log.error(text, { account: accountId, symbol, type, activityId });
    }
    return activities;
  }

  async conditions(): Promise<VenueConditions> {
    const { timestamp } = await this.#api.read('tell the time', clockRow, ({ clock }) =>
      clock.legacyClockRaw(),
    );
    const nowUs: TimeUs = this.#amounts.time(timestamp) ?? timeUs(0);
    return { nowUs, restrictions: [] };
  }

  updates(
    accountId: string,
    afterSequence: number,
    past: VenuePast = NO_PAST,
  ): Promise<VenueUpdates> {
    this.#sequence = Math.max(this.#sequence, afterSequence);
    const { clock, log } = this.#ports;
    for (const order of past.working) {
      const { orderId, venueOrderId } = order;
      if (venueOrderId === undefined) continue;
      this.#venueIds.set(orderId, venueOrderId);
      if (isExit(order)) this.#noteExit(orderId, venueOrderId);
    }
    const lookEveryMs = this.#lookEveryMs;
    const ports = {
      ...{ api: this.#api, reads: this.#reads, amounts: this.#amounts, clock, log },
      number: () => {
        this.#sequence += 1;
        return this.#sequence;
      },
      noteExit: (orderId: string, venueOrderId: string) => this.#noteExit(orderId, venueOrderId),
      ...(lookEveryMs === undefined ? {} : { lookEveryMs }),
    };
    const reader = new AccountUpdates(ports, accountId, past);
    this.#readers.add(reader);
    return Promise.resolve({
      next: () => reader.next(),
      close: () => {
        this.#readers.delete(reader);
        return reader.close();
      },
    });
  }

  /** Ends all streams. */
  close(): void {
    for (const reader of this.#readers) void reader.close();
    this.#readers.clear();
  }
}

const NO_PAST: VenuePast = { working: [], orderOf: () => Promise.resolve(undefined) };

/** An exit that another one took the place of ended by it. */
function untilFellow(chain: readonly OrderRow[]): readonly OrderRow[] {
  const [first] = chain;
  const end = chain.findIndex((row) => first !== undefined && exitLegOf(row) !== exitLegOf(first));
  return end < 0 ? chain : chain.slice(0, end);
}

const cancelsInstead: CancelAnswer = {
  kind: 'rejected',
  reason: 'orders at Alpaca are not replaced: they are cancelled and sent anew',
};

const notThere: CancelAnswer = {
  kind: 'rejected',
  reason: 'Alpaca does not show the order',
};

/** A short position's quantity is negative, also where only its side says so. */
const signed = (qty: string, side: string | null | undefined): string =>
  side === 'short' && !qty.startsWith('-') ? `-${qty}` : qty;

const isDuplicate = ({ code, message }: Refused): boolean =>
  code === DUPLICATE_CODE && /client_order_id/.test(message)
    ? true
    : /client_order_id must be unique/.test(message);

const reasonOf = ({ status, message }: Refused): string =>
  `Alpaca refused it (${status}): ${message}`;
