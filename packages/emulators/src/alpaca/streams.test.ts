import { decode, encode } from '@msgpack/msgpack';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { AlpacaEmulator } from './alpaca-emulator.ts';
import { sdkOf, startAt } from './alpaca-sdk.test-support.ts';

let emulator: AlpacaEmulator;
afterEach(() => emulator.close());

interface Message {
  readonly T: string;
  readonly [key: string]: unknown;
}

/** A bare client of a stream of data. */
class Client {
  readonly messages: Message[] = [];
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #packs: boolean;
  #wake: () => void = () => undefined;

  constructor(path: string, packs = false) {
    const headers = packs ? { 'content-type': 'application/msgpack' } : {};
    this.#packs = packs;
    this.#socket = new WebSocket(`${emulator.dataStreamUrl}${path}`, { headers });
    this.#socket.on('message', (data, isBinary) => {
      expect(isBinary).toBe(packs);
      const read = packs ? decode(data as Buffer) : JSON.parse(String(data));
      this.messages.push(...(read as Message[]));
      this.#wake();
    });
    this.closed = new Promise((resolve) => this.#socket.once('close', () => resolve()));
  }

  send(message: object): void {
    this.#socket.send(this.#packs ? encode(message) : JSON.stringify(message));
  }

  /** Resolves with the first message that fits. */
  async find(fits: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.messages.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async enter(secret = 'emulator-secret'): Promise<void> {
    await this.find(({ msg }) => msg === 'connected');
    this.send({ action: 'auth', key: 'EMULATOR', secret });
  }

  /** Asks for channels; resolves with what the server then says is subscribed, or what stands against it. */
  async subscribe(channels: object): Promise<Message> {
    this.messages.length = 0;
    this.send({ action: 'subscribe', ...channels });
    return this.find(({ T }) => T === 'subscription' || T === 'error');
  }
}

async function entered(path: string, packs = false): Promise<Client> {
  const client = new Client(path, packs);
  await client.enter();
  await client.find(({ msg }) => msg === 'authenticated');
  return client;
}

const errorOf = async (client: Client) => (await client.find(({ T }) => T === 'error')).code;

it('says what is subscribed as a whole, takes the same wish twice, and lets go of what is not wanted', async () => {
  emulator = await startAt({ symbols: ['AAPL', 'SPY'] });
  const client = await entered('/v2/sip');
  await client.subscribe({ trades: ['AAPL'], bars: ['*'] });
  const twice = await client.subscribe({ trades: ['AAPL', 'SPY'] });
  expect(twice).toMatchObject({ trades: ['AAPL', 'SPY'], bars: ['*'], quotes: [] });
  client.send({ action: 'unsubscribe', trades: ['AAPL', 'SPY'] });
  await client.find(({ T, trades }) => T === 'subscription' && (trades as []).length === 0);
  emulator.control.step({ minutes: 1 });
  await client.find(({ T, S }) => T === 'b' && S === 'SPY');
  expect(client.messages.some(({ T }) => T === 't')).toBe(false);
});

it('refuses as Alpaca does, by code', async () => {
  emulator = await startAt({
    symbols: Array.from({ length: 40 }, (_, at) => `A${at}`),
    plan: 'free',
  });
  const early = new Client('/v2/iex');
  await early.find(({ msg }) => msg === 'connected');
  early.send({ action: 'subscribe', bars: ['*'] });
  expect(await errorOf(early)).toBe(401);
  const wrong = new Client('/v2/iex');
  await wrong.enter('not it');
  expect(await errorOf(wrong)).toBe(402);
  await wrong.closed;
  const sip = new Client('/v2/sip');
  await sip.enter();
  expect(await errorOf(sip)).toBe(409);
  const client = await entered('/v2/iex');
  const many = Array.from({ length: 31 }, (_, at) => `A${at}`);
  expect(await client.subscribe({ quotes: many })).toMatchObject({ code: 405 });
  expect(await client.subscribe({ bars: many })).toMatchObject({ T: 'subscription' });
  const second = new Client('/v2/iex');
  await second.enter();
  expect(await errorOf(second)).toBe(406);
  client.send({ action: 'auth', key: 'EMULATOR', secret: 'emulator-secret' });
  await client.find(({ code }) => code === 403);
});

it('tells halts, bars that late trades changed, and nothing while it hangs', async () => {
  emulator = await startAt({ symbols: ['AAPL', 'SPY'], extendedHours: false });
  const client = await entered('/v2/sip');
  await client.subscribe({ bars: ['AAPL'], updatedBars: ['AAPL'], statuses: ['SPY'] });
  emulator.control.fault({ kind: 'lateTrades', symbol: 'AAPL' });
  emulator.control.step({ seconds: 90 });
  const updated = await client.find(({ T }) => T === 'u');
  const [short] = client.messages.filter(({ T }) => T === 'b');
  expect([short?.t, short?.v]).toEqual([updated.t, Number(updated.v) - 1]);
  emulator.control.clear();
  emulator.control.fault({ kind: 'halted', symbol: 'SPY' });
  await client.find(({ T, sc }) => T === 's' && sc === 'H');
  emulator.control.clear('halted');
  await client.find(({ T, sc }) => T === 's' && sc === 'T');
  emulator.control.fault({ kind: 'hangStream', stream: 'data' });
  client.messages.length = 0;
  emulator.control.step({ minutes: 2 });
  emulator.control.clear();
  emulator.control.step({ minutes: 1 });
  const first = await client.find(({ T }) => T === 'b');
  // What was said while it hung is lost: 15:01 and 15:02.
  expect(first.t).toBe('2026-01-05T15:03:00Z');
  expect(client.messages.filter(({ T }) => T === 'b')).toHaveLength(1);
  emulator.control.dropStreams('data');
  await client.closed;
});

it('speaks msgpack with whole timestamps where it is asked to, of options too', async () => {
  emulator = await startAt({ symbols: ['SPY'] });
  const symbol = 'SPY260116C00260000';
  const client = await entered('/v1beta1/opra', true);
  await client.subscribe({ trades: [symbol], quotes: [symbol] });
  emulator.control.step({ seconds: 6 });
  const trade = await client.find(({ T }) => T === 't');
  expect(trade).toMatchObject({ S: symbol, x: 'N' });
  expect((trade.t as Date).getTime()).toBeGreaterThan(Date.parse('2026-01-05T15:00:00Z'));
  const quote = await client.find(({ T }) => T === 'q');
  expect(Number(quote.bp)).toBeLessThan(Number(quote.ap));
});

it('has a test stream that speaks day and night', async () => {
  emulator = await startAt({}, Date.parse('2026-01-04T08:00:00Z') * 1_000);
  const client = await entered('/v2/test');
  await client.subscribe({ quotes: ['FAKEPACA'] });
  expect((await client.find(({ T }) => T === 'q')).S).toBe('FAKEPACA');
});

it('lets the SDK find out that its place is taken, and come back when it is free', async () => {
  emulator = await startAt({ symbols: ['AAPL'] });
  const holder = await entered('/v2/sip', true);
  const stream = sdkOf(emulator).marketData.stockStream({
    url: `${emulator.dataStreamUrl}/v2/sip`,
    reconnect: { initialDelayMs: 5, maxDelayMs: 10, maxReconnectAttempts: -1 },
  } as never);
  const refused = new Promise<string>((resolve) => stream.onError((error) => resolve(error)));
  const entry = new Promise<void>((resolve) => stream.on('authorized', () => resolve()));
  stream.connect();
  expect(await refused).toMatch(/406|connection limit/);
  emulator.control.dropStreams('data');
  await holder.closed;
  await entry;
  stream.disconnect();
});
