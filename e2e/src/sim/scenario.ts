import { CalendarBook } from '@capstan/calendar';
import {
  type BarSlice,
  type BotSchedule,
  cashMicros,
  InstrumentBook,
  priceNanos,
  usEquity,
} from '@capstan/domain';
import type { ExchangeBehaviour } from '@capstan/engine';
import type { VenueCapabilities } from '@capstan/ports';
import { type Crossing, DEFAULT_LIMITS, type RiskLimits } from '@capstan/risk';
import { maCross, StrategyRegistry } from '@capstan/strategy';
import { syntheticSlices } from '@capstan/synthetic';
import { Random } from '@capstan/testkit/sim';
import { PAPER_CAPABILITIES } from '../../../services/paper-exchange/src/exchange.ts';
import { breakout } from './breakout.ts';
import { contrary } from './contrary.ts';
import { BOTS, CROSSING_BOTS, type SimBot, SYMBOLS } from './sim-bots.ts';
import { isOperated, type WorldKind } from './world-kinds.ts';

export { BOTS, SYMBOLS } from './sim-bots.ts';

export const RUN_ID = 'sim';
export const ACCOUNT_ID = 'paper';
export const FEED = 'demo';
export const VENUE = 'SIM';
export const CASH = cashMicros(50_000_000_000);
export const LIMIT = 100_000;

const LIMITS: RiskLimits = {
  ...DEFAULT_LIMITS,
  maxSymbolNotionalMicros: cashMicros(30_000_000_000),
};

/** What a seed makes of the world, beside its faults. */
export interface Scenario {
  readonly bots: readonly SimBot[];
  readonly history: readonly BarSlice[];
  readonly played: readonly BarSlice[];
  readonly behaviour: ExchangeBehaviour;
  /** Processes of each owning service: one, or two that compete for its keys. */
  readonly replicas: number;
  /** When the bot `slow` may open; `undefined` for always. */
  readonly schedule: BotSchedule | undefined;
  /** What the venue says that it can do. */
  readonly capabilities: VenueCapabilities;
  readonly limits: RiskLimits;
  /** Failures at the venue in a row with which the breaker opens. */
  readonly breakerFailuresMax: number;
  /** True where a fill may be lost with nothing after it: somebody then compares the account with the ledgers. */
  readonly losesFills: boolean;
}

const calendars = new CalendarBook();
export const calendarOf = (name: string) => calendars.get(name);
export const instruments = new InstrumentBook(SYMBOLS.map((symbol) => usEquity(symbol)));
export const strategies = new StrategyRegistry([maCross, breakout, contrary]);

/** Draws a scenario: bars, how the exchange behaves, how many replicas there are, what the venue can do. */
export function drawScenario(seed: number, slices: number, kind: WorldKind): Scenario {
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
  const behaviour: ExchangeBehaviour = {
    matcher: {
      limitFill: 'through',
      maxVolumeFraction: random.chance(0.5) ? 0.2 : 0.01,
      commission: { kind: 'bps', feeBps: 1 },
      slippage: { kind: 'ticks', slippageTicks },
    },
    rejectFraction,
    thinBarFraction,
  };
  const terms = isOperated(kind) ? drawOperated(seed, behaviour) : unoperated(kind, behaviour);
  const crossing = drawCrossing(seed);
  return {
    bots: crossing === 'internal' ? CROSSING_BOTS : BOTS,
    history: all.slice(0, warmUp),
    played: all.slice(warmUp),
    replicas: kind === 'thawed' ? 2 : replicas,
    schedule,
    ...terms,
    limits: { ...terms.limits, crossing },
  };
}

type Terms = Pick<
  Scenario,
  'behaviour' | 'capabilities' | 'limits' | 'breakerFailuresMax' | 'losesFills'
>;

/** Nothing may keep an order back that a run without faults sends. */
const unoperated = (kind: WorldKind, behaviour: ExchangeBehaviour): Terms => ({
  behaviour,
  capabilities: { ...PAPER_CAPABILITIES, ...(kind === 'watched' ? { exits: [] } : {}) },
  limits: LIMITS,
  breakerFailuresMax: Number.MAX_SAFE_INTEGER,
  losesFills: false,
});

/** Draws a venue that may take an id twice, answer no questions, keep no exits; a limit that binds; a breaker that opens. */
function drawOperated(seed: number, behaviour: ExchangeBehaviour): Terms {
  const random = new Random(seed ^ 0x0be7a7ed);
  const capabilities: VenueCapabilities = {
    ...PAPER_CAPABILITIES,
    enforcesClientOrderId: random.chance(0.5),
    findsByClientOrderId: random.chance(0.6),
    visibilityMs: random.pick([0, 1_000, 4_000]),
    // Where what the broker does of its own is not told it must be found.
    activities: new Random(seed ^ 0x0ac71071).chance(0.5) ? 'all' : 'none',
    replaces: random.chance(0.5),
    batchSubmitMax: random.chance(0.5) ? 1 : PAPER_CAPABILITIES.batchSubmitMax,
    exits: random.chance(0.3) ? PAPER_CAPABILITIES.exits : [],
  };
  return {
    behaviour: { ...behaviour, rejectFraction: random.pick([0, 0.1, 0.5]) },
    capabilities,
    limits: { ...LIMITS, maxPositionUnits: random.integer(20, 400) },
    breakerFailuresMax: random.integer(1, 4),
    losesFills: true,
  };
}

/** Draws what becomes of opposing orders of two bots. */
const drawCrossing = (seed: number): Crossing =>
  new Random(seed ^ 0xc2055).chance(0.3) ? 'internal' : 'deny';

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
export const scheduleOf = (botId: string, { schedule }: Scenario): { schedule?: BotSchedule } =>
  botId === 'slow' && schedule !== undefined ? { schedule } : {};

export const exchangeAccount = { accountId: ACCOUNT_ID, currency: 'USD', cashMicros: CASH };
