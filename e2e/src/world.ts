import { CalendarBook } from '@capstan/calendar';
import {
  type BarSlice,
  type BotSchedule,
  cashMicros,
  type Denial,
  type Fill,
  InstrumentBook,
  type Intent,
  type Order,
  parsePrice,
  type Signal,
  type SizingRule,
  usEquity,
} from '@capstan/domain';
import { DecisionCore, PLAIN_EXCHANGE } from '@capstan/engine';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { StrategyRegistry } from '@capstan/strategy';
import { syntheticSlices } from '@capstan/synthetic';
import type { StackConfig } from './stack.ts';

export const RUN_ID = 'parity';
export const ACCOUNT_ID = 'paper';
const FEED = 'demo';
const CASH = 100_000;
/** What the account begins with. */
export const CASH_MICROS = CASH * 1_000_000;

/** A small world that the services and the pure core are both given. */
export interface World {
  readonly seed: number;
  /** Slices played after one session of history. */
  readonly slices: number;
  readonly symbols: readonly string[];
  /** When the bot `ma-slow` may open; always unless given. */
  readonly schedule?: BotSchedule;
  /** Whether the bots `ma-fast` and `ma-slow` are sized by what a trade may lose and by volatility; by equity unless given. */
  readonly isSizedByRisk?: boolean;
}

const BOTS = [
  {
    botId: 'bracket',
    strategy: 'bracket-breakout',
    params: {
      ...{ entry: 6, sides: 'both' },
      ...{ stop_mult: 0.4, target_mult: 0.5, trail_mult: 0.35 },
    },
    fraction: 0.1,
  },
  { botId: 'cross-all', strategy: 'multi-timeframe-cross', params: {}, fraction: 0.25 },
  { botId: 'ma-fast', strategy: 'ma-cross', params: { fast: 5, slow: 20 }, fraction: 0.4 },
  { botId: 'ma-slow', strategy: 'ma-cross', params: { fast: 12, slow: 40 }, fraction: 0.4 },
] as const;

const PRICE = { SPY: '412.5', QQQ: '301.25', IWM: '188.1' } as const;
const priceOf = (symbol: string): string => PRICE[symbol as keyof typeof PRICE] ?? '100';

const BY_RISK: Readonly<Record<string, SizingRule>> = {
  'ma-fast': {
    kind: 'atrRisk',
    riskFraction: 0.0005,
    atrBars: 14,
    atrMultiple: 2,
    maxFraction: 0.4,
  },
  'ma-slow': {
    kind: 'volatilityTarget',
    annualVolatility: 0.05,
    lookbackBars: 30,
    maxFraction: 0.4,
  },
};

const sizingOf = (
  { botId, fraction }: { readonly botId: string; readonly fraction: number },
  { isSizedByRisk = false }: World,
): SizingRule =>
  (isSizedByRisk ? BY_RISK[botId] : undefined) ?? { kind: 'equityFraction', fraction };

/** Returns when a bot may open, as a field for its options. */
const scheduleOf = (botId: string, { schedule }: World): { schedule?: BotSchedule } =>
  botId === 'ma-slow' && schedule !== undefined ? { schedule } : {};

/** Returns the configuration of the services for a world. Accounts are small enough for risk to refuse now and then. */
export function stackConfig(world: World, speed: number | 'max' = 'max'): StackConfig {
  return {
    run: { id: RUN_ID },
    feeds: [
      {
        kind: 'generator',
        feed: FEED,
        seed: world.seed,
        startDate: '2026-03-02',
        historySessions: 1,
        slicesMax: world.slices,
        speed,
        symbols: world.symbols.map((symbol) => ({ symbol, startPrice: priceOf(symbol) })),
      },
    ],
    accounts: [{ accountId: ACCOUNT_ID, cash: CASH, limits: { maxSymbolNotional: '60000' } }],
    bots: BOTS.map(({ botId, strategy, params, fraction }) => ({
      botId,
      accountId: ACCOUNT_ID,
      strategy,
      params,
      symbols: world.symbols,
      feed: FEED,
      sizing: sizingOf({ botId, fraction }, world),
      ...scheduleOf(botId, world),
    })),
  };
}

/** Everything that was decided and done. */
export interface Outcome {
  readonly signals: readonly Signal[];
  readonly intents: readonly Intent[];
  readonly denials: readonly Denial[];
  readonly orders: readonly Order[];
  readonly fills: readonly Fill[];
}

/** Plays a world through the pure core, in this process. */
export function playPure(world: World): Outcome {
  const calendars = new CalendarBook();
  const calendarOf = (name: string) => calendars.get(name);
  const instruments = new InstrumentBook(world.symbols.map((symbol) => usEquity(symbol)));
  const strategies = new StrategyRegistry();
  const core = new DecisionCore({
    runId: RUN_ID,
    instruments,
    calendarOf,
    behaviour: PLAIN_EXCHANGE,
    accounts: [
      {
        accountId: ACCOUNT_ID,
        currency: 'USD',
        cashMicros: cashMicros(CASH_MICROS),
        limits: { ...DEFAULT_LIMITS, maxSymbolNotionalMicros: cashMicros(60_000_000_000) },
      },
    ],
    bots: BOTS.map(({ botId, strategy, params, fraction }) => ({
      botId,
      accountId: ACCOUNT_ID,
      configRevision: 1,
      feed: FEED,
      strategy: strategies.get(strategy),
      params,
      symbols: world.symbols,
      timeframe: '1m',
      sizing: sizingOf({ botId, fraction }, world),
      ...scheduleOf(botId, world),
    })),
  });
  const { history, played } = slicesOf(world, instruments, calendarOf);
  for (const slice of history) core.warmUp(slice);
  const steps = played.map((slice) => core.step(slice));
  const orders = new Map(steps.flatMap((step) => step.orders).map((one) => [one.orderId, one]));
  return sorted({
    signals: steps.flatMap((step) => step.signals),
    intents: steps.flatMap((step) => step.intents),
    denials: steps.flatMap((step) => step.denials),
    orders: [...orders.values()],
    fills: steps.flatMap((step) => step.fills),
  });
}

function slicesOf(
  world: World,
  instruments: InstrumentBook,
  calendarOf: (name: string) => ReturnType<CalendarBook['get']>,
): { history: BarSlice[]; played: BarSlice[] } {
  const calendar = calendarOf('XNYS');
  const generator = syntheticSlices({
    feed: FEED,
    seed: world.seed,
    calendar,
    startDate: '2026-03-02',
    symbols: world.symbols.map((symbol) => ({
      instrument: instruments.get(symbol),
      startPriceNanos: parsePrice(priceOf(symbol)),
      annualVolatility: 0.2,
      marketShare: 0.6,
      dailyVolume: 2_000_000,
    })),
  });
  const history: BarSlice[] = [];
  const played: BarSlice[] = [];
  for (const slice of generator) {
    const first = calendar.tradeDate(slice.endUs) === '2026-03-02';
    (first ? history : played).push(slice);
    if (played.length === world.slices) break;
  }
  return { history, played };
}

/** Brings an outcome into one order, whoever produced it. */
export function sorted(outcome: Outcome): Outcome {
  const by =
    <T>(key: (one: T) => string) =>
    (a: T, b: T): number =>
      key(a) < key(b) ? -1 : 1;
  return {
    signals: [...outcome.signals].sort(by((one) => one.signalId)),
    intents: [...outcome.intents].sort(by((one) => one.intentId)),
    denials: [...outcome.denials].sort(by((one) => one.denialId)),
    orders: [...outcome.orders].sort(by((one) => one.orderId)),
    fills: [...outcome.fills].sort((a, b) => a.accountSequence - b.accountSequence),
  };
}

/**
 * Returns an outcome without what tells only how often an answer was lost on the way: a killed owner's orders are UNKNOWN for a
 * moment, which counts as a transition.
 */
export function settled(outcome: Outcome): unknown {
  const orders = outcome.orders.map(
    ({ version: _version, reason: _reason, updatedAtUs: _updatedAtUs, ...rest }) => rest,
  );
  return { ...outcome, orders };
}
