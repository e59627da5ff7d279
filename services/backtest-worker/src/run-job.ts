import type { Calendar } from '@capstan/calendar';
import {
  AppError,
  type BarSlice,
  deriveId,
  type InstrumentBook,
  type Order,
} from '@capstan/domain';
import { DecisionCore, PLAIN_EXCHANGE } from '@capstan/engine';
import { DEFAULT_LIMITS } from '@capstan/risk';
import type { StrategyRegistry } from '@capstan/strategy';
import type { JobSpec } from './config.ts';
import { LIMITS } from './limits.ts';

const ACCOUNT = 'backtest';
const BOT = 'backtest';
const FEED = 'bars';

/** What a job plays. */
export interface JobWorld {
  /** Oldest first. */
  readonly slices: readonly BarSlice[];
  /** Symbols that the bars have. Sorted. */
  readonly symbols: readonly string[];
  /** Names the bars' content. */
  readonly fingerprint: string;
  readonly instruments: InstrumentBook;
  readonly calendarOf: (name: string) => Calendar;
  readonly strategies: StrategyRegistry;
}

/** What came of a job. Cash and equity in micros, times in microseconds. */
export interface JobResult {
  readonly bars: number;
  readonly slices: number;
  readonly fingerprint: string;
  readonly signals: number;
  readonly intents: number;
  readonly denials: Readonly<Record<string, number>>;
  readonly orders: Readonly<Record<string, number>>;
  readonly fills: number;
  readonly feesMicros: number;
  readonly startEquityMicros: number;
  readonly endEquityMicros: number;
  readonly endCashMicros: number;
  /** Largest fall of equity from its highest point, 0 or below, as a fraction. */
  readonly maxDrawdownFraction: number;
  /** At most {@link LIMITS.curvePoints} points, evenly thinned, the last always. */
  readonly equity: readonly (readonly [atUs: number, equityMicros: number])[];
  /** Names every fill in its order: equal runs have equal digests. */
  readonly fillsDigest: string;
}

/**
 * Plays bars through strategy, sizing, risk and matcher, in one process and without a clock.
 * @returns a generator that yields after each chunk, so that whoever runs it can look up; its result is the job's.
 * @throws BACKTEST.SYMBOL, STRATEGY.UNKNOWN, STRATEGY.PARAMETER_UNKNOWN and what strategies throw.
 */
export function* runJob(
  jobId: string,
  spec: JobSpec,
  world: JobWorld,
): Generator<number, JobResult> {
  const core = makeCore(jobId, spec, world);
  const tally = new Tally(spec.cashMicros);
  for (const [index, slice] of world.slices.entries()) {
    const step = core.step(slice);
    const [equity] = core.equity();
    tally.add(slice, step, equity?.equityMicros);
    if ((index + 1) % LIMITS.chunkSlices === 0) yield index + 1;
  }
  const [end] = core.equity();
  return tally.result(world.fingerprint, end?.cashMicros ?? spec.cashMicros);
}

function makeCore(jobId: string, spec: JobSpec, world: JobWorld): DecisionCore {
  const symbols = spec.symbols ?? world.symbols;
  const missing = symbols.find((symbol) => !world.symbols.includes(symbol));
  if (missing !== undefined) {
    throw new AppError({
      code: 'BACKTEST.SYMBOL',
      why: `the bars have no symbol '${missing}'.`,
      fix: `They have: ${world.symbols.join(', ')}.`,
    });
  }
  return new DecisionCore({
    runId: jobId,
    instruments: world.instruments,
    calendarOf: world.calendarOf,
    behaviour: PLAIN_EXCHANGE,
    accounts: [
      { accountId: ACCOUNT, currency: 'USD', cashMicros: spec.cashMicros, limits: DEFAULT_LIMITS },
    ],
    bots: [
      {
        botId: BOT,
        accountId: ACCOUNT,
        configRevision: 1,
        feed: FEED,
        strategy: world.strategies.get(spec.strategy),
        params: spec.params,
        symbols,
        timeframe: '1m',
        sizing: spec.sizing,
      },
    ],
  });
}

/** The name of the feed that a job's slices must carry. */
export const JOB_FEED = FEED;

type Step = ReturnType<DecisionCore['step']>;

/** Adds a run up. */
class Tally {
  readonly #startMicros: number;
  readonly #curve: [number, number][] = [];
  readonly #denials = new Map<string, number>();
  readonly #orders = new Map<string, Order>();
  #bars = 0;
  #signals = 0;
  #intents = 0;
  #fills = 0;
  #fees = 0;
  #peak: number;
  #drawdown = 0;
  #digest = '';

  constructor(startMicros: number) {
    this.#startMicros = startMicros;
    this.#peak = startMicros;
  }

  add(slice: BarSlice, step: Step, equityMicros: number | undefined): void {
    this.#bars += slice.bars.length;
    this.#signals += step.signals.length;
    this.#intents += step.intents.length;
    for (const { policy } of step.denials)
      this.#denials.set(policy, (this.#denials.get(policy) ?? 0) + 1);
    for (const order of step.orders) this.#orders.set(order.orderId, order);
    for (const fill of step.fills) {
      this.#fills += 1;
      this.#fees += fill.feeMicros;
      this.#digest = deriveId(
        'fills',
        this.#digest,
        fill.fillId,
        fill.quantity,
        fill.priceNanos,
        fill.feeMicros,
      );
    }
    if (equityMicros === undefined) return;
    this.#curve.push([slice.endUs, equityMicros]);
    if (equityMicros > this.#peak) this.#peak = equityMicros;
    else if (this.#peak > 0)
      this.#drawdown = Math.min(this.#drawdown, equityMicros / this.#peak - 1);
  }

  result(fingerprint: string, endCashMicros: number): JobResult {
    const orders = new Map<string, number>();
    for (const { state } of this.#orders.values()) orders.set(state, (orders.get(state) ?? 0) + 1);
    return {
      bars: this.#bars,
      slices: this.#curve.length,
      fingerprint,
      signals: this.#signals,
      intents: this.#intents,
      denials: sorted(this.#denials),
      orders: sorted(orders),
      fills: this.#fills,
      feesMicros: this.#fees,
      startEquityMicros: this.#startMicros,
      endEquityMicros: this.#curve.at(-1)?.[1] ?? this.#startMicros,
      endCashMicros,
      maxDrawdownFraction: this.#drawdown,
      equity: this.#thinned(),
      fillsDigest: this.#digest,
    };
  }

  #thinned(): readonly (readonly [number, number])[] {
    const step = Math.max(1, Math.ceil(this.#curve.length / (LIMITS.curvePoints - 1)));
    const last = this.#curve.length - 1;
    return this.#curve.filter((_, index) => index % step === 0 || index === last);
  }
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
