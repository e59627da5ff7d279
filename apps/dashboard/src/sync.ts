import type {
  Alerting,
  Bar,
  Bot,
  Day,
  Denial,
  Drift,
  EquityPoint,
  Fill,
  Foreign,
  LiveEvents,
  MarketSession,
  Order,
  Overview,
  Position,
  Replay,
  ServiceHealth,
  Signal,
} from './api.ts';
import { follow, get, onToken, RequestError } from './client.ts';
import type { StreamEvent } from './event-frames.ts';
import type { Action, Loaded, Part, State } from './state.ts';

const EVENT_NAMES = [
  'bar',
  'slice',
  'bot',
  'signal',
  'denied',
  'orders',
  'fills',
  'drift',
] as const;

/** Silence after which the connection counts as lost; the gateway speaks every 15 s. */
const SILENCE_MS = 35_000;
const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 8_000;

/** Keeps the page as it is now: reads everything once, follows the live events, and reads anew what they touch. */
export class Sync {
  readonly #dispatch: (action: Action) => void;
  readonly #state: () => State;
  #source: { readonly close: () => void } | undefined;
  #heardAtMs = 0;
  #retryMs = RETRY_FIRST_MS;
  #retry: number | undefined;
  /** Parts that wait to be read, and when each was read last. */
  readonly #due = new Map<Part, number>();
  readonly #readAtMs = new Map<Part, number>();
  readonly #reading = new Set<Part>();
  /** Counts what came live of orders: a list read meanwhile may be older. */
  #ordersHeard = 0;

  constructor(dispatch: (action: Action) => void, state: () => State) {
    this.#dispatch = dispatch;
    this.#state = state;
  }

  /** Begins. @returns how to end. */
  start(): () => void {
    this.#connect();
    const timer = window.setInterval(() => this.#tick(), 250);
    const onVisible = (): void => {
      if (document.visibilityState === 'visible') this.readAll();
    };
    document.addEventListener('visibilitychange', onVisible);
    const forgetTokens = onToken(() => this.reconnect());
    return () => {
      forgetTokens();
      window.clearInterval(timer);
      window.clearTimeout(this.#retry);
      document.removeEventListener('visibilitychange', onVisible);
      this.#source?.close();
    };
  }

  /** Connects anew, as after a token was given. */
  reconnect(): void {
    window.clearTimeout(this.#retry);
    this.#retryMs = RETRY_FIRST_MS;
    this.#dispatch({ kind: 'connection', connection: 'connecting' });
    this.#connect();
  }

  /** Reads everything again. */
  readAll(): void {
    const all: readonly Part[] = [
      'overview',
      'bots',
      'positions',
      'orders',
      'fills',
      'signals',
      'denials',
      'drifts',
      'foreign',
      'services',
      'alerts',
      'sessions',
      'replays',
      'equity',
      'days',
      'bars',
    ];
    for (const part of all) this.soon(part, 0);
  }

  /** Reads a part, not more often than every `everyMs`. */
  soon(part: Part, everyMs: number): void {
    const dueMs = Math.max(performance.now(), (this.#readAtMs.get(part) ?? -1e9) + everyMs);
    this.#due.set(part, Math.min(this.#due.get(part) ?? Number.POSITIVE_INFINITY, dueMs));
  }

  #connect(): void {
    this.#source?.close();
    this.#heardAtMs = performance.now();
    this.#source = follow(
      (event) => this.#onEvent(event),
      () => this.#lost(),
    );
  }

  #onEvent({ name, data }: StreamEvent): void {
    this.#heard();
    if (name === 'hello') {
      this.#retryMs = RETRY_FIRST_MS;
      this.#dispatch({ kind: 'connection', connection: 'live' });
    }
    if (name === 'hello' || name === 'resync') this.readAll();
    const known = EVENT_NAMES.find((one) => one === name);
    if (known === undefined) return;
    const events = { [known]: JSON.parse(data) as unknown } as Partial<LiveEvents>;
    this.#dispatch({ kind: 'live', events });
    this.#follow(known);
  }

  #heard(): void {
    this.#heardAtMs = performance.now();
  }

  #lost(): void {
    this.#source?.close();
    this.#source = undefined;
    if (this.#state().connection !== 'denied') {
      this.#dispatch({ kind: 'connection', connection: 'lost' });
    }
    window.clearTimeout(this.#retry);
    this.#retry = window.setTimeout(() => this.#reach(), this.#retryMs);
    this.#retryMs = Math.min(RETRY_MOST_MS, this.#retryMs * 2);
  }

  /** The events do not say why they ended; a plain request does. */
  async #reach(): Promise<void> {
    try {
      this.#dispatch({
        kind: 'loaded',
        part: 'overview',
        value: await get<Overview>('/api/overview'),
      });
      this.#connect();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const denied = error.status === 401;
      this.#dispatch({ kind: 'connection', connection: denied ? 'denied' : 'lost' });
      if (!denied) this.#lost();
    }
  }

  /** What an event touches beside what it carries. */
  #follow(name: (typeof EVENT_NAMES)[number]): void {
    if (name === 'fills') {
      this.soon('positions', 500);
      this.soon('overview', 1_000);
    }
    if (name === 'slice') {
      this.soon('positions', 1_000);
      this.soon('overview', 2_000);
      this.soon('equity', 1_000);
      this.soon('days', 3_000);
    }
    if (name === 'orders') this.#ordersHeard += 1;
    if (name === 'bot') this.soon('bots', 5_000);
  }

  #tick(): void {
    const nowMs = performance.now();
    if (this.#source !== undefined && nowMs - this.#heardAtMs > SILENCE_MS) this.#lost();
    if (this.#state().connection === 'live') {
      this.soon('services', 5_000);
      this.soon('alerts', 5_000);
      this.soon('sessions', 2_000);
      this.soon('replays', 10_000);
      this.soon('foreign', 15_000);
      this.soon('overview', 10_000);
    }
    if (document.visibilityState === 'hidden') return;
    for (const [part, dueMs] of this.#due) {
      if (dueMs > nowMs || this.#reading.has(part)) continue;
      this.#due.delete(part);
      void this.#read(part);
    }
  }

  async #read(part: Part): Promise<void> {
    this.#reading.add(part);
    this.#readAtMs.set(part, performance.now());
    const heard = this.#ordersHeard;
    try {
      const loaded = await read(part, this.#state());
      if (loaded !== undefined) this.#dispatch({ kind: 'loaded', ...loaded });
      if (part === 'orders' && heard !== this.#ordersHeard) this.soon('orders', 1_000);
      if (part === 'overview' && this.#state().equity.length === 0) {
        for (const next of ['equity', 'days', 'bars'] as const) this.soon(next, 1_000);
      }
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.#dispatch({ kind: 'failed', part, problem: { ...error.problem, part } });
      if (error.status === 401) this.#dispatch({ kind: 'connection', connection: 'denied' });
      // Without an answer of any kind it is read again with the rest, once the live events are back.
      const isCut = error.status === 0 && this.#state().connection === 'live';
      if (isCut || error.status >= 500 || error.status === 429) this.soon(part, 3_000);
    } finally {
      this.#reading.delete(part);
    }
  }
}

/** Reads one part. @returns undefined where nothing is chosen to be read yet. */
async function read(part: Part, state: State): Promise<Loaded | undefined> {
  const { account, symbol } = state;
  const query = `account=${encodeURIComponent(account ?? '')}`;
  switch (part) {
    case 'overview':
      return { part, value: await get<Overview>('/api/overview') };
    case 'bots':
      return { part, value: (await get<{ bots: Bot[] }>('/api/bots')).bots };
    case 'positions':
      return { part, value: (await get<{ positions: Position[] }>('/api/positions')).positions };
    case 'orders':
      return {
        part,
        value: (await get<{ orders: Order[] }>('/api/orders?open=true&limit=500')).orders,
      };
    case 'fills':
      return { part, value: (await get<{ fills: Fill[] }>('/api/fills?limit=300')).fills };
    case 'signals':
      return { part, value: (await get<{ signals: Signal[] }>('/api/signals?limit=200')).signals };
    case 'denials':
      return { part, value: (await get<{ denials: Denial[] }>('/api/denials?limit=50')).denials };
    case 'drifts':
      return { part, value: (await get<{ drifts: Drift[] }>('/api/drifts?open=true')).drifts };
    case 'foreign':
      return { part, value: (await get<{ accounts: Foreign[] }>('/api/foreign')).accounts };
    case 'services':
      return { part, value: (await get<{ services: ServiceHealth[] }>('/api/services')).services };
    case 'alerts':
      return { part, value: await get<Alerting>('/api/alerts') };
    case 'sessions':
      return { part, value: (await get<{ sessions: MarketSession[] }>('/api/sessions')).sessions };
    case 'replays':
      return { part, value: (await get<{ replays: Replay[] }>('/api/replays')).replays };
    case 'equity': {
      if (account === undefined) return undefined;
      const after = state.equity.at(-1)?.atUs ?? 0;
      const path = `/api/equity?${query}&afterUs=${after}&limit=1500`;
      return { part, account, value: (await get<{ points: EquityPoint[] }>(path)).points };
    }
    case 'days':
      if (account === undefined) return undefined;
      return { part, value: (await get<{ days: Day[] }>(`/api/days?${query}`)).days };
    case 'bars': {
      if (symbol === undefined) return undefined;
      const path = `/api/bars?symbol=${encodeURIComponent(symbol)}&limit=1000`;
      return { part, symbol, value: (await get<{ bars: Bar[] }>(path)).bars };
    }
  }
}
