import { Alpaca } from '@alpacahq/alpaca-trade-api';
import { WebSocket } from 'ws';
import { type AlpacaEmulator, startAlpacaEmulator } from './alpaca-emulator.ts';
import { type AlpacaEmulatorOptions, EMULATOR_KEYS } from './emulator-options.ts';

/** 10:00 in New York on a Monday with a session. */
export const TEN_O_CLOCK_US = Date.parse('2026-01-05T15:00:00Z') * 1_000;

/** Starts an emulator whose time stands at ten o'clock until it is told to go on. */
export function startAt(options: AlpacaEmulatorOptions = {}, startUs = TEN_O_CLOCK_US) {
  return startAlpacaEmulator({ clock: { kind: 'stepped', startUs }, ...options });
}

interface Keys {
  readonly keyId: string;
  readonly secretKey: string;
}

/** The vendor's own client, led to an emulator. */
export function sdkOf(
  emulator: AlpacaEmulator,
  keys: Keys = EMULATOR_KEYS,
  through: typeof fetch = fetch,
) {
  return new Alpaca({
    keyId: keys.keyId,
    secret: keys.secretKey,
    paper: true,
    fetchApi: (input: unknown, init?: RequestInit) => {
      const asked = new URL(String(input instanceof Request ? input.url : input));
      return through(`${emulator.url}${asked.pathname}${asked.search}`, init);
    },
  });
}

/** What an answer holds: rows of the vendor's JSON. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what the wire says, whatever it is.
type Json = any;

/** Asks an emulator as a bare client does. */
export function askerOf(
  emulator: AlpacaEmulator,
  keys: Keys = EMULATOR_KEYS,
  through: typeof fetch = fetch,
) {
  return async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; headers: Headers; body: Json }> => {
    const answer = await through(`${emulator.url}${path}`, {
      method,
      headers: {
        ...{ 'APCA-API-KEY-ID': keys.keyId, 'APCA-API-SECRET-KEY': keys.secretKey },
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const { status, headers } = answer;
    return { status, headers, body: text === '' ? undefined : JSON.parse(text) };
  };
}

/** Listens to the stream of order updates as a bare client does. */
export async function updatesOf(emulator: AlpacaEmulator, keys: Keys = EMULATOR_KEYS) {
  const socket = new WebSocket(emulator.tradingStreamUrl);
  const told: Json[] = [];
  let isBinary = false;
  let wake = (): void => undefined;
  const replies: Json[] = [];
  socket.on('message', (data, binary) => {
    isBinary = binary;
    const message = JSON.parse(String(data));
    if (message.stream === 'trade_updates') told.push(message.data);
    else replies.push(message);
    wake();
  });
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  await new Promise((resolve) => socket.once('open', resolve));
  const data = { key_id: keys.keyId, secret_key: keys.secretKey };
  socket.send(JSON.stringify({ action: 'authenticate', data }));
  await until(() => replies.length === 1);
  if (replies[0].data.status !== 'authorized') throw new Error(replies[0].data.status);
  socket.send(JSON.stringify({ action: 'listen', data: { streams: ['trade_updates'] } }));
  await until(() => replies.length === 2);
  return {
    isBinary,
    told,
    /** Resolves with all that was told, once an event was. */
    until: async (event: string): Promise<readonly Json[]> => {
      await until(() => told.some((one) => one.event === event));
      return told;
    },
    /** Resolves once a ping is answered. */
    ping: (): Promise<void> =>
      new Promise((resolve) => {
        socket.once('pong', () => resolve());
        socket.ping();
      }),
    closed: new Promise<void>((resolve) => socket.once('close', () => resolve())),
  };
}
