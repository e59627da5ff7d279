import { CalendarBook } from '@capstan/calendar';
import {
  type BarSlice,
  type BotSchedule,
  cashMicros,
  InstrumentBook,
  isTerminal,
  type Order,
  priceNanos,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { DecisionCore, type ExchangeBehaviour, ExchangeCore } from '@capstan/engine';
import { KeyedOwner, type OwnerLogic } from '@capstan/journal';
import { DEFAULT_LIMITS, type RiskLimits } from '@capstan/risk';
import { maCross, StrategyRegistry } from '@capstan/strategy';
import { syntheticSlices } from '@capstan/synthetic';
import {
  copyOf,
  Random,
  remoteVenue,
  runSim,
  type SimPorts,
  type SimProgram,
  type SimReport,
  type SimWorld,
} from '@capstan/testkit/sim';
import { ExecutionAccount } from '../../../services/execution/src/execution-account.ts';
import { KillBrake } from '../../../services/execution/src/kill-brake.ts';
import { KillSwitches } from '../../../services/execution/src/kill-switches.ts';
import { FeedOwner } from '../../../services/market-data/src/feed-owner.ts';
import { ListSource } from '../../../services/market-data/src/slice-source.ts';
import {
  PAPER_CAPABILITIES,
  PaperExchange,
} from '../../../services/paper-exchange/src/exchange.ts';
import type {
  ExchangeJournal,
  JournalEntry,
} from '../../../services/paper-exchange/src/journal.ts';
import { RiskAccount } from '../../../services/risk/src/risk-account.ts';
import { BotOwner } from '../../../services/signal/src/bot-owner.ts';
import { MarketReading } from '../../../services/signal/src/market-reading.ts';
import { breakout } from './breakout.ts';
import { checkExits } from './check-exits.ts';
import { checkWatched, isJournaled, replayed } from './check-watched.ts';

const RUN_ID = 'sim';
const ACCOUNT_ID = 'paper';
const FEED = 'demo';
const VENUE = 'SIM';
const CASH = cashMicros(50_000_000_000);
const LIMIT = 100_000;
const SYMBOLS = ['AAA', 'BBB', 'CCC'] as const;

const BOTS = [
  {
    botId: 'breakout',
    strategy: 'breakout',
    params: {},
    sizing: {
      kind: 'atrRisk',
      riskMicros: 4_000_000,
      atrBars: 5,
      atrMultiple: 2,
      maxFraction: 0.2,
    },
  },
  {
    botId: 'fast',
    strategy: 'ma-cross',
    params: { fast: 2, slow: 5 },
    sizing: { kind: 'equityFraction', fraction: 0.5 },
  },
  {
    botId: 'slow',
    strategy: 'ma-cross',
    params: { fast: 3, slow: 9 },
    sizing: { kind: 'equityFraction', fraction: 0.6 },
  },
] as const;

const LIMITS: RiskLimits = {
  ...DEFAULT_LIMITS,
  maxSymbolNotionalMicros: cashMicros(30_000_000_000),
};

/** What a seed makes of the world, beside its faults. */
interface Scenario {
  readonly history: readonly BarSlice[];
  readonly played: readonly BarSlice[];
  readonly behaviour: ExchangeBehaviour;
  /** Processes of each owning service: one, or two that compete for its keys. */
  readonly replicas: number;
  /** When the bot `slow` may open; `undefined` for always. */
  readonly schedule: BotSchedule | undefined;
  /** True where execution watches the exits, as at a venue that keeps none. */
  readonly isWatched: boolean;
}

const calendars = new CalendarBook();
const calendarOf = (name: string) => calendars.get(name);
const instruments = new InstrumentBook(SYMBOLS.map((symbol) => usEquity(symbol)));
const strategies = new StrategyRegistry([maCross, breakout]);

/** Draws a scenario: bars, how the exchange behaves, how many replicas there are. */
function drawScenario(seed: number, slices: number, isWatched: boolean): Scenario {
  const random = new Random(seed ^ 0x5ca1ab1e);
  const feed = syntheticSlices({
    feed: FEED,
    seed,
    calendar: calendarOf('XNYS'),
    startDate: '2026-01-05',
    symbols: SYMBOLS.map((symbol) => ({
      instrument: instruments.get(symbol),
      startPriceNanos: priceNanos(random.integer(20, 400) * 1_000_000_000),
      annualVolatility: 0.4,
      marketShare: 0.5,
      dailyVolume: 200_000,
    })),
  });
  const warmUp = random.integer(0, 12);
  const all: BarSlice[] = [];
  for (const slice of feed) {
    all.push({ ...slice, bars: slice.bars.filter(() => !random.chance(0.05)) });
    if (all.length === warmUp + slices) break;
  }
  const replicas = random.chance(0.5) ? 2 : 1;
  const slippageTicks = random.integer(0, 2);
  const rejectFraction = random.chance(0.5) ? 0.1 : 0;
  const thinBarFraction = random.chance(0.5) ? 0.2 : 0;
  const schedule = drawSchedule(random);
  return {
    history: all.slice(0, warmUp),
    played: all.slice(warmUp),
    replicas,
    behaviour: {
      matcher: {
        limitFill: 'through',
        maxVolumeFraction: random.chance(0.5) ? 0.2 : 0.01,
        commission: { kind: 'bps', feeBps: 1 },
        slippage: { kind: 'ticks', slippageTicks },
      },
      rejectFraction,
      thinBarFraction,
    },
    schedule,
    isWatched,
  };
}

/** Draws bounds that end among the minutes that are played: the session opens at 09:30. */
function drawSchedule(random: Random): BotSchedule | undefined {
  if (random.chance(0.5)) return undefined;
  return {
    afterOpenMinutes: random.integer(0, 20),
    end: `09:${random.integer(45, 59)}`,
    atEnd: random.chance(0.5) ? 'flatten' : 'hold',
  };
}

/** Returns when a bot may open, as a field for its options. */
const scheduleOf = (botId: string, { schedule }: Scenario): { schedule?: BotSchedule } =>
  botId === 'slow' && schedule !== undefined ? { schedule } : {};

const exchangeAccount = { accountId: ACCOUNT_ID, currency: 'USD', cashMicros: CASH };

/** Plays a scenario through the pure core: what the services must come to, whatever goes wrong on the way. */
function playPure(scenario: Scenario): Outcome {
  const core = new DecisionCore({
    runId: RUN_ID,
    instruments,
    calendarOf,
    behaviour: scenario.behaviour,
    accounts: [{ ...exchangeAccount, limits: LIMITS }],
    bots: BOTS.map(({ botId, strategy, params, sizing }) => ({
      botId,
      accountId: ACCOUNT_ID,
      configRevision: 1,
      feed: FEED,
      strategy: strategies.get(strategy),
      params,
      symbols: SYMBOLS,
      timeframe: '1m',
      sizing,
      ...scheduleOf(botId, scenario),
    })),
  });
  for (const slice of scenario.history) core.warmUp(slice);
  const steps = scenario.played.map((slice) => core.step(slice));
  const orders = new Map(steps.flatMap((step) => step.orders).map((one) => [one.orderId, one]));
  return outcomeOf({
    signals: steps.flatMap((step) => step.signals),
    intents: steps.flatMap((step) => step.intents),
    denials: steps.flatMap((step) => step.denials),
    orders: [...orders.values()],
    fills: steps.flatMap((step) => step.fills),
  });
}

type Outcome = Readonly<
  Record<'signals' | 'intents' | 'denials' | 'orders' | 'fills', readonly unknown[]>
>;

/** Brings an outcome into one order, without what tells only how often an answer was lost on the way. */
function outcomeOf(raw: Outcome): Outcome {
  const sorted = (rows: readonly unknown[]) =>
    rows.map((row) => JSON.stringify(row, Object.keys(row as object).sort())).sort();
  const orders = (raw.orders as readonly Order[]).map(
    ({ version: _version, reason: _reason, updatedAtUs: _updated, ...rest }) => rest,
  );
  return {
    signals: sorted(raw.signals),
    intents: sorted(raw.intents),
    denials: sorted(raw.denials),
    orders: sorted(orders),
    fills: sorted(raw.fills),
  };
}

async function journaled({ store }: SimWorld): Promise<Outcome> {
  const query = { runId: RUN_ID, limit: LIMIT };
  return outcomeOf({
    signals: await store.signals(query),
    intents: await store.intents(query),
    denials: await store.denials(query),
    orders: await store.orders(query),
    fills: await store.fills(query),
  });
}

/** The exchange's journal: it outlives the exchange, and an append may be cut off before or after it took effect. */
class SimJournal implements ExchangeJournal {
  readonly #entries: JournalEntry[];
  readonly #ports: SimPorts;

  constructor(entries: JournalEntry[], ports: SimPorts) {
    this.#entries = entries;
    this.#ports = ports;
  }

  async read(): Promise<readonly JournalEntry[]> {
    await this.#ports.clock.sleep(1);
    return copyOf(this.#entries);
  }

  async append(entries: readonly JournalEntry[]): Promise<void> {
    const written = copyOf(entries);
    await this.#ports.clock.sleep(0.2);
    this.#entries.push(...written);
    await this.#ports.clock.sleep(0.2);
  }
}

const owners =
  (keys: (ports: SimPorts) => Readonly<Record<string, () => OwnerLogic>>) =>
  (ports: SimPorts): SimProgram => {
    const holder = ports.ids.incarnation();
    const running = Object.entries(keys(ports)).map(
      ([key, make]) => new KeyedOwner(ports, key, holder, make),
    );
    return {
      run: async () => {
        await Promise.all(running.map((owner) => owner.run()));
      },
      stop: async () => {
        await Promise.all(running.map((owner) => owner.stop()));
      },
    };
  };

function build(world: SimWorld, scenario: Scenario, memory: JournalEntry[]): void {
  world.process('paper-exchange', (ports) => {
    const settings = {
      behaviour: scenario.behaviour,
      accounts: [exchangeAccount],
      venues: [VENUE],
      feeds: [FEED],
      latencyMs: 0,
    };
    const journal = new SimJournal(memory, ports);
    const exchange = new PaperExchange({ ...ports, journal }, settings, instruments, calendarOf);
    return {
      run: async () => {
        await exchange.load();
        ports.network.offer('exchange', exchange);
        await exchange.run();
      },
      stop: () => exchange.stop(),
    };
  });
  for (let replica = 0; replica < scenario.replicas; replica += 1) {
    world.process(
      `market-data-${replica}`,
      owners((ports) => feedKeys(ports, scenario)),
    );
    world.process(
      `signal-${replica}`,
      owners((ports) => botKeys(ports, scenario)),
    );
    world.process(`risk-${replica}`, owners(riskKeys));
    world.process(
      `execution-${replica}`,
      owners((ports) => executionKeys(ports, scenario, world)),
    );
  }
}

const feedKeys = (ports: SimPorts, { history, played }: Scenario) => ({
  [`feed/${FEED}`]: () =>
    new FeedOwner(
      ports,
      { feed: FEED, venue: VENUE, runId: RUN_ID, intervalMs: 0, accounts: [ACCOUNT_ID] },
      new ListSource([...history, ...played], history.length),
    ),
});

const botKeys = (ports: SimPorts, scenario: Scenario) => {
  const market = new MarketReading(ports.bus);
  return Object.fromEntries(
    BOTS.map(({ botId, strategy, params, sizing }) => [
      `bot/${botId}`,
      () =>
        new BotOwner(ports, {
          runId: RUN_ID,
          botId,
          config: {
            botId,
            accountId: ACCOUNT_ID,
            strategy,
            params,
            symbols: SYMBOLS,
            timeframe: '1m',
            feed: FEED,
            sizing,
            ...scheduleOf(botId, scenario),
            restartOnCrash: true,
            onShutdown: 'leave',
          },
          venueOf: () => VENUE,
          calendarOf: () => calendarOf('XNYS'),
          catalogue: { strategies, feeds: [FEED], accounts: [ACCOUNT_ID] },
          market,
          restart: true,
        }),
    ]),
  );
};

const riskKeys = (ports: SimPorts) => ({
  [`risk/${ACCOUNT_ID}`]: () =>
    new RiskAccount(ports, {
      runId: RUN_ID,
      accountId: ACCOUNT_ID,
      cashMicros: CASH,
      limits: LIMITS,
      instruments,
      calendarOf,
      bots: BOTS.map(({ botId }) => ({ botId, feed: FEED })),
      eventTime: true,
      venueReportsSlices: true,
    }),
});

const executionKeys = (ports: SimPorts, { isWatched }: Scenario, world: SimWorld) => {
  const capabilities = { ...PAPER_CAPABILITIES, ...(isWatched ? { exits: [] } : {}) };
  const venue = remoteVenue(ports, 'exchange', capabilities, world);
  const switches = new KillSwitches(ports);
  const settings = {
    runId: RUN_ID,
    accountId: ACCOUNT_ID,
    instruments,
    limits: LIMITS,
    // The comparison is with a run without faults: none of them may keep an order back.
    breakerFailuresMax: Number.MAX_SAFE_INTEGER,
    calendarOf,
    eventTime: true,
  };
  const brake = new KillBrake({ ...ports, venue }, ACCOUNT_ID, switches);
  return {
    [`execution/${ACCOUNT_ID}`]: () =>
      new ExecutionAccount({ ...ports, venue }, settings, switches, brake),
  };
};

/** At most one order an id ever reaches the exchange, and nothing there is unknown to the journal. */
async function checkExchange(world: SimWorld, memory: readonly JournalEntry[]): Promise<void> {
  const submitted = new Set<string>();
  for (const entry of memory) {
    if (entry.kind === 'input' && entry.input.kind === 'submit')
      submitted.add(entry.input.order.orderId);
  }
  const orders = await world.store.orders({ runId: RUN_ID, limit: LIMIT });
  const known = new Set(orders.map((order) => order.orderId));
  const foreign = [...submitted].filter((orderId) => !known.has(orderId));
  if (foreign.length > 0)
    throw new Error(`orders at the exchange that nobody journaled: ${foreign.join(', ')}`);
  const unsettled = orders.filter(
    (order) => order.state === 'unknown' || order.state === 'submitting',
  );
  if (unsettled.length > 0)
    throw new Error(`orders left unsettled: ${unsettled.map((one) => one.orderId).join(', ')}`);
}

function compare(live: Outcome, pure: Outcome): void {
  for (const kind of ['signals', 'intents', 'denials', 'orders', 'fills'] as const) {
    const missing = pure[kind].filter((one) => !live[kind].includes(one));
    const extra = live[kind].filter((one) => !pure[kind].includes(one));
    if (missing.length === 0 && extra.length === 0) continue;
    throw new Error(
      `${kind} differ from a run without faults: ${missing.length} missing, ${extra.length} extra\n` +
        `  missing: ${String(missing[0])}\n  extra: ${String(extra[0])}`,
    );
  }
}

/** Slices that are played unless told. */
export const SLICES = 40;

export interface PlatformRun {
  readonly seed: number;
  /** Slices that are played. */
  readonly slices?: number;
  /** The numbers of the faults that may strike, of those that the seed draws; all unless told. */
  readonly onlyFaults?: readonly number[] | undefined;
  /**
   * True where the venue keeps no exits: they are then reached later than in a run without faults, so that only what must always
   * hold is required.
   */
  readonly isWatched?: boolean;
  /** Called with the number of orders that closed for an exit, where they are watched. */
  readonly onClosed?: (orders: number) => void;
  /** Lets a test break the world on purpose. */
  readonly spoil?: (world: SimWorld) => void;
}

/** Returns the command that runs a world again. */
export function commandOf({ seed, slices = SLICES, onlyFaults, isWatched }: PlatformRun): string {
  const shorter = slices === SLICES ? '' : ` --slices ${slices}`;
  const fewer = onlyFaults === undefined ? '' : ` --faults ${onlyFaults.join(',') || 'none'}`;
  return `npm run sim -- --seed ${seed}${shorter}${fewer}${isWatched === true ? ' --watched' : ''}`;
}

/**
 * Runs market-data, signal, risk, execution and the paper exchange together in virtual time, with everything going wrong that a seed
 * asks for, and requires the outcome of a run in which nothing did.
 * @throws SimFailure naming the seed and the command that replays it.
 */
export async function runPlatform(run: PlatformRun): Promise<SimReport> {
  const { seed, slices = SLICES, onlyFaults, spoil, isWatched = false } = run;
  const scenario = drawScenario(seed, slices, isWatched);
  const pure = playPure(scenario);
  const ended = pure.orders.filter((row) =>
    isTerminal((JSON.parse(String(row)) as Order).state),
  ).length;
  const memory: JournalEntry[] = [];
  const { behaviour } = scenario;
  const fresh = () =>
    new ExchangeCore({ behaviour, accounts: [exchangeAccount] }, instruments, calendarOf);
  const exchange = () => replayed(fresh(), memory);
  const lastUs = scenario.played.at(-1)?.endUs ?? timeUs(0);
  let through = false;
  return runSim({
    seed,
    untilMs: 600_000,
    faultsUntilMs: 30_000,
    onlyFaults,
    build: (world) => {
      spoil?.(world);
      build(world, scenario, memory);
      const look = async () => {
        if (world.faults.active) return;
        const bots = await world.store.bots({});
        const orders = await world.store.orders({ runId: RUN_ID, limit: LIMIT });
        const settled = isWatched
          ? await isJournaled(world, exchange())
          : orders.every(({ state }) => state !== 'unknown' && state !== 'submitting') &&
            orders.length >= pure.orders.length &&
            orders.filter((order) => isTerminal(order.state)).length >= ended &&
            pure.fills.length <= (await world.store.fills({ limit: LIMIT })).length;
        through =
          bots.length === BOTS.length &&
          bots.every((bot) => bot.lastSliceEndUs === lastUs) &&
          settled;
      };
      for (let ms = 1_000; ms < 600_000; ms += 1_000) world.at(ms, () => void look());
    },
    done: () => through,
    check: async (world) => {
      await checkExchange(world, memory);
      if (isWatched) {
        run.onClosed?.(await checkWatched(world, RUN_ID, exchange()));
        return;
      }
      compare(await journaled(world), pure);
      await checkExits(world, RUN_ID);
    },
    replay: () => commandOf(run),
  });
}
