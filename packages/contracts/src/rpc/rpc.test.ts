import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { AppError, timeUs } from '@capstan/domain';
import { drained, MemoryRequests, VirtualClock } from '@capstan/testkit';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type Feed,
  type GetBarsRequest,
  MarketDataServiceDefinition,
  MarketDataServiceService,
  type StreamBarsResponse,
} from '../gen/capstan/market/v1/market_service.ts';
import type { CallContext, Client, Implementation } from './api.ts';
import { busClient, serveOverBus } from './over-bus.ts';
import { connectGrpc, type GrpcConnection, grpcService } from './over-grpc.ts';
import { errorFromHeaders, errorToHeaders } from './rpc-error.ts';

type Definition = typeof MarketDataServiceDefinition;

const SECRET = 'postgres://user:hunter2@db';
const LONG = 'ü€'.repeat(20_000);
const feed = (name: string): Feed => ({
  feed: name,
  venue: 'v',
  runId: 'live',
  symbols: ['BRK.B', 'SPY'],
  lastSliceEndUs: 2n ** 53n - 1n,
  slicesPublished: 7n,
  finished: false,
  waitingFor: [],
  ...{ live: false, connected: false, stale: false, clockOffsetUs: 0n, problem: '' },
});

/** One implementation for both transports. What it does is asked for by the feed's name. */
class Bars implements Implementation<Definition> {
  readonly contexts: (CallContext & { readonly gone: boolean })[] = [];
  streamed = 0;
  ended = 0;

  async listFeeds(_request: object, context: CallContext) {
    this.contexts.push({ ...context, gone: context.signal.aborted });
    await Promise.resolve();
    return { feeds: [feed('demo')] };
  }

  async getBars({ feed: wish }: GetBarsRequest) {
    await Promise.resolve();
    switch (wish) {
      case 'refuse':
        throw new AppError({ code: 'MARKET.NO_FEED', why: 'no “feed” 日経\n.', fix: 'Name one.' });
      case 'later':
        throw new AppError({ code: 'STORE.UNAVAILABLE', why: 'down.', retry: 'retryable' });
      case 'long':
        throw new AppError({ code: 'CONFIG.INVALID', why: LONG, fix: LONG });
      case 'surrogate':
        throw new AppError({ code: 'MARKET.NO_FEED', why: 'no \ud800.' });
      case 'crash':
        throw new Error(SECRET);
      case 'never':
        return new Promise<never>(() => undefined);
      default:
        return { bars: [] };
    }
  }

  async *streamBars(
    request: { feed: string },
    { signal }: CallContext,
  ): AsyncIterable<StreamBarsResponse> {
    try {
      for (let count = 0; !signal.aborted; count += 1) {
        if (request.feed === 'three' && count === 3) return;
        if (request.feed === 'refuse' && count === 1) {
          throw new AppError({ code: 'MARKET.NO_FEED', why: 'gone.' });
        }
        this.streamed += 1;
        yield { bar: undefined };
        await drained();
      }
    } finally {
      this.ended += 1;
    }
  }
}

const bars = new Bars();
const clock = new VirtualClock(timeUs(0));
const requests = new MemoryRequests(clock);
let server: Server;
let grpc: GrpcConnection<Definition>;
let grpcAddress = '';
let served: { close(): Promise<void> };
const clients = new Map<string, Client<Definition>>();

async function listen(host = '127.0.0.1:0'): Promise<number> {
  server = new Server();
  const { definition, implementation } = grpcService(
    MarketDataServiceDefinition,
    MarketDataServiceService,
    bars,
  );
  server.addService(definition, implementation);
  return new Promise((resolve, reject) => {
    server.bindAsync(host, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

beforeAll(async () => {
  grpcAddress = `127.0.0.1:${await listen()}`;
  grpc = connectGrpc(grpcAddress, MarketDataServiceDefinition);
  served = await serveOverBus(requests, MarketDataServiceDefinition, bars);
  clients.set('gRPC', grpc.client);
  clients.set('the bus', busClient(requests, MarketDataServiceDefinition));
});
afterAll(async () => {
  grpc.close();
  server.forceShutdown();
  await served.close();
});
afterEach(() => {
  bars.contexts.length = 0;
});

const clientOf = (transport: string): Client<Definition> => {
  const client = clients.get(transport);
  if (client === undefined) throw new Error(`no ${transport}`);
  return client;
};
const wish = (name: string): GetBarsRequest => ({
  feed: name,
  symbols: [],
  timeframe: 1,
  afterUs: 0n,
  throughUs: 0n,
  limit: 1,
});
const failure = (transport: string, name: string) =>
  clientOf(transport)
    .getBars(wish(name))
    .then(
      () => undefined,
      (error: unknown) => error as AppError,
    );

describe.each(['gRPC', 'the bus'])('a question over %s', (transport) => {
  it('is answered exactly', async () => {
    expect(await clientOf(transport).listFeeds({})).toEqual({ feeds: [feed('demo')] });
  });

  it('carries its headers and how long the caller waits', async () => {
    await clientOf(transport).listFeeds({}, { timeoutMs: 700, headers: { traceparent: 't' } });
    const [context] = bars.contexts;
    expect(context?.headers).toMatchObject({ traceparent: 't' });
    expect(context?.timeoutMs).toBeGreaterThan(0);
    expect(context?.timeoutMs).toBeLessThanOrEqual(700);
    expect(context?.gone).toBe(false);
  });

  it('that is refused rejects with the code, the reason, the remedy and whether to retry', async () => {
    const refusal = await failure(transport, 'refuse');
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({
      code: 'MARKET.NO_FEED',
      why: 'no “feed” 日経\n.',
      fix: 'Name one.',
      retry: 'final',
    });
    const later = await failure(transport, 'later');
    expect(later).toMatchObject({ code: 'STORE.UNAVAILABLE', retry: 'retryable', fix: undefined });
  });

  it('keeps to itself what it did not foresee', async () => {
    const error = await failure(transport, 'crash');
    expect(error).toMatchObject({ code: 'RPC.INTERNAL', retry: 'final' });
    expect(JSON.stringify([error?.message, error?.why, String(error?.stack)])).not.toContain(
      'hunter2',
    );
  });

  it('shortens a reason that would not fit, and mends one that is no text', async () => {
    const error = await failure(transport, 'long');
    expect(error?.code).toBe('CONFIG.INVALID');
    expect(LONG.startsWith(error?.why ?? 'nothing')).toBe(true);
    expect(error?.why.length).toBeGreaterThan(100);
    expect((await failure(transport, 'surrogate'))?.why).toBe('no \ufffd.');
  });
});

it('a question is given up when its time is over', async () => {
  const overGrpc = clientOf('gRPC').getBars(wish('never'), { timeoutMs: 50 });
  await expect(overGrpc).rejects.toMatchObject({ code: 'RPC.TIMEOUT', retry: 'retryable' });
  const overBus = clientOf('the bus').getBars(wish('never'), { timeoutMs: 50 });
  const expected = expect(overBus).rejects.toMatchObject({ code: 'RPC.TIMEOUT' });
  await clock.advance(50);
  await expected;
});

it('a question that nobody answers says so', async () => {
  const nobody = busClient(new MemoryRequests(clock), MarketDataServiceDefinition);
  await expect(nobody.listFeeds({})).rejects.toMatchObject({
    code: 'RPC.UNAVAILABLE',
    retry: 'retryable',
  });
  const closed = connectGrpc('127.0.0.1:1', MarketDataServiceDefinition);
  await expect(closed.client.listFeeds({})).rejects.toMatchObject({ code: 'RPC.UNAVAILABLE' });
  await expect(
    (async () => {
      for await (const _ of closed.streams.streamBars({ feed: '', symbols: [], afterUs: 0n }));
    })(),
  ).rejects.toMatchObject({ code: 'RPC.UNAVAILABLE' });
  closed.close();
});

it('a try to connect that hangs is given up for another', async () => {
  const port = Number(new URL(`tcp://${grpcAddress}`).port);
  const sockets: Socket[] = [];
  // Takes the first two connections and says nothing on them, as a process that stands still.
  const line = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    if (sockets.length > 2) socket.pipe(connect(port, '127.0.0.1')).pipe(socket);
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  const { port: silent } = line.address() as AddressInfo;
  const one = connectGrpc(`127.0.0.1:${silent}`, MarketDataServiceDefinition, undefined, 500);
  try {
    const refused = one.client.listFeeds({}, { timeoutMs: 5_000 });
    await expect(refused).rejects.toMatchObject({ code: 'RPC.UNAVAILABLE', retry: 'retryable' });
    const answered = async () => one.client.listFeeds({}, { timeoutMs: 5_000 }).catch(() => false);
    await vi.waitFor(async () => expect(await answered()).toBeTruthy(), { timeout: 20_000 });
    expect(sockets.length).toBeGreaterThan(2);
  } finally {
    one.close();
    for (const socket of sockets) socket.destroy();
    line.close();
  }
});

it('what fails in the transport itself stays what it is', async () => {
  const odd = new AppError({ code: 'BUS.TOO_LARGE', why: 'too large.' });
  const broken = { request: () => Promise.reject(odd), serve: requests.serve.bind(requests) };
  await expect(busClient(broken, MarketDataServiceDefinition).listFeeds({})).rejects.toBe(odd);
});

it('serves no more over the bus once it is closed', async () => {
  const own = new MemoryRequests(clock);
  const serving = await serveOverBus(own, MarketDataServiceDefinition, bars);
  const client = busClient(own, MarketDataServiceDefinition);
  expect((await client.listFeeds({})).feeds).toHaveLength(1);
  await serving.close();
  await expect(client.listFeeds({})).rejects.toMatchObject({ code: 'RPC.UNAVAILABLE' });
});

describe('a stream over gRPC', () => {
  const stream = (name: string) =>
    grpc.streams.streamBars({ feed: name, symbols: [], afterUs: 0n });
  /** Waits until something holds; the test's own deadline ends it. */
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await drained();
  };

  it('gives all there is and ends', async () => {
    const answers: StreamBarsResponse[] = [];
    for await (const answer of stream('three')) answers.push(answer);
    expect(answers).toHaveLength(3);
  });

  it('ends with the error of the service', async () => {
    const answers: StreamBarsResponse[] = [];
    const reading = async () => {
      for await (const answer of stream('refuse')) answers.push(answer);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'MARKET.NO_FEED', why: 'gone.' });
    expect(answers).toHaveLength(1);
  });

  it('ends in peace at both ends when it is cancelled', async () => {
    const { ended } = bars;
    const answers = stream('endless');
    let count = 0;
    for await (const _ of answers) {
      count += 1;
      if (count === 5) answers.cancel();
    }
    expect(count).toBeGreaterThanOrEqual(5);
    await until(() => bars.ended === ended + 1);
  });

  it('runs no further ahead of its reader than the transport holds', async () => {
    const { ended } = bars;
    bars.streamed = 0;
    const answers = stream('endless');
    let stalledAt = -1;
    const iterator = answers[Symbol.asyncIterator]();
    await iterator.next();
    // It stalls once nothing is written any more over many turns of the loop.
    for (let turns = 0; turns < 2_000; turns += 1) {
      if (bars.streamed !== stalledAt) turns = 0;
      stalledAt = bars.streamed;
      await drained();
    }
    for (let read = 0; read < stalledAt; read += 1) await iterator.next();
    await until(() => bars.streamed > stalledAt);
    answers.cancel();
    await until(() => bars.ended === ended + 1);
  });
});

describe('an error in headers', () => {
  it('comes back as it was, or as none', () => {
    const error = new AppError({ code: 'A.B', why: 'ä %', fix: '→', retry: 'retryable' });
    expect(errorFromHeaders(errorToHeaders(error))).toEqual(error);
    expect(errorFromHeaders({})).toBeUndefined();
  });

  it('is readable also where the other end packs in another way', () => {
    const headers = { 'capstan-error-code': 'A.B', 'capstan-error-why': '100 % wrong' };
    expect(errorFromHeaders(headers)).toMatchObject({ code: 'A.B', why: '100 % wrong' });
    expect(errorFromHeaders({ 'capstan-error-code': 'A.B' })).toMatchObject({ why: '' });
  });
});
