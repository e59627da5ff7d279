import { createServer } from 'node:net';
import {
  grpcService,
  paperExchangeService,
  type UnaryImplementation,
  venueUpdatesToWire,
} from '@capstan/contracts';
import {
  AppError,
  cashMicros,
  type OrderTerms,
  priceNanos,
  quantity,
  timeUs,
  type VenueEvent,
} from '@capstan/domain';
import type { VenueUpdate, VenueUpdates } from '@capstan/ports';
import { drained, MemoryLog, VirtualClock } from '@capstan/testkit';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PAPER_CAPABILITIES, PaperVenue } from './paper-venue.ts';

type Service = typeof paperExchangeService.PaperExchangeServiceDefinition;
type Unary = UnaryImplementation<Service>;

const ORDER: OrderTerms = {
  orderId: 'o1',
  intentId: 'i1',
  runId: 'live',
  accountId: 'paper',
  botId: 'b',
  symbol: 'SPY',
  side: 'buy',
  quantity: quantity(10),
  type: 'market',
  timeInForce: 'day',
  reducing: false,
  leg: 0,
  attempt: 1,
  decidedAtUs: timeUs(60),
  expiresAtUs: timeUs(120),
};
const event = (sequence: number): VenueUpdate => {
  const accepted: VenueEvent = {
    kind: 'accepted',
    sequence,
    accountId: 'paper',
    orderId: `o${sequence}`,
    eventAtUs: timeUs(sequence),
    venueOrderId: `v${sequence}`,
  };
  return { kind: 'event', event: accepted };
};
const slice: VenueUpdate = {
  kind: 'slice',
  accountId: 'paper',
  feed: 'demo',
  sliceEndUs: timeUs(9),
  afterSequence: 2,
};

/** An exchange of a few lines on a port that stays its own. */
class FakeExchange {
  readonly journal: VenueUpdate[] = [];
  readonly asked: number[] = [];
  answer: { -readonly [K in keyof Unary]?: Unary[K] } = {};
  port = 0;
  #server: Server | undefined;
  #wake = Promise.withResolvers<void>();

  async start(): Promise<void> {
    const { PaperExchangeServiceDefinition, PaperExchangeServiceService } = paperExchangeService;
    const nothing = () => Promise.reject(new AppError({ code: 'EXCHANGE.X', why: 'not asked.' }));
    const asIs =
      <K extends keyof Unary>(method: K) =>
      (...call: Parameters<Unary[K]>) =>
        ((this.answer[method] ?? nothing) as (...all: unknown[]) => unknown)(...call) as ReturnType<
          Unary[K]
        >;
    const { definition, implementation } = grpcService(
      PaperExchangeServiceDefinition,
      PaperExchangeServiceService,
      {
        submitOrder: asIs('submitOrder'),
        submitOrders: asIs('submitOrders'),
        cancelVenueOrder: asIs('cancelVenueOrder'),
        replaceVenueOrder: asIs('replaceVenueOrder'),
        findOrder: asIs('findOrder'),
        listOpenOrders: asIs('listOpenOrders'),
        getAccount: asIs('getAccount'),
        listActivities: asIs('listActivities'),
        postAction: asIs('postAction'),
        getConditions: asIs('getConditions'),
        streamUpdates: ({ afterSequence }, { signal }) =>
          this.#updates(Number(afterSequence), signal),
      },
    );
    const server = new Server();
    server.addService(definition, implementation);
    this.port = await new Promise((resolve, reject) => {
      const address = `127.0.0.1:${this.port}`;
      server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    this.#server = server;
  }

  kill(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  report(...updates: readonly VenueUpdate[]): void {
    this.journal.push(...updates);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async *#updates(afterSequence: number, signal: AbortSignal) {
    this.asked.push(afterSequence);
    const after = (one: VenueUpdate) => one.kind === 'slice' || one.event.sequence > afterSequence;
    const gone = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    for (let next = 0; !signal.aborted; ) {
      for (; next < this.journal.length; next += 1) {
        const update = this.journal[next];
        if (update !== undefined && after(update)) yield venueUpdatesToWire([update]);
      }
      await Promise.race([this.#wake.promise, gone]);
    }
  }
}

let exchange: FakeExchange;
let clock: VirtualClock;
let log: MemoryLog;
let venue: PaperVenue;
const opened: VenueUpdates[] = [];

beforeEach(async () => {
  exchange = new FakeExchange();
  await exchange.start();
  clock = new VirtualClock(timeUs(0));
  log = new MemoryLog();
  venue = new PaperVenue(
    { clock, log },
    { address: `127.0.0.1:${exchange.port}`, timeoutMs: 5_000 },
  );
});
afterEach(async () => {
  for (const updates of opened.splice(0)) await updates.close();
  venue.close();
  exchange.kill();
});

/** Reads until so many have come; virtual time flies meanwhile. */
async function read(updates: VenueUpdates, count: number): Promise<VenueUpdate[]> {
  const flight = clock.fly();
  const all: VenueUpdate[] = [];
  while (all.length < count) all.push(...(await updates.next()));
  flight.stop();
  return all;
}

describe('an answer of the exchange', () => {
  it('to a submission is accepted or rejected', async () => {
    const asked: unknown[] = [];
    exchange.answer.submitOrder = async ({ order }) => {
      asked.push(order?.orderId, order?.quantity);
      const accepted = asked.length === 2;
      return { accepted, venueOrderId: accepted ? 'v1' : '', reason: accepted ? '' : 'no cash' };
    };
    expect(await venue.submit(ORDER)).toEqual({ kind: 'accepted', venueOrderId: 'v1' });
    expect(await venue.submit(ORDER)).toEqual({ kind: 'rejected', reason: 'no cash' });
    expect(asked).toEqual(['o1', 10n, 'o1', 10n]);
  });

  it('to several orders is one for each, or nothing is known of any', async () => {
    const yes = { accepted: true, venueOrderId: 'v1', reason: '' };
    const no = { accepted: false, venueOrderId: '', reason: 'no cash' };
    const asked: unknown[] = [];
    exchange.answer.submitOrders = async ({ orders }) => {
      asked.push(orders.map(({ orderId }) => orderId));
      return { answers: asked.length === 1 ? [yes, no] : [yes] };
    };
    const orders = [ORDER, { ...ORDER, orderId: 'o2' }];
    expect(await venue.submitAll(orders)).toEqual([
      { kind: 'accepted', venueOrderId: 'v1' },
      { kind: 'rejected', reason: 'no cash' },
    ]);
    await expect(venue.submitAll(orders)).rejects.toMatchObject({
      code: 'VENUE.UNAVAILABLE',
      retry: 'retryable',
    });
    expect(asked).toEqual([
      ['o1', 'o2'],
      ['o1', 'o2'],
    ]);
  });

  it('to a cancellation is requested or rejected', async () => {
    exchange.answer.cancelVenueOrder = async ({ orderId }) => ({
      requested: orderId === 'o1',
      reason: orderId === 'o1' ? '' : 'unknown',
    });
    expect(await venue.cancel('paper', 'o1')).toEqual({ kind: 'requested' });
    expect(await venue.cancel('paper', 'o2')).toEqual({ kind: 'rejected', reason: 'unknown' });
  });

  it('to a replace is requested or rejected, with what was asked for', async () => {
    const asked: unknown[] = [];
    exchange.answer.replaceVenueOrder = async (request) => {
      asked.push(request);
      const { count } = request;
      return { requested: count === 1, reason: count === 1 ? '' : 'filled' };
    };
    const to = { quantity: quantity(8), limitPriceNanos: priceNanos(101) };
    expect(await venue.replace('paper', 'o1', { count: 1, ...to })).toEqual({ kind: 'requested' });
    expect(await venue.replace('paper', 'o1', { count: 2, ...to })).toEqual({
      kind: 'rejected',
      reason: 'filled',
    });
    expect(asked[0]).toMatchObject({
      ...{ accountId: 'paper', orderId: 'o1', count: 1 },
      revision: { quantity: 8n, limitPriceNanos: 101n },
    });
  });

  it('tells the orders it has', async () => {
    const wire = {
      venueOrderId: 'v1',
      orderId: 'o1',
      symbol: 'SPY',
      state: 1 as const,
      filledQuantity: 3n,
      reason: undefined,
      side: 1 as const,
    };
    exchange.answer.findOrder = async ({ orderId }) => ({
      order: orderId === 'o1' ? wire : undefined,
    });
    exchange.answer.listOpenOrders = async () => ({ orders: [wire, { ...wire, reason: 'slow' }] });
    const order = {
      venueOrderId: 'v1',
      orderId: 'o1',
      symbol: 'SPY',
      side: 'buy',
      state: 'working',
      filledQuantity: 3,
    };
    expect(await venue.find('paper', 'o1')).toEqual(order);
    expect(await venue.find('paper', 'o2')).toBeUndefined();
    expect(await venue.openOrders('paper')).toEqual([order, { ...order, reason: 'slow' }]);
  });

  it('tells the account', async () => {
    exchange.answer.getAccount = async ({ accountId }) => ({
      accountId,
      currency: 'USD',
      cashMicros: -5n,
      sequence: 7n,
      positions: [{ symbol: 'SPY', quantity: -3n, costMicros: 12n }],
    });
    expect(await venue.account('paper')).toEqual({
      accountId: 'paper',
      currency: 'USD',
      cashMicros: cashMicros(-5),
      sequence: 7,
      positions: [{ symbol: 'SPY', quantity: quantity(-3), costMicros: cashMicros(12) }],
    });
  });

  it('tells its conditions', async () => {
    const restrictions = [{ symbol: 'SPY', halted: true, shortRestricted: false }];
    exchange.answer.getConditions = async () => ({ nowUs: 7n, restrictions });
    expect(await venue.conditions()).toEqual({ nowUs: 7, restrictions });
  });

  it('that is a typed refusal stays what it is', async () => {
    await expect(venue.account('paper')).rejects.toMatchObject({ code: 'EXCHANGE.X' });
  });
});

describe('without a clear answer the outcome is unknown', () => {
  const patient = (timeoutMs: number, port = exchange.port) =>
    new PaperVenue({ clock, log }, { address: `127.0.0.1:${port}`, timeoutMs });

  it('in time', async () => {
    exchange.answer.submitOrder = () => new Promise(() => undefined);
    const hasty = patient(50);
    await expect(hasty.submit(ORDER)).rejects.toMatchObject({
      code: 'VENUE.TIMEOUT',
      retry: 'retryable',
    });
    hasty.close();
  });

  it('because the exchange failed in the middle', async () => {
    exchange.answer.submitOrder = () => Promise.reject(new Error('disk full at /secret'));
    const failed = venue.submit(ORDER);
    await expect(failed).rejects.toMatchObject({ code: 'VENUE.UNAVAILABLE', retry: 'retryable' });
    await expect(failed).rejects.not.toThrow('secret');
  });

  it('because it died while it was asked', async () => {
    exchange.answer.cancelVenueOrder = () => {
      exchange.kill();
      return new Promise(() => undefined);
    };
    await expect(venue.cancel('paper', 'o1')).rejects.toMatchObject({ code: 'VENUE.UNAVAILABLE' });
  });

  it('because nobody is there', async () => {
    const blocked = createServer((socket) => socket.destroy());
    const port = await new Promise<number>((resolve) => {
      blocked.listen(0, '127.0.0.1', () => {
        const address = blocked.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const alone = patient(5_000, port);
    await expect(alone.find('paper', 'o1')).rejects.toMatchObject({ code: 'VENUE.UNAVAILABLE' });
    alone.close();
    await new Promise((resolve) => blocked.close(resolve));
  });
});

describe('the updates of an account', () => {
  it('are those after the sequence, then what comes', async () => {
    exchange.report(event(1), event(2), event(3));
    const updates = await venue.updates('paper', 1);
    opened.push(updates);
    expect(await read(updates, 2)).toEqual([event(2), event(3)]);
    exchange.report(slice, event(4));
    expect(await read(updates, 2)).toEqual([slice, event(4)]);
  });

  it('that were sent in one piece are handed over in one piece', async () => {
    const updates = await venue.updates('paper', 0);
    opened.push(updates);
    const waiting = updates.next();
    while (exchange.asked.length === 0) await drained();
    exchange.report(event(1), event(2), slice);
    expect(await waiting).toEqual([event(1), event(2), slice]);
  });

  it('go on where they broke off when the exchange comes back', async () => {
    exchange.report(event(1), event(2));
    const updates = await venue.updates('paper', 0);
    opened.push(updates);
    expect(await read(updates, 2)).toEqual([event(1), event(2)]);
    exchange.kill();
    exchange.report(event(3));
    await exchange.start();
    expect(await read(updates, 1)).toEqual([event(3)]);
    expect([exchange.asked[0], exchange.asked.at(-1)]).toEqual([0, 2]);
    // However often it was tried meanwhile.
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  it('end with nothing when they are closed, also while somebody waits', async () => {
    const updates = await venue.updates('paper', 0);
    while (exchange.asked.length === 0) await drained();
    const waiting = updates.next();
    await updates.close();
    expect(await waiting).toEqual([]);
    expect(await updates.next()).toEqual([]);
  });

  it('end also while the exchange is away', async () => {
    exchange.kill();
    const updates = await venue.updates('paper', 0);
    while (log.lines.length === 0) await drained();
    await updates.close();
    expect(await updates.next()).toEqual([]);
  });
});

it('declares what the exchange can do', () => {
  expect(venue.capabilities).toBe(PAPER_CAPABILITIES);
  expect(PAPER_CAPABILITIES).toMatchObject({ enforcesClientOrderId: true, reportsSlices: true });
});
