import type {
  Alerting,
  Bar,
  Bot,
  BotProgress,
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
  Problem,
  Replay,
  ServiceHealth,
  Signal,
} from './api.ts';

/** Whether what is shown is as it is now. */
export type Connection = 'connecting' | 'live' | 'lost' | 'denied';

/** Most rows kept of each list. */
export const KEPT = { fills: 500, denials: 100, signals: 500, bars: 3_000, equity: 6_000 } as const;

/** Everything the page shows. */
export interface State {
  readonly connection: Connection;
  readonly overview: Overview | undefined;
  readonly account: string | undefined;
  readonly symbol: string | undefined;
  /** Oldest first, of `symbol`. */
  readonly bars: readonly Bar[];
  readonly bots: readonly Bot[];
  readonly positions: readonly Position[];
  readonly orders: ReadonlyMap<string, Order>;
  /** Latest first. */
  readonly fills: readonly Fill[];
  /** The latest of each bot. */
  readonly signals: ReadonlyMap<string, Signal>;
  /** Latest first. */
  readonly denials: readonly Denial[];
  readonly drifts: readonly Drift[];
  readonly foreign: readonly Foreign[];
  /** Oldest first, of `account`. */
  readonly equity: readonly EquityPoint[];
  readonly days: readonly Day[];
  readonly services: readonly ServiceHealth[];
  readonly alerts: Alerting;
  readonly sessions: readonly MarketSession[];
  readonly replays: readonly Replay[];
  /** End of the newest slice of each feed. */
  readonly slices: ReadonlyMap<string, number>;
  /** What could not be read, by part. */
  readonly problems: ReadonlyMap<string, Problem>;
}

export const EMPTY: State = {
  connection: 'connecting',
  overview: undefined,
  account: undefined,
  symbol: undefined,
  bars: [],
  bots: [],
  positions: [],
  orders: new Map(),
  fills: [],
  signals: new Map(),
  denials: [],
  drifts: [],
  foreign: [],
  equity: [],
  days: [],
  services: [],
  alerts: { alerts: [], channels: [] },
  sessions: [],
  replays: [],
  slices: new Map(),
  problems: new Map(),
};

/** What was read from the gateway, by part. */
export type Loaded =
  | { readonly part: 'overview'; readonly value: Overview }
  | { readonly part: 'bots'; readonly value: readonly Bot[] }
  | { readonly part: 'positions'; readonly value: readonly Position[] }
  | { readonly part: 'orders'; readonly value: readonly Order[] }
  | { readonly part: 'fills'; readonly value: readonly Fill[] }
  | { readonly part: 'signals'; readonly value: readonly Signal[] }
  | { readonly part: 'denials'; readonly value: readonly Denial[] }
  | { readonly part: 'drifts'; readonly value: readonly Drift[] }
  | { readonly part: 'foreign'; readonly value: readonly Foreign[] }
  | { readonly part: 'days'; readonly value: readonly Day[] }
  | { readonly part: 'services'; readonly value: readonly ServiceHealth[] }
  | { readonly part: 'alerts'; readonly value: Alerting }
  | { readonly part: 'sessions'; readonly value: readonly MarketSession[] }
  | { readonly part: 'replays'; readonly value: readonly Replay[] }
  | { readonly part: 'equity'; readonly account: string; readonly value: readonly EquityPoint[] }
  | { readonly part: 'bars'; readonly symbol: string; readonly value: readonly Bar[] };

export type Part = Loaded['part'];

export type Action =
  | { readonly kind: 'connection'; readonly connection: Connection }
  | { readonly kind: 'symbol'; readonly symbol: string }
  | { readonly kind: 'account'; readonly account: string }
  | ({ readonly kind: 'loaded' } & Loaded)
  | { readonly kind: 'failed'; readonly part: Part; readonly problem: Problem }
  | { readonly kind: 'live'; readonly events: Partial<LiveEvents> };

/** Returns what is shown after an action. Whatever came live and is read again counts once. */
export function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case 'connection':
      return { ...state, connection: action.connection };
    case 'symbol':
      return action.symbol === state.symbol ? state : { ...state, symbol: action.symbol, bars: [] };
    case 'account':
      return action.account === state.account
        ? state
        : { ...state, account: action.account, equity: [], days: [] };
    case 'loaded':
      return load({ ...state, problems: without(state.problems, action.part) }, action);
    case 'failed': {
      const problems = new Map(state.problems).set(action.part, action.problem);
      return { ...state, problems };
    }
    case 'live':
      return live(state, action.events);
  }
}

function load(state: State, loaded: Loaded): State {
  switch (loaded.part) {
    case 'overview':
      return loadOverview(state, loaded.value);
    case 'orders':
      return { ...state, orders: newestOrders(new Map(), loaded.value, state.orders) };
    case 'fills':
      return { ...state, fills: mergeFills(state.fills, loaded.value) };
    case 'signals':
      return { ...state, signals: latestSignals(state.signals, loaded.value) };
    case 'denials':
      return { ...state, denials: mergeDenials(state.denials, loaded.value) };
    case 'equity':
      if (loaded.account !== state.account) return state;
      return {
        ...state,
        equity: mergeByTime(state.equity, loaded.value, (one) => one.atUs, KEPT.equity),
      };
    case 'bars':
      if (loaded.symbol !== state.symbol) return state;
      return {
        ...state,
        bars: mergeByTime(state.bars, loaded.value, (one) => one.endUs, KEPT.bars),
      };
    default:
      return { ...state, [loaded.part]: loaded.value };
  }
}

function loadOverview(state: State, overview: Overview): State {
  const runChanged = state.overview !== undefined && state.overview.runId !== overview.runId;
  const kept = runChanged ? { ...EMPTY, connection: state.connection } : state;
  const slices = new Map(kept.slices);
  for (const { feed, lastSliceEndUs } of overview.feeds) {
    slices.set(feed, Math.max(slices.get(feed) ?? 0, lastSliceEndUs));
  }
  const symbols = overview.feeds.flatMap((feed) => feed.symbols);
  return {
    ...kept,
    overview,
    slices,
    account: kept.account ?? overview.accounts[0]?.accountId,
    symbol: kept.symbol ?? symbols[0],
  };
}

function live(state: State, events: Partial<LiveEvents>): State {
  let next = state;
  if (events.bar !== undefined) {
    const mine = events.bar.filter((bar) => bar.symbol === state.symbol && bar.timeframe === '1m');
    if (mine.length > 0) {
      next = { ...next, bars: mergeByTime(next.bars, mine, (one) => one.endUs, KEPT.bars) };
    }
  }
  if (events.slice !== undefined) {
    const slices = new Map(next.slices);
    for (const { feed, endUs } of events.slice) slices.set(feed, endUs);
    next = { ...next, slices };
  }
  if (events.bot !== undefined) next = { ...next, bots: progressed(next.bots, events.bot) };
  if (events.signal !== undefined) {
    next = { ...next, signals: latestSignals(next.signals, events.signal) };
  }
  if (events.denied !== undefined) {
    next = { ...next, denials: mergeDenials(next.denials, events.denied) };
  }
  if (events.orders !== undefined) {
    next = { ...next, orders: newestOrders(next.orders, events.orders) };
  }
  if (events.fills !== undefined) next = { ...next, fills: mergeFills(next.fills, events.fills) };
  if (events.drift !== undefined) {
    const byId = new Map(next.drifts.map((one) => [one.driftId, one]));
    for (const one of events.drift) byId.set(one.driftId, one);
    next = { ...next, drifts: [...byId.values()].filter((one) => one.healedAtUs === undefined) };
  }
  return next;
}

function progressed(bots: readonly Bot[], progress: readonly BotProgress[]): readonly Bot[] {
  const byId = new Map(progress.map((one) => [one.botId, one]));
  return bots.map((bot) => {
    const now = byId.get(bot.botId);
    if (now === undefined) return bot;
    const { error, ...rest } = bot;
    const crashed = now.state === 'crashed' && error !== undefined ? { error } : {};
    return { ...rest, ...crashed, state: now.state, lastSliceEndUs: now.lastSliceEndUs };
  });
}

/** States after which nothing comes any more. */
const ENDED: readonly string[] = ['filled', 'cancelled', 'rejected', 'expired', 'denied'];

/** Tells whether an order can still trade. */
export function isOpen(order: Order): boolean {
  return !ENDED.includes(order.state);
}

/**
 * Keeps the open orders, each in its newest version.
 * @param known what came live meanwhile: an ended order there is not opened again by an older reading.
 */
function newestOrders(
  base: ReadonlyMap<string, Order>,
  rows: readonly Order[],
  known: ReadonlyMap<string, Order> = base,
): ReadonlyMap<string, Order> {
  const orders = new Map(base);
  for (const row of rows) {
    const before = known.get(row.orderId);
    orders.set(row.orderId, before !== undefined && before.version > row.version ? before : row);
  }
  const ended = [...orders.values()].filter((order) => !isOpen(order));
  for (const order of ended.slice(0, Math.max(0, ended.length - 200))) orders.delete(order.orderId);
  return orders;
}

function mergeFills(before: readonly Fill[], rows: readonly Fill[]): readonly Fill[] {
  const byId = new Map([...before, ...rows].map((one) => [`${one.accountId}/${one.fillId}`, one]));
  return [...byId.values()]
    .sort((a, b) => b.eventAtUs - a.eventAtUs || b.accountSequence - a.accountSequence)
    .slice(0, KEPT.fills);
}

function mergeDenials(before: readonly Denial[], rows: readonly Denial[]): readonly Denial[] {
  const byId = new Map([...before, ...rows].map((one) => [one.denialId, one]));
  return [...byId.values()].sort((a, b) => b.decidedAtUs - a.decidedAtUs).slice(0, KEPT.denials);
}

function latestSignals(
  before: ReadonlyMap<string, Signal>,
  rows: readonly Signal[],
): ReadonlyMap<string, Signal> {
  const latest = new Map(before);
  for (const row of rows) {
    const known = latest.get(row.botId);
    if (known === undefined || known.barEndUs <= row.barEndUs) latest.set(row.botId, row);
  }
  return latest;
}

/** Merges rows by their time, oldest first; of two of one time the later given counts. */
export function mergeByTime<T>(
  before: readonly T[],
  rows: readonly T[],
  timeOf: (row: T) => number,
  most: number,
): readonly T[] {
  const last = before.at(-1);
  const first = rows[0];
  const appends =
    last === undefined || first === undefined || rows.every((row) => timeOf(row) > timeOf(last));
  const merged = appends
    ? [...before, ...rows]
    : [...new Map([...before, ...rows].map((row) => [timeOf(row), row])).values()];
  return merged.sort((a, b) => timeOf(a) - timeOf(b)).slice(-most);
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map;
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}
