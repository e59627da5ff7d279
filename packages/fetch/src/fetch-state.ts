import { AppError } from '@capstan/domain';
import {
  joinSpans,
  type Lake,
  readAsked,
  type SeriesKey,
  type TimeSpan,
  withoutSpans,
} from '@capstan/lake';
import type { MarketDataCapabilities } from '@capstan/ports';
import { type DayVersions, rewrittenDays } from './day-versions.ts';
import type { FetchSettings } from './fetch-settings.ts';
import { newYorkDate, type SymbolState } from './plan-fetch.ts';
import { seriesName, seriesOf } from './series-of.ts';
import { WorkFolder } from './work-folder.ts';

/** A symbol before a fetch. */
export interface SymbolStart extends SymbolState {
  /** What is to be had in the end: the span that is asked for, or where the series is replaced all that it was asked for. */
  readonly wanted: TimeSpan;
  /** Chunks of earlier runs that are kept of it: it is to be finished even where nothing is missing. */
  readonly parts: readonly TimeSpan[];
  /** Days that the vendor has written again since they were read. */
  readonly rewritten: readonly TimeSpan[];
}

/**
 * Opens the folder of the chunks of a fetch. Chunks of adjusted bars, which a split restates, and those that are asked for anew are
 * of one day: older ones of their kind are removed.
 */
export async function workFolderOf(
  lake: Lake,
  settings: FetchSettings,
  capabilities: MarketDataCapabilities,
  nowUs: number,
): Promise<WorkFolder> {
  const series = seriesName(seriesOf(settings, capabilities, 'any'));
  const { source, venue, force, adjustment } = settings;
  if (adjustment === 'raw' && !force) return new WorkFolder(lake.root, [source, venue, series]);
  const kind = `${series}-${force ? 'force' : 'whole'}-`;
  const names = [source, venue, `${kind}${newYorkDate(nowUs)}`];
  const folder = new WorkFolder(lake.root, names);
  await folder.removeOthers(kind);
  return folder;
}

/** Finds out what a symbol has already. @throws FETCH.SOURCE, LAKE.DAMAGED */
export async function startOf(
  lake: Lake,
  work: WorkFolder,
  symbol: string,
  asked: {
    readonly settings: FetchSettings;
    readonly capabilities: MarketDataCapabilities;
    readonly span: TimeSpan;
    readonly versions: DayVersions;
  },
): Promise<SymbolStart> {
  const { settings, capabilities, span, versions } = asked;
  const parts = await work.parts(symbol);
  const start = { symbol, wanted: span, parts, rewritten: [] };
  if (settings.force && settings.adjustment === 'raw') return { ...start, had: parts };
  const key = seriesOf(settings, capabilities, symbol);
  const all = await readAsked(lake.root, settings.venue, symbol);
  const record = all.find((one) => one.of === seriesName(key));
  if (record !== undefined && record.source !== settings.source && !settings.force) {
    throw otherSource(settings, symbol, record.source);
  }
  const had = record?.spans ?? (await spanThere(lake, key));
  if (settings.adjustment === 'raw') {
    const rewritten = rewrittenDays(record?.versions ?? new Map(), versions);
    const stays = had.flatMap((one) => withoutSpans(one, rewritten));
    return { ...start, had: [...stays, ...parts], rewritten };
  }
  const isMissing = settings.force || !covers(had, span);
  if (!isMissing && parts.length === 0) return { ...start, had };
  return { ...start, wanted: hullOf([...had, span]), had: parts };
}

/** Bars that were imported count as had from the first to the last. */
export async function spanThere(lake: Lake, key: SeriesKey): Promise<readonly TimeSpan[]> {
  const manifest = await lake.manifest(key);
  return manifest === undefined
    ? []
    : [{ fromUs: manifest.firstStartUs, toUs: manifest.lastEndUs }];
}

function covers(spans: readonly TimeSpan[], { fromUs, toUs }: TimeSpan): boolean {
  return joinSpans(spans).some((one) => one.fromUs <= fromUs && one.toUs >= toUs);
}

function hullOf(spans: readonly TimeSpan[]): TimeSpan {
  return {
    fromUs: Math.min(...spans.map(({ fromUs }) => fromUs)),
    toUs: Math.max(...spans.map(({ toUs }) => toUs)),
  };
}

function otherSource({ source, venue }: FetchSettings, symbol: string, before: string): AppError {
  return new AppError({
    code: 'FETCH.SOURCE',
    why: `the lake has ${symbol} of ${venue} from ${before}, and bars of ${source} would be mixed with them.`,
    fix: 'Set another `venue`, or put these in place of those with --force.',
  });
}
