import { AppError, assert } from '@capstan/domain';
import type { AnomalyRules, Lake } from '@capstan/lake';
import type { Clock, Log, MarketDataCapabilities, MarketDataVenue } from '@capstan/ports';
import PQueue from 'p-queue';
import { barVersions, type DayVersions } from './day-versions.ts';
import { fetchActions } from './fetch-actions.ts';
import { fetchChunk, isOfOneSymbol } from './fetch-chunk.ts';
import type { FetchResult, SymbolOutcome } from './fetch-result.ts';
import type { FetchSettings } from './fetch-settings.ts';
import { type FetchSpan, fetchSpan, vendorTime } from './fetch-span.ts';
import { type SymbolStart, startOf, workFolderOf } from './fetch-state.ts';
import { finishSymbol } from './finish-symbol.ts';
import { CHUNKS_AT_ONCE, LISTED_MAX } from './limits.ts';
import { type FetchChunk, newYorkDate, planFetch } from './plan-fetch.ts';
import { requireCapable } from './series-of.ts';
import type { WorkFolder } from './work-folder.ts';

export interface FetchPorts {
  readonly venue: MarketDataVenue;
  readonly lake: Lake;
  readonly clock: Clock;
  readonly log: Log;
}

export interface FetchOptions {
  /** What to do with odd rows; the lake's defaults unless told. */
  readonly rules?: AnomalyRules;
  /** Ends the fetch; what is done is kept. */
  readonly signal?: AbortSignal;
  /** Says what would be asked, and asks for nothing. */
  readonly dryRun?: boolean;
  readonly onProgress?: (progress: { readonly done: number; readonly count: number }) => void;
}

const NOTHING = { added: 0, replaced: 0 } as const;

/**
 * Brings what is missing of some symbols into the lake: in chunks, several at once, each kept when it has come; a symbol whose chunks are all
 * there is put to the rules and into its series. What ends early is gone on with by the next run.
 * @throws FETCH.PROVIDER, FETCH.SPAN, FETCH.SOURCE, LAKE.DAMAGED, MARKET.* before bars are asked for. What fails later is in the result.
 */
export async function runFetch(
  ports: FetchPorts,
  settings: FetchSettings,
  options: FetchOptions = {},
): Promise<FetchResult> {
  const { venue, lake, clock } = ports;
  const { capabilities } = venue;
  requireCapable(settings, capabilities);
  const { nowUs, note } = await vendorTime(venue, clock);
  const span = fetchSpan(settings, nowUs, capabilities);
  const work = await workFolderOf(lake, settings, capabilities, nowUs);
  const versions = await barVersions(venue, settings, span.untilDate);
  const starts: SymbolStart[] = [];
  for (const symbol of settings.symbols) {
    starts.push(await startOf(lake, work, symbol, { settings, capabilities, span, versions }));
  }
  const chunks = chunksOf(starts, settings, capabilities);
  const run = new FetchRun(ports, settings, { options, work, starts, chunks, versions });
  if (options.dryRun !== true) await run.all(span);
  return run.result(span, note);
}

/** Chunks of all symbols: those that want the same span are planned together. */
function chunksOf(
  starts: readonly SymbolStart[],
  { timeframe }: FetchSettings,
  capabilities: MarketDataCapabilities,
): readonly FetchChunk[] {
  const groups = Map.groupBy(starts, ({ wanted }) => `${wanted.fromUs} ${wanted.toUs}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : planFetch(first.wanted, timeframe, group, capabilities);
  });
}

interface Plan {
  readonly options: FetchOptions;
  readonly work: WorkFolder;
  readonly starts: readonly SymbolStart[];
  readonly chunks: readonly FetchChunk[];
  readonly versions: DayVersions;
}

/** One run of a fetch. */
class FetchRun {
  readonly #ports: FetchPorts;
  readonly #settings: FetchSettings;
  readonly #plan: Plan;
  readonly #outcomes = new Map<string, SymbolOutcome>();
  /** Chunks that a symbol still waits for. */
  readonly #waiting = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #finishing = new PQueue({ concurrency: 1 });
  readonly #finishes: Promise<void>[] = [];
  #done = 0;
  #rows = 0;
  #stopped: FetchResult['stopped'];

  constructor(ports: FetchPorts, settings: FetchSettings, plan: Plan) {
    this.#ports = ports;
    this.#settings = settings;
    this.#plan = plan;
    for (const { symbols } of plan.chunks) {
      for (const symbol of symbols) {
        this.#waiting.set(symbol, (this.#waiting.get(symbol) ?? 0) + 1);
      }
    }
  }

  async all(span: FetchSpan): Promise<void> {
    const { options, starts, chunks } = this.#plan;
    const onAbort = () => this.#end('interrupted');
    if (options.signal?.aborted === true) onAbort();
    options.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for (const { symbol, parts } of starts) {
        if (parts.length > 0 && !this.#waiting.has(symbol)) this.#finish(symbol);
      }
      const queue = new PQueue({ concurrency: CHUNKS_AT_ONCE });
      await Promise.all(chunks.map((chunk) => queue.add(() => this.#take(chunk))));
      await Promise.all(this.#finishes);
      if (this.#stopped === undefined) await this.#actions(span);
    } finally {
      options.signal?.removeEventListener('abort', onAbort);
    }
  }

  result(span: FetchSpan, note: string | undefined): FetchResult {
    const outcomes = this.#plan.starts.map(({ symbol, parts }): SymbolOutcome => {
      const known = this.#outcomes.get(symbol);
      if (known !== undefined) return known;
      const isWaiting = this.#waiting.has(symbol) || parts.length > 0;
      return { symbol, state: isWaiting ? 'kept' : 'there', ...NOTHING };
    });
    const { leftOutFrom } = span;
    const isLate = this.#ports.venue.capabilities.dayLagUs !== undefined;
    const why = isLate ? 'not whole at the vendor yet' : 'not over';
    const left = leftOutFrom === undefined ? [] : [`${leftOutFrom} is ${why} and was left out`];
    return {
      outcomes: outcomes.sort((a, b) => (a.symbol < b.symbol ? -1 : 1)),
      fromDate: this.#settings.fromDate,
      untilDate: span.untilDate,
      notes: [...(note === undefined ? [] : [note]), ...left, ...this.#rewritten()],
      chunks: { done: this.#done, count: this.#plan.chunks.length },
      rows: this.#rows,
      ...(this.#stopped === undefined ? {} : { stopped: this.#stopped }),
    };
  }

  #rewritten(): readonly string[] {
    const days = new Set(
      this.#plan.starts.flatMap(({ rewritten }) => rewritten.map(({ fromUs }) => fromUs)),
    );
    if (days.size === 0) return [];
    const dates = [...days].sort((a, b) => a - b).map(newYorkDate);
    const shown = dates.slice(0, LISTED_MAX).join(', ');
    const more = dates.length > LISTED_MAX ? ` and ${dates.length - LISTED_MAX} more` : '';
    return [`the vendor wrote ${shown}${more} again: they take the place of the old`];
  }

  /** Asks for a chunk and keeps it. */
  async #take(chunk: FetchChunk): Promise<void> {
    const symbols = chunk.symbols.filter((symbol) => !this.#outcomes.has(symbol));
    if (this.#stopped !== undefined) return;
    try {
      const { venue } = this.#ports;
      const asked = { ...chunk, symbols };
      const { signal } = this.#stop;
      const outcomes =
        symbols.length === 0 ? [] : await fetchChunk(venue, this.#settings, asked, signal);
      for (const outcome of outcomes) {
        if ('failure' in outcome) this.#fail(outcome.symbol, outcome.failure);
        else await this.#keep(outcome.symbol, chunk, outcome.bars);
      }
      this.#done += 1;
      this.#plan.options.onProgress?.({ done: this.#done, count: this.#plan.chunks.length });
    } catch (error) {
      this.#end(error);
    }
  }

  async #keep(symbol: string, chunk: FetchChunk, bars: Parameters<WorkFolder['keep']>[2]) {
    await this.#plan.work.keep(symbol, { fromUs: chunk.fromUs, toUs: chunk.toUs }, bars);
    this.#rows += bars.endUs.length;
    const left = (this.#waiting.get(symbol) ?? 1) - 1;
    this.#waiting.set(symbol, left);
    if (left === 0 && !this.#outcomes.has(symbol)) this.#finish(symbol);
  }

  /** Puts the chunks of a symbol into its series, one symbol at a time. */
  #finish(symbol: string): void {
    const { work, options, versions, starts } = this.#plan;
    const { lake, venue } = this.#ports;
    const { rules = {} } = options;
    const { capabilities } = venue;
    const start = starts.find((one) => one.symbol === symbol);
    assert(start !== undefined, `${symbol} was not begun`);
    const finishing = { lake, work, settings: this.#settings, capabilities, rules, versions };
    const finish = async (): Promise<void> => {
      try {
        this.#outcomes.set(symbol, await finishSymbol(finishing, start));
      } catch (error) {
        if (isOfOneSymbol(error)) this.#fail(symbol, error);
        else this.#end(error);
      }
    };
    this.#finishes.push(this.#finishing.add(finish));
  }

  async #actions(span: FetchSpan): Promise<void> {
    const { venue, lake } = this.#ports;
    if (!venue.capabilities.history.actions || this.#settings.adjustment !== 'raw') return;
    const symbols = this.#plan.starts.flatMap(({ symbol }) => {
      const state = this.#outcomes.get(symbol)?.state ?? 'there';
      return state === 'failed' ? [] : [{ symbol, isNew: state === 'fetched' }];
    });
    try {
      const asked = { symbols, untilDate: span.untilDate };
      const counts = await fetchActions({ venue, lake }, this.#settings, asked, this.#stop.signal);
      for (const [symbol, actions] of counts) {
        const before = this.#outcomes.get(symbol) ?? { symbol, state: 'there', ...NOTHING };
        this.#outcomes.set(symbol, { ...before, actions });
      }
    } catch (error) {
      this.#end(error);
    }
  }

  #fail(symbol: string, failure: AppError): void {
    this.#ports.log.warn('a symbol could not be fetched', { symbol, reason: failure.why });
    this.#outcomes.set(symbol, { symbol, state: 'failed', ...NOTHING, failure });
  }

  /** Ends the run: what is on its way is given up, what is kept stays. */
  #end(reason: unknown): void {
    if (this.#stopped !== undefined) return;
    if (reason === 'interrupted' || reason instanceof AppError) this.#stopped = reason;
    else throw reason;
    this.#stop.abort();
  }
}
