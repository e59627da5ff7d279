import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { getCalendar } from '@capstan/calendar';
import { AppError, cashMicros, MICROS_PER_UNIT, US_PER_MS } from '@capstan/domain';
import { fastify } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { AlpacaControl } from '../control/alpaca-control.ts';
import { type ClockSettings, EmulatorClock } from '../control/emulator-clock.ts';
import { FaultBook } from '../control/faults.ts';
import { RequestJournal } from '../control/request-journal.ts';
import { MarketPrices } from '../market/market-prices.ts';
import { type GivenSplit, MarketWorld } from '../market/market-world.ts';
import { AlpacaExchange } from './alpaca-exchange.ts';
import type { AccountInput, DataPlan, EmulatorContext } from './emulator-context.ts';
import { KeyRing } from './keys.ts';
import { addAccountRoutes } from './rest/account-routes.ts';
import { addActionsRoutes } from './rest/actions-routes.ts';
import { addHistoryRoutes } from './rest/history-routes.ts';
import { addLatestRoutes } from './rest/latest-routes.ts';
import { addOptionsRoutes } from './rest/options-routes.ts';
import { addOrderRoutes } from './rest/order-routes.ts';
import { addRequestGuard, type RequestLimits } from './rest/request-guard.ts';
import { AlpacaStreams } from './streams/alpaca-streams.ts';
import type { TradingAccount } from './trading/trading-account.ts';

/** An account at the emulator, and what opens it. */
export interface EmulatedAccount {
  readonly keyId: string;
  readonly secretKey: string;
  /** Stands for both in `Authorization: Bearer`; none unless given. */
  readonly token?: string;
  /** 100,000 unless given, in units of currency. */
  readonly cash?: number;
  /** 1 for a cash account, 2 or 4 for margin; 2 unless given. */
  readonly multiplier?: number;
  /** 3 unless given. */
  readonly optionsLevel?: 0 | 1 | 2 | 3;
}

export interface AlpacaEmulatorOptions {
  /** Any free one unless given. */
  readonly port?: number;
  readonly host?: string;
  /** What prices follow from; 1 unless given. */
  readonly seed?: number;
  /** Listed symbols; some that everyone knows unless given. */
  readonly symbols?: readonly string[];
  readonly splits?: readonly GivenSplit[];
  /** Whether there is trading before the open and after the close; there is unless told otherwise. */
  readonly extendedHours?: boolean;
  /** The wall's clock unless given. */
  readonly clock?: ClockSettings;
  /** `paid` unless given. */
  readonly plan?: DataPlan;
  /** One with {@link EMULATOR_KEYS} unless given. */
  readonly accounts?: readonly EmulatedAccount[];
  /** Stands for Alpaca's host of live money, whose stream of order updates is text; paper unless given. */
  readonly live?: boolean;
  /** Requests a minute; Alpaca's own unless given. */
  readonly requestLimits?: Partial<RequestLimits>;
  /** Connections that one account may have to a stream of data; one unless given, as Alpaca has it. */
  readonly streamConnections?: number;
}

/** A running emulator. */
export interface AlpacaEmulator {
  /** Of trading and of data alike. */
  readonly url: string;
  readonly tradingStreamUrl: string;
  /** The host of the streams of data, to which a feed's path is added, such as `/v2/sip`. */
  readonly dataStreamUrl: string;
  readonly control: AlpacaControl;
  close(): Promise<void>;
}

/** What opens the account that is there unless others are given. */
export const EMULATOR_KEYS = { keyId: 'EMULATOR', secretKey: 'emulator-secret' } as const;

const LOOPBACK = '127.0.0.1';
const CASH = 100_000;
const TRADING_PER_MINUTE = 200;
const DATA_PER_MINUTE: Readonly<Record<DataPlan, number>> = { free: 200, paid: 10_000 };
/** Real time is looked at this often. */
const TICK_MS = 50;
const PULSE_MS = 1_000;
const BODY_BYTES_MAX = 1_048_576;

/**
 * Starts an emulated Alpaca on one port: trading, data and all streams.
 * @throws EMULATOR.OPTION, EMULATOR.PORT
 */
export async function startAlpacaEmulator(
  options: AlpacaEmulatorOptions = {},
): Promise<AlpacaEmulator> {
  const parts = buildParts(options);
  const { context, journal } = parts;
  const streams = new AlpacaStreams(context, {
    isLive: options.live ?? false,
    connections: options.streamConnections ?? 1,
  });
  const app = fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true });
  const data = DATA_PER_MINUTE[context.plan];
  const limits = { trading: TRADING_PER_MINUTE, data, ...options.requestLimits };
  const control = new AlpacaControl(context, journal, streams);
  addRequestGuard(app, context, journal, limits);
  control.addRoutes(app);
  addOrderRoutes(app, context);
  addAccountRoutes(app, context);
  addHistoryRoutes(app, context);
  addLatestRoutes(app, context);
  addActionsRoutes(app, context);
  addOptionsRoutes(app, context);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (!streams.has(path)) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (client: WebSocket) => {
      streams.connect(path, client, request.headers['content-type'] ?? '');
    });
  });
  const host = options.host ?? LOOPBACK;
  const address = await listen(app, host, options.port ?? 0);
  const timers = [setInterval(() => streams.pulse(Date.now() * US_PER_MS), PULSE_MS)];
  if (!context.clock.isStepped) timers.push(setInterval(() => context.now(), TICK_MS));
  return {
    url: `http://${address}`,
    tradingStreamUrl: `ws://${address}/stream`,
    dataStreamUrl: `ws://${address}`,
    control,
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      await app.close();
    },
  };
}

function buildParts(options: AlpacaEmulatorOptions) {
  const calendar = getCalendar('XNYS');
  const clock = new EmulatorClock(options.clock ?? { kind: 'real' });
  const faults = new FaultBook();
  const journal = new RequestJournal();
  const world = new MarketWorld({
    ...{ calendar, seed: options.seed ?? 1 },
    ...(options.symbols === undefined ? {} : { symbols: options.symbols }),
    ...(options.splits === undefined ? {} : { splits: options.splits }),
    extendedHours: options.extendedHours ?? true,
  });
  const prices = new MarketPrices(world, calendar);
  const startUs = clock.nowUs();
  const accounts = options.accounts ?? [EMULATOR_KEYS];
  const parts = { calendar, world, prices, faults, startUs };
  const exchange = new AlpacaExchange(parts, accounts.map(settingsOf));
  const keys = new KeyRing(
    accounts.map((given, index) => {
      const account = exchange.accounts[index];
      if (account === undefined) throw new Error('every key has an account');
      return { ...given, account };
    }),
    faults,
  );
  const now = (): number => {
    exchange.advance(clock.nowUs());
    return exchange.nowUs;
  };
  const act = (account: TradingAccount, input: AccountInput): unknown =>
    perform(account, input, now());
  const context: EmulatorContext = {
    ...{ calendar, world, prices, exchange, clock, faults, keys, now, act },
    plan: options.plan ?? 'paid',
    openedAtUs: startUs,
  };
  return { context, journal };
}

function settingsOf(given: EmulatedAccount, index: number) {
  const number = String(index + 1).padStart(7, '0');
  return {
    accountId: given.keyId,
    accountNumber: `PA${number}`,
    cashMicros: cashMicros(Math.round((given.cash ?? CASH) * MICROS_PER_UNIT)),
    multiplier: given.multiplier ?? 2,
    optionsLevel: given.optionsLevel ?? 3,
  } as const;
}

/** Does something to an account. */
function perform(account: TradingAccount, input: AccountInput, atUs: number): unknown {
  switch (input.kind) {
    case 'submit':
      return account.submit(input.request, atUs);
    case 'cancel':
      return account.cancel(input.orderId, atUs);
    case 'cancelAll':
      return account.cancelAll(atUs);
    case 'replace':
      return account.replace(input.orderId, input.patch, atUs);
  }
}

async function listen(
  app: ReturnType<typeof fastify>,
  host: string,
  port: number,
): Promise<string> {
  try {
    return (await app.listen({ host, port })).replace(/^http:\/\//, '');
  } catch (cause) {
    throw new AppError({
      code: 'EMULATOR.PORT',
      why: `the emulator cannot listen on ${host}:${port}: ${(cause as Error).message}.`,
      fix: 'Name a free port, or 0 for any.',
      cause,
    });
  }
}
