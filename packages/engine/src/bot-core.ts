import { type Calendar, ScheduleGate } from '@capstan/calendar';
import {
  AppError,
  assert,
  type Bar,
  type BarSlice,
  type BotSchedule,
  deriveId,
  type Mark,
  type Signal,
  type SizingRule,
  signalId,
  type Timeframe,
  type TimeUs,
} from '@capstan/domain';
import type { IndicatorBar } from '@capstan/indicators';
import {
  checkTarget,
  graphNeedsSession,
  graphReferences,
  graphTimeframes,
  graphWarmup,
  type IndicatorGraph,
  type ResolvedParameters,
  reasonText,
  resolveParameters,
  type Strategy,
  sameTarget,
  strategyWarmup,
  type Target,
} from '@capstan/strategy';
import { type BotSetup, readCheckpoint, writeCheckpoint } from './bot-checkpoint.ts';
import { BotReferences } from './bot-references.ts';
import { BotSymbol, type OtherValues } from './bot-symbol.ts';
import { closingTarget } from './closing-target.ts';
import { LongerBars } from './longer-bars.ts';
import { type SizingMeasure, sizingGraph } from './sizing-graph.ts';
import { utcText } from './utc-text.ts';

/** What a {@link BotCore} is made of. */
export interface BotCoreOptions {
  readonly runId: string;
  readonly botId: string;
  readonly accountId: string;
  readonly configRevision: number;
  readonly feed: string;
  readonly strategy: Strategy;
  /** Parameters that differ from the defaults. */
  readonly params: Readonly<Record<string, unknown>>;
  /** At least one, each once, in any order. */
  readonly symbols: readonly string[];
  /** The timeframe at whose closes it decides. */
  readonly timeframe: Timeframe;
  /** What its signals are sized by; they carry what of the bars it needs. Nothing unless given. */
  readonly sizing?: SizingRule;
  /** When it may open; always unless given. */
  readonly schedule?: BotSchedule;
  /** The calendar of a symbol; needed for a schedule, for longer bars, and where an indicator starts anew with each session. */
  readonly calendarOf?: (symbol: string) => Calendar;
  /**
   * Where the longer bars come from that its strategy reads: `built` here, of the one-minute bars of its slices, or `given` in the
   * slices. `built` unless given.
   */
  readonly longerBars?: 'built' | 'given';
}

/** A bar that was not stepped, and why. */
export interface IgnoredBar {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly barEndUs: TimeUs;
  readonly revision: number;
  /** In words. */
  readonly why: string;
}

/** What one slice led to. */
export interface BotStep {
  /** Sorted by symbol. */
  readonly signals: readonly Signal[];
  /** The last close of each symbol that had one, sorted by symbol. */
  readonly marks: readonly Mark[];
  /** The bot's bars in the slice that changed nothing, in the slice's order. */
  readonly ignored: readonly IgnoredBar[];
}

/**
 * Runs one bot: bars in, signals out, the same in a backtest, live and in a replay. It has no clock; what it emits is
 * a function of its options and the slices that it was given, in their order.
 *
 * Each bar is stepped once. A slice that does not end after the last one, and a correction, change nothing. A symbol
 * without a bar in a slice is not stepped: nothing is forward-filled. Bars of symbols that its strategy reads beside its own move
 * their kernels, before anything is decided in their slice; nothing is decided on them.
 */
export class BotCore {
  /** Bars of the bot's timeframe that it must have seen before it decides and is sized. */
  readonly warmupBars: number;
  /** All parameters, defaults included. */
  readonly params: ResolvedParameters;
  /** The timeframes whose bars it reads of its symbols, the longest first. */
  readonly timeframes: readonly Timeframe[];
  /** Symbols whose bars its strategy reads, whether they are its own or not, sorted. */
  readonly referenceSymbols: readonly string[];
  readonly #options: BotCoreOptions;
  readonly #setup: BotSetup;
  readonly #symbols: ReadonlyMap<string, BotSymbol>;
  readonly #references: BotReferences;
  /** Absent where no longer bars are read, or they are given. */
  readonly #longer: LongerBars | undefined;
  readonly #needsSession: boolean;
  readonly #gate: ScheduleGate | undefined;
  #anchorUs: TimeUs | null = null;
  #lastSliceEndUs: TimeUs | null = null;
  #broken = false;

  /**
   * @throws STRATEGY.PARAMETER_UNKNOWN, STRATEGY.PARAMETER_TYPE, STRATEGY.PARAMETER_RANGE,
   * STRATEGY.PARAMETER_RELATION; STRATEGY.CALENDAR when sessions or a schedule need `calendarOf` and it is absent.
   */
  constructor(options: BotCoreOptions) {
    const { strategy, timeframe, feed } = options;
    const symbols = [...options.symbols].sort();
    assert(symbols.length > 0, `bot ${options.botId} has no symbols`);
    assert(new Set(symbols).size === symbols.length, `bot ${options.botId} lists a symbol twice`);
    const params = resolveParameters(strategy, options.params);
    const graph = strategy.indicators(params);
    this.#options = options;
    this.#setup = { strategy: strategy.name, params, feed, timeframe, symbols };
    this.params = params;
    this.timeframes = graphTimeframes(graph, timeframe);
    const { sizing } = options;
    const sizingBars = sizing === undefined ? 0 : graphWarmup(sizingGraph(sizing), timeframe);
    this.warmupBars = Math.max(strategyWarmup(strategy, params, timeframe), sizingBars);
    this.#needsSession = graphNeedsSession(graph);
    const { schedule, calendarOf } = options;
    if (this.#needsSession && calendarOf === undefined)
      throw noCalendar(options, `strategy ${strategy.name} follows sessions`);
    if (schedule !== undefined && calendarOf === undefined)
      throw noCalendar(options, 'it has a schedule');
    this.#longer = longerBarsOf(options, graph, symbols);
    this.#gate = schedule === undefined ? undefined : new ScheduleGate(schedule);
    this.#references = new BotReferences(graph, timeframe);
    this.referenceSymbols = this.#references.symbols;
    const setup = { strategy, params, graph, timeframe, sizing };
    this.#symbols = new Map(symbols.map((symbol) => [symbol, new BotSymbol(symbol, setup)]));
  }

  /** End of the last slice stepped, or `undefined` before the first. */
  get lastSliceEndUs(): TimeUs | undefined {
    return this.#lastSliceEndUs ?? undefined;
  }

  /** The symbols that its strategy reads and has no value of yet: nothing is decided until there is. Sorted. */
  get awaitedSymbols(): readonly string[] {
    return this.#references.missing;
  }

  /**
   * Names the epoch of its values: symbols, those read beside them too, timeframe, feed and the end of the first slice with one of their bars.
   * Two cores of one epoch that saw the same slices have the same bits.
   */
  get kernelEpoch(): string {
    const { feed, timeframe, symbols } = this.#setup;
    const beside = this.referenceSymbols.map((symbol) => `of ${symbol}`);
    return deriveId('kernels', feed, timeframe, this.#anchorUs ?? 'none', ...symbols, ...beside);
  }

  /**
   * Steps the bot by one slice. Symbols of other bots in it are passed over. Outside its schedule kernels and strategy state move
   * and nothing but flat goes out; the first slice within says what has changed since.
   * @param options `emit: false` while paused or warming up: kernels and strategy state move, no signal goes out,
   * and what counts as last emitted stays, so that the first step that emits says what has changed since.
   * @throws STRATEGY.THREW, STRATEGY.TARGET or STRATEGY.STATE with bot, symbol and bar; the core is then of no use
   * until `restore`.
   */
  step(slice: BarSlice, options: { readonly emit: boolean }): BotStep {
    assert(!this.#broken, `bot ${this.#options.botId} was stepped after it had failed`);
    assert(
      slice.feed === this.#setup.feed,
      `a slice of feed ${slice.feed} reached a bot of feed ${this.#setup.feed}`,
    );
    const { fresh, ignored } = this.#sort(slice);
    if (fresh.size > 0) this.#anchorUs ??= slice.endUs;
    const isNew = this.#isNew(slice.endUs);
    if (isNew) this.#lastSliceEndUs = slice.endUs;
    if (isNew && this.#longer !== undefined) this.#stepLonger(this.#longer, slice.endUs, fresh);
    this.#stepKernels(fresh);
    const beside = this.#references.values();
    const signals: Signal[] = [];
    for (const [symbol, core] of this.#symbols) {
      const bar = fresh.get(`${this.#setup.timeframe} ${symbol}`);
      if (bar === undefined) continue;
      const wanted = this.#decide(core, bar, beside);
      if (!options.emit) continue;
      const target = this.#scheduled(core, bar, wanted);
      if (target === undefined) continue;
      if (core.emitted !== undefined && sameTarget(core.emitted, target)) continue;
      core.noteEmitted(target);
      signals.push(this.#signal(bar, target, core.measure()));
    }
    return { signals, marks: this.#marks(), ignored };
  }

  /** Returns all its state as JSON; `restore` in a core of the same setup continues bit for bit. */
  snapshot(): string {
    assert(!this.#broken, `bot ${this.#options.botId} has no state to keep after it failed`);
    const symbols = Object.fromEntries(
      [...this.#symbols].map(([symbol, core]) => [symbol, core.snapshot()]),
    );
    return writeCheckpoint(this.#setup, {
      anchorUs: this.#anchorUs,
      lastSliceEndUs: this.#lastSliceEndUs,
      symbols,
      ...(this.#longer === undefined ? {} : { longer: this.#longer.snapshot() }),
      ...(this.referenceSymbols.length === 0 ? {} : { references: this.#references.snapshot() }),
    });
  }

  /**
   * Replaces all its state by that of a snapshot.
   * @throws STRATEGY.CHECKPOINT when it is damaged or of another strategy, parameters, feed, timeframe or symbols;
   * STRATEGY.STATE, INDICATOR.STATE when a part of it is damaged. The core is then of no use.
   */
  restore(json: string): void {
    this.#broken = true;
    const checkpoint = readCheckpoint(this.#setup, json);
    for (const [symbol, core] of this.#symbols) {
      const state = checkpoint.symbols[symbol];
      assert(state !== undefined, `a checkpoint that was read has ${symbol}`);
      core.restore(state);
    }
    this.#references.restore(checkpoint.references ?? {});
    this.#longer?.restore(checkpoint.longer ?? {});
    this.#anchorUs = checkpoint.anchorUs;
    this.#lastSliceEndUs = checkpoint.lastSliceEndUs;
    this.#broken = false;
  }

  #isNew(endUs: TimeUs): boolean {
    return this.#lastSliceEndUs === null || endUs > this.#lastSliceEndUs;
  }

  /** Parts the bot's bars into those to step, by timeframe and symbol, and those to pass over. */
  #sort(slice: BarSlice): {
    readonly fresh: ReadonlyMap<string, Bar>;
    readonly ignored: readonly IgnoredBar[];
  } {
    const fresh = new Map<string, Bar>();
    const ignored: IgnoredBar[] = [];
    const isNew = this.#isNew(slice.endUs);
    for (const bar of slice.bars) {
      const { symbol, timeframe, endUs: barEndUs, revision } = bar;
      if (!this.#reads(symbol, timeframe)) continue;
      assert(
        barEndUs === slice.endUs,
        `a bar of ${symbol} that ends at ${barEndUs} is in the slice of ${slice.endUs}`,
      );
      const key = `${timeframe} ${symbol}`;
      const why = ignoredBecause({ revision, isNew, isTwice: fresh.has(key) });
      if (why === undefined) fresh.set(key, bar);
      else ignored.push({ symbol, timeframe, barEndUs, revision, why });
    }
    return { fresh, ignored };
  }

  #reads(symbol: string, timeframe: Timeframe): boolean {
    if (this.#longer !== undefined) {
      const isRead = this.#symbols.has(symbol) || this.referenceSymbols.includes(symbol);
      return isRead && timeframe === this.#setup.timeframe;
    }
    const own = this.#symbols.has(symbol) && this.timeframes.includes(timeframe);
    return own || this.#references.reads(symbol, timeframe);
  }

  /** Steps kernels of longer timeframes by the bars that have ended: before those of the bot's own. */
  #stepLonger(longer: LongerBars, endUs: TimeUs, fresh: ReadonlyMap<string, Bar>): void {
    const { timeframe } = this.#setup;
    for (const bar of longer.take(endUs, (symbol) => fresh.get(`${timeframe} ${symbol}`))) {
      const seen = this.#seen(bar);
      this.#symbols.get(bar.symbol)?.step(bar, seen);
      this.#references.step(bar, seen);
    }
  }

  #stepKernels(fresh: ReadonlyMap<string, Bar>): void {
    for (const timeframe of this.timeframes) {
      for (const [symbol, core] of this.#symbols) {
        const bar = fresh.get(`${timeframe} ${symbol}`);
        if (bar !== undefined) core.step(bar, this.#seen(bar));
      }
    }
    if (this.referenceSymbols.length === 0) return;
    for (const bar of fresh.values()) this.#references.step(bar, this.#seen(bar));
  }

  #seen(bar: Bar): IndicatorBar {
    if (!this.#needsSession) return bar;
    const calendar = this.#options.calendarOf?.(bar.symbol);
    return { ...bar, sessionOpenUs: calendar?.sessionAt(bar.startUs)?.openUs };
  }

  #decide(core: BotSymbol, bar: Bar, beside: OtherValues): Target | undefined {
    try {
      const target = core.decide(bar, beside);
      if (target !== undefined) checkTarget(target, this.#setup.strategy);
      return target;
    } catch (cause) {
      this.#broken = true;
      throw this.#failure(bar, cause);
    }
  }

  /** Lets a target through within the schedule; outside it, only what closes. */
  #scheduled(core: BotSymbol, bar: Bar, target: Target | undefined): Target | undefined {
    const { schedule, calendarOf } = this.#options;
    if (this.#gate === undefined || schedule === undefined || calendarOf === undefined)
      return target;
    if (this.#gate.isOpen(bar.endUs, calendarOf(bar.symbol))) return target;
    return closingTarget({ emitted: core.emitted, target, atEnd: schedule.atEnd });
  }

  #failure(bar: Bar, cause: unknown): AppError {
    const { botId } = this.#options;
    const known =
      cause instanceof AppError &&
      (cause.code === 'STRATEGY.STATE' || cause.code === 'STRATEGY.TARGET');
    const words = cause instanceof Error ? cause.message : String(cause);
    const place = `bot ${botId}, symbol ${bar.symbol}, bar ending ${utcText(bar.endUs)}`;
    return new AppError({
      code: known ? cause.code : 'STRATEGY.THREW',
      why: `${place}: ${known ? words : `strategy ${this.#setup.strategy} threw: ${words}`}`,
      fix: 'Correct the strategy, then start the bot again.',
      cause,
      details: { botId, symbol: bar.symbol, barEndUs: bar.endUs, strategy: this.#setup.strategy },
    });
  }

  #signal(bar: Bar, target: Target, measure: SizingMeasure): Signal {
    const { runId, botId, accountId, configRevision } = this.#options;
    const { symbol, timeframe, endUs: barEndUs, revision: inputRevision } = bar;
    const key = { runId, botId, configRevision, symbol, timeframe, barEndUs, inputRevision };
    const { direction, strength } = target;
    const { limitPriceNanos, stopPriceNanos, takeProfitPriceNanos, timeInForce } = target;
    const { trailNanos, trailBps, entryStopPriceNanos } = target;
    return {
      signalId: signalId(key),
      ...key,
      accountId,
      direction,
      strength: direction === 'flat' ? 0 : strength,
      ...(limitPriceNanos === undefined ? {} : { limitPriceNanos }),
      ...(stopPriceNanos === undefined ? {} : { stopPriceNanos }),
      ...(takeProfitPriceNanos === undefined ? {} : { takeProfitPriceNanos }),
      ...(trailNanos === undefined ? {} : { trailNanos }),
      ...(trailBps === undefined ? {} : { trailBps }),
      ...(timeInForce === undefined ? {} : { timeInForce }),
      ...(entryStopPriceNanos === undefined ? {} : { entryStopPriceNanos }),
      referencePriceNanos: bar.closeNanos,
      ...(direction === 'flat' ? {} : measure),
      reason: reasonText(target),
    };
  }

  #marks(): readonly Mark[] {
    const marks: Mark[] = [];
    for (const core of this.#symbols.values()) if (core.mark !== undefined) marks.push(core.mark);
    return marks;
  }
}

/** Returns what builds the longer bars that a graph reads; `undefined` where it reads none, or they are given. */
function longerBarsOf(
  options: BotCoreOptions,
  graph: IndicatorGraph,
  symbols: readonly string[],
): LongerBars | undefined {
  const { timeframe, longerBars = 'built', calendarOf } = options;
  if (longerBars === 'given') return undefined;
  const wanted = new Map<string, Timeframe[]>();
  const want = (symbol: string, timeframes: readonly Timeframe[]) => {
    const longer = timeframes.filter((each) => each !== timeframe);
    const all = new Set([...(wanted.get(symbol) ?? []), ...longer]);
    if (all.size > 0) wanted.set(symbol, [...all]);
  };
  for (const symbol of symbols) want(symbol, graphTimeframes(graph, timeframe));
  for (const [symbol, timeframes] of graphReferences(graph, timeframe)) want(symbol, timeframes);
  if (wanted.size === 0) return undefined;
  if (calendarOf === undefined)
    throw noCalendar(options, `strategy ${options.strategy.name} reads longer bars`);
  assert(timeframe === '1m', `longer bars are built of 1m bars, not of ${timeframe}`);
  return new LongerBars({ calendarOf, wanted });
}

function ignoredBecause(bar: {
  readonly revision: number;
  readonly isNew: boolean;
  readonly isTwice: boolean;
}): string | undefined {
  if (bar.revision > 0)
    return `revision ${bar.revision} is a correction: it never changes a decision`;
  if (!bar.isNew) return 'a slice that ended then or later was already stepped';
  return bar.isTwice ? 'the slice has this bar twice' : undefined;
}

function noCalendar({ botId }: BotCoreOptions, because: string): AppError {
  return new AppError({
    code: 'STRATEGY.CALENDAR',
    why: `bot ${botId}: ${because}, and no calendar was given.`,
    fix: 'Give the bot the calendars of its symbols.',
  });
}
