import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError, US_PER_MS } from '@capstan/domain';
import { fastify } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { AlpacaControl } from '../control/alpaca-control.ts';
import { RequestJournal } from '../control/request-journal.ts';
import { buildContext } from './build-context.ts';
import type { AlpacaEmulatorOptions, DataPlan } from './emulator-options.ts';
import { addAccountRoutes } from './rest/account-routes.ts';
import { addActionsRoutes } from './rest/actions-routes.ts';
import { addCalendarRoutes } from './rest/calendar-routes.ts';
import { addHistoryRoutes } from './rest/history-routes.ts';
import { addLatestRoutes } from './rest/latest-routes.ts';
import { addOptionsRoutes } from './rest/options-routes.ts';
import { addOrderRoutes } from './rest/order-routes.ts';
import { addRequestGuard } from './rest/request-guard.ts';
import { AlpacaStreams } from './streams/alpaca-streams.ts';

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

const LOOPBACK = '127.0.0.1';
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
  const context = buildContext(options);
  const journal = new RequestJournal();
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
  addCalendarRoutes(app, context);
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
