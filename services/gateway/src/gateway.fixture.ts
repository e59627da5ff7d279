import {
  barToWire,
  botToWire,
  cashEventToWire,
  denialToWire,
  driftToWire,
  type executionService,
  fillToWire,
  intentToWire,
  orderToWire,
  parameterToWire,
  signalToWire,
  strayToWire,
} from '@capstan/contracts';
import {
  AppError,
  cashMicros,
  type Denial,
  type Fill,
  InstrumentBook,
  type Intent,
  type Order,
  priceNanos,
  quantity,
  type Signal,
  timeUs,
  usEquity,
} from '@capstan/domain';
import type { AuditRecord, BarRecord, BotRecord, DriftRecord, TokenRecord } from '@capstan/ports';
import { MemoryBus, MemoryLog, nullMeter, SeededIds, VirtualClock } from '@capstan/testkit';
import { alertsAt } from './alerts.fixture.ts';
import type { Clients } from './clients.ts';
import { Gateway } from './gateway.ts';
import { createApp } from './http/app.ts';
import { hashToken } from './http/token-hash.ts';
import { LiveHub } from './live/live-hub.ts';
import type { GatewayPorts, GatewaySettings } from './ports.ts';
import { DAYS, equityAt, replayDay, replaysAt } from './reporting.fixture.ts';
import { sessionsAt } from './sessions.fixture.ts';
import { strangeAt } from './strange.fixture.ts';

/** 2026-01-05 09:31 in New York. */
export const T = timeUs(1_767_623_460_000_000);

export const bar: BarRecord = {
  symbol: 'SPY',
  timeframe: '1m',
  startUs: timeUs(T - 60_000_000),
  endUs: T,
  revision: 0,
  openNanos: priceNanos(100_000_000_000),
  highNanos: priceNanos(102_000_000_000),
  lowNanos: priceNanos(99_000_000_000),
  closeNanos: priceNanos(101_500_000_000),
  volume: 12_000,
  runId: 'live',
  feed: 'demo',
  venue: 'SYNTHETIC',
};

export const bot: BotRecord = {
  botId: 'sma',
  accountId: 'paper',
  strategy: 'sma-cross',
  params: { fast: 10, slow: 30 },
  symbols: ['SPY'],
  timeframe: '1m',
  feed: 'demo',
  sizing: { kind: 'equityFraction', fraction: 0.1 },
  configRevision: 1,
  restartOnCrash: true,
  onShutdown: 'leave',
  state: 'running',
  restarts: 0,
  lastSliceEndUs: T,
  updatedAtUs: T,
};

export const signal: Signal = {
  signalId: 'signal-1',
  runId: 'live',
  botId: 'sma',
  accountId: 'paper',
  configRevision: 1,
  symbol: 'SPY',
  timeframe: '1m',
  barEndUs: T,
  inputRevision: 0,
  direction: 'long',
  strength: 1,
  referencePriceNanos: priceNanos(101_500_000_000),
  reason: 'fast above slow',
};

export const intent: Intent = {
  intentId: 'intent-1',
  runId: 'live',
  accountId: 'paper',
  botId: 'sma',
  symbol: 'SPY',
  causeKind: 'signal',
  causeId: 'signal-1',
  side: 'buy',
  quantity: quantity(10),
  type: 'market',
  timeInForce: 'day',
  reducing: false,
  referencePriceNanos: priceNanos(101_500_000_000),
  decidedAtUs: T,
};

export const { stray, cashEvent } = strangeAt(T);

export const order: Order = {
  orderId: 'order-1',
  intentId: 'intent-1',
  runId: 'live',
  accountId: 'paper',
  botId: 'sma',
  symbol: 'SPY',
  side: 'buy',
  quantity: quantity(10),
  type: 'market',
  timeInForce: 'day',
  reducing: false,
  leg: 0,
  attempt: 1,
  decidedAtUs: T,
  expiresAtUs: timeUs(T + 60_000_000),
  state: 'filled',
  filledQuantity: quantity(10),
  filledNotionalMicros: cashMicros(1_016_000_000),
  version: 4,
  updatedAtUs: timeUs(T + 60_000_000),
};

export const fill: Fill = {
  fillId: 'fill-1',
  kind: 'fill',
  orderId: 'order-1',
  runId: 'live',
  accountId: 'paper',
  botId: 'sma',
  symbol: 'SPY',
  side: 'buy',
  quantity: quantity(10),
  priceNanos: priceNanos(101_600_000_000),
  feeMicros: cashMicros(350_000),
  eventAtUs: timeUs(T + 60_000_000),
  accountSequence: 1,
};

export const denial: Denial = {
  denialId: 'denial-1',
  runId: 'live',
  accountId: 'paper',
  botId: 'sma',
  symbol: 'SPY',
  causeKind: 'signal',
  causeId: 'signal-0',
  policy: 'market-hours',
  reason: 'the session is closed',
  decidedAtUs: timeUs(T - 60_000_000),
};

export const drift: DriftRecord = {
  driftId: 'drift-1',
  accountId: 'paper',
  symbol: 'SPY',
  ledger: 10,
  broker: 9,
  openedAtUs: T,
};

/** A call that reached a service. */
export interface Called {
  readonly method: string;
  readonly request: unknown;
}

/** Services that answer as told and remember what they were asked. */
export class FakeServices {
  readonly called: Called[] = [];
  /** Methods that fail, with what they throw. */
  readonly failing = new Map<string, unknown>();
  /** What owners answer to commands. */
  commandResult = { applied: true, message: 'done.' };

  readonly clients: Clients = {
    market: {
      listFeeds: (request) =>
        this.#answer('listFeeds', request, {
          feeds: [
            {
              feed: 'demo',
              venue: 'SYNTHETIC',
              runId: 'live',
              symbols: ['SPY'],
              lastSliceEndUs: BigInt(T),
              slicesPublished: 1n,
              finished: false,
              waitingFor: [],
              ...{ live: false, connected: false, stale: false, clockOffsetUs: 0n, problem: '' },
            },
          ],
        }),
      getBars: (request) => this.#answer('getBars', request, { bars: [barToWire(bar)] }),
    },
    signal: {
      listBots: (request) => this.#answer('listBots', request, { bots: [botToWire(bot)] }),
      createBot: (request) => this.#command('createBot', request),
      changeBot: (request) => this.#command('changeBot', request),
      pauseBot: (request) => this.#command('pauseBot', request),
      resumeBot: (request) => this.#command('resumeBot', request),
      stopBot: (request) => this.#command('stopBot', request),
      listStrategies: (request) =>
        this.#answer('listStrategies', request, {
          strategies: [
            {
              name: 'sma-cross',
              title: 'Moving averages',
              description: 'Two averages.',
              parameters: [
                {
                  name: 'fast',
                  kind: 'integer',
                  description: 'Bars.',
                  defaultValue: parameterToWire(10),
                  minimum: 1,
                  maximum: undefined,
                },
              ],
            },
          ],
        }),
      listSignals: (request) =>
        this.#answer('listSignals', request, { signals: [signalToWire(signal)] }),
    },
    risk: {
      listAccounts: (request) =>
        this.#answer('listAccounts', request, {
          accounts: [
            {
              accountId: 'paper',
              venue: 'paper',
              mode: 'paper',
              currency: 'USD',
              limitsJson: '{"policies":["market-hours"]}',
            },
          ],
        }),
      listDenials: (request) =>
        this.#answer('listDenials', request, { denials: [denialToWire(denial)] }),
      listIntents: (request) =>
        this.#answer('listIntents', request, { intents: [intentToWire(intent)] }),
      getLimits: (request) =>
        this.#answer('getLimits', request, {
          accountId: request.accountId,
          limitsJson: '{"maxPositions":3}',
          changed: true,
        }),
      setLimits: (request) => this.#command('setLimits', request),
      getLedger: (request) =>
        this.#answer('getLedger', request, {
          positions: [
            {
              accountId: 'paper',
              botId: 'sma',
              symbol: 'SPY',
              quantity: 10n,
              costMicros: 1_016_000_000n,
              realisedMicros: 5_000_000n,
              feesMicros: 350_000n,
            },
          ],
          cash: [{ accountId: 'paper', botId: 'house', cashMicros: 98_983_650_000n }],
        }),
    },
    execution: {
      listOrders: (request) =>
        this.#answer('listOrders', request, { orders: [orderToWire(order)] }),
      listFills: (request) => this.#answer('listFills', request, { fills: [fillToWire(fill)] }),
      listStrays: (request) =>
        this.#answer('listStrays', request, { strays: [strayToWire(stray)] }),
      listCashEvents: (request) =>
        this.#answer('listCashEvents', request, { cashEvents: [cashEventToWire(cashEvent)] }),
      cancelOrder: (request) => this.#command('cancelOrder', request),
      cancelOrders: async (request) => {
        const result = await this.#command('cancelOrders', request);
        return { results: [{ accountId: 'paper', result }] };
      },
      flatten: async (request) => {
        const result = await this.#command('flatten', request);
        return { results: [{ accountId: 'paper', result }] };
      },
      replaceOrder: (request) => this.#command('replaceOrder', request),
      resolveOrder: (request) => this.#command('resolveOrder', request),
      kill: (request) => this.#answer('kill', request, { switches: [this.#switch(request.mode)] }),
      unkill: (request) => this.#answer('unkill', request, { switches: [this.#switch(1)] }),
      getKillSwitch: (request) =>
        this.#answer('getKillSwitch', request, { switches: [this.#switch(1)] }),
      getBreakers: (request) => this.#answer('getBreakers', request, { breakers: [BREAKER] }),
      resetBreaker: async (request) => {
        const result = await this.#command('resetBreaker', request);
        return { resets: request.accountId === 'paper' ? [{ accountId: 'paper', result }] : [] };
      },
    },
    position: {
      getSnapshot: (request) => this.#answer('getSnapshot', request, { snapshot: undefined }),
      listDrifts: (request) =>
        this.#answer('listDrifts', request, { drifts: [driftToWire(drift)] }),
    },
    reporting: {
      listAlerts: (request) => this.#answer('listAlerts', request, alertsAt(BigInt(T))),
      testAlerts: (request) =>
        this.#answer('testAlerts', request, { results: [{ channel: 'ops', problem: '' }] }),
      getEquity: (request) => this.#answer('getEquity', request, equityAt(BigInt(T))),
      getDays: (request) => this.#answer('getDays', request, DAYS),
      replayDay: (request) => this.#answer('replayDay', request, replayDay(request, BigInt(T))),
      listReplays: (request) => this.#answer('listReplays', request, replaysAt(BigInt(T))),
      listSessions: (request) => this.#answer('listSessions', request, sessionsAt(T)),
    },
    backtest: {
      submitJob: (request) =>
        this.#answer('submitJob', request, { job: { ...JOB, specJson: request.specJson } }),
      getJob: (request) =>
        this.#answer('getJob', request, { job: request.jobId === 'job-1' ? JOB : undefined }),
      listJobs: (request) => this.#answer('listJobs', request, { jobs: [JOB] }),
    },
  };

  async #answer<T>(method: string, request: unknown, answer: T): Promise<T> {
    this.called.push({ method, request });
    if (this.failing.has(method)) throw this.failing.get(method);
    return answer;
  }

  #command(method: string, request: { readonly commandId: string }) {
    const { commandId } = request;
    return this.#answer(method, request, { commandId, ...this.commandResult });
  }

  #switch(mode: executionService.KillMode): executionService.KillSwitch {
    return {
      accountId: 'paper',
      mode,
      actor: 'ann',
      reason: 'drill',
      sinceUs: BigInt(T),
      foreign: false,
      unsaved: false,
      progress: '',
    };
  }

  /** Makes a method fail as a service that is away. */
  away(method: string): void {
    const why = 'nobody answers.';
    const init = { code: 'RPC.UNAVAILABLE', why, fix: 'Start it.', retry: 'retryable' } as const;
    this.failing.set(method, new AppError(init));
  }
}

const BREAKER = {
  accountId: 'paper',
  open: true,
  failures: 5,
  failuresMax: 5,
  reason: 'the venue rejected an order: not today',
  sinceUs: BigInt(T),
};

const JOB = {
  jobId: 'job-1',
  specJson: '{"strategy":"sma-cross"}',
  state: 'done',
  resultJson: '{"sharpe":1.5}',
  digest: 'abc',
  error: '',
  createdAtUs: BigInt(T),
  updatedAtUs: BigInt(T),
};

const token = (text: string, name: string, role: TokenRecord['role']): TokenRecord => ({
  tokenHash: hashToken(text),
  name,
  role,
  createdAtUs: T,
});

/** Tokens by their hash, and what was audited. Either can be down. */
export class FakeStore {
  readonly audited: AuditRecord[] = [];
  down = false;
  readonly #tokens = new Map(
    [token('look-token', 'vera', 'viewer'), token('act-token', 'otto', 'operator')].map((one) => [
      one.tokenHash,
      one,
    ]),
  );

  #check(): void {
    if (!this.down) return;
    throw new AppError({ code: 'STORE.UNAVAILABLE', why: 'no connection.', retry: 'retryable' });
  }

  async token(tokenHash: string): Promise<TokenRecord | undefined> {
    this.#check();
    return this.#tokens.get(tokenHash);
  }

  async addAudit(record: AuditRecord): Promise<void> {
    this.#check();
    this.audited.push(record);
  }
}

/** Puts a gateway together over fakes. */
export async function openGateway(
  options: {
    readonly localOperator?: boolean;
    readonly hosts?: readonly string[];
    readonly dashboard?: string;
  } = {},
) {
  const services = new FakeServices();
  const store = new FakeStore();
  const clock = new VirtualClock(T);
  const bus = new MemoryBus(clock);
  const log = new MemoryLog();
  const ports: GatewayPorts = {
    clients: services.clients,
    store,
    clock,
    ids: new SeededIds(1),
    log,
    meter: nullMeter,
    health: async (name, url) => ({ name, state: 'ready', message: url, checks: [] }),
    hashToken,
  };
  const settings: GatewaySettings = {
    runId: 'live',
    environment: 'dev',
    dryRun: false,
    version: '0.1.0',
    instruments: new InstrumentBook([usEquity('SPY', 'etf')]),
    services: { risk: 'http://127.0.0.1:8083' },
    auth: { localOperator: options.localOperator ?? true, hosts: options.hosts ?? [] },
  };
  const gateway = new Gateway(ports, settings);
  const hub = new LiveHub({ bus, clock, log, meter: nullMeter }, (one) => gateway.marks.learn(one));
  const dashboard = options.dashboard ?? '/nowhere';
  const app = await createApp({ gateway, hub, clock, dashboard, settings });
  return { services, store, clock, bus, log, gateway, hub, app };
}
