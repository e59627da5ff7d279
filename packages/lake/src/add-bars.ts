import { CalendarBook } from '@capstan/calendar';
import type { Instrument, Timeframe } from '@capstan/domain';
import type { AnomalyRules } from './anomaly.ts';
import { BarTable } from './bar-table.ts';
import type { BarsReport } from './bars-report.ts';
import { addUp, otherScale, settledAnomalies } from './import-bars.ts';
import type { Lake } from './lake.ts';
import { joinBars, type LakeBars, takeRows } from './lake-bars.ts';
import type { SeriesManifest, SeriesSource } from './manifest.ts';
import { mergeBars } from './merge-bars.ts';
import { type Adjustment, type Alignment, type SeriesKey, seriesText } from './series-key.ts';
import { type SettledBars, settleBars } from './settle-bars.ts';
import type { TimeSpan } from './time-spans.ts';

/** Bars whose spans are known, on their way into a series. */
export interface BarsToAdd {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Found from the stamps unless told. */
  readonly alignment?: Alignment;
  /** `raw` unless told. */
  readonly adjustment?: Adjustment;
  readonly bars: LakeBars;
  /** Where they come from; takes the place of an earlier source of its name. */
  readonly source: SeriesSource;
  readonly rules?: AnomalyRules;
  /**
   * What of the series gives way: nothing unless told, so that a bar in both must be the same; `all` of it; or what starts in
   * these spans.
   */
  readonly replaces?: 'all' | readonly TimeSpan[];
}

/** What became of bars that were to be added. */
export interface AddedBars {
  /** What the rules found in them. */
  readonly report: BarsReport;
  /** The series as it is now; absent where a rule refuses a row or no bar is left: then nothing was written. */
  readonly manifest?: SeriesManifest;
  /** Bars that the series did not have. */
  readonly added: number;
  /** Bars that gave way. */
  readonly replaced: number;
  /** Bars that were there already, alike in every number. */
  readonly repeated: number;
}

/**
 * Puts bars into a series: all that pass the rules, or nothing where one is refused.
 * @throws LAKE.CONFLICT, LAKE.ALIGNMENT, LAKE.DISK, LAKE.BUSY, LAKE.WRITE
 */
export async function addBars(lake: Lake, toAdd: BarsToAdd): Promise<AddedBars> {
  const { venue, symbol, timeframe, adjustment = 'raw', source, replaces } = toAdd;
  const instrument = (await lake.instruments(venue)).bySymbol(symbol);
  const settled = settle(toAdd, instrument);
  const { bars, report } = settled;
  const nothing = { report, added: 0, replaced: 0, repeated: 0 };
  if (report.refused || bars.endUs.length === 0) return nothing;
  const key: SeriesKey = { venue, symbol, timeframe, alignment: report.alignment, adjustment };
  const standing = await lake.manifest(key);
  const rest = await restOf(lake, standing, replaces);
  if (standing !== undefined && standing.instrument.quantityScale !== instrument.quantityScale) {
    throw otherScale(standing);
  }
  const merged =
    rest === undefined
      ? { bars, added: bars.endUs.length, repeated: 0 }
      : mergeBars(seriesText(key), rest, bars);
  const replaced = (standing?.rows ?? 0) - (rest?.endUs.length ?? 0);
  const { added, repeated } = merged;
  if (standing !== undefined && added === 0 && replaced === 0) {
    return { report, manifest: standing, added, replaced, repeated };
  }
  const others = (standing?.sources ?? []).filter(({ name }) => name !== source.name);
  const manifest = await lake.write({
    key,
    instrument,
    bars: merged.bars,
    sources: [...(rest === undefined ? [] : others), source],
    anomalies: anomaliesOf(toAdd, { settled, whole: merged.bars, rest, replaced, standing }),
    notes: [...new Set([...(rest === undefined ? [] : (standing?.notes ?? [])), ...report.notes])],
  });
  return { report, manifest, added, replaced, repeated };
}

/** What of a series stays; `undefined` where nothing does. */
async function restOf(
  lake: Lake,
  standing: SeriesManifest | undefined,
  replaces: BarsToAdd['replaces'],
): Promise<LakeBars | undefined> {
  if (standing === undefined || replaces === 'all') return undefined;
  const { bars } = await lake.read(standing);
  if (replaces === undefined) return bars;
  const gone = (us: number) => replaces.some(({ fromUs, toUs }) => us >= fromUs && us < toUs);
  const kept = Uint32Array.from(bars.startUs.keys()).filter((row) => !gone(bars.startUs[row] ?? 0));
  return kept.length === 0 ? undefined : takeRows(bars, kept);
}

/** What the manifest says of anomalies: of both, or where bars gave way of all that are there now. */
function anomaliesOf(
  toAdd: BarsToAdd,
  now: {
    readonly settled: SettledBars;
    readonly whole: LakeBars;
    readonly rest: LakeBars | undefined;
    readonly replaced: number;
    readonly standing: SeriesManifest | undefined;
  },
) {
  const { settled, whole, rest, replaced, standing } = now;
  const fresh = settledAnomalies(settled.report);
  if (rest === undefined || standing === undefined) return fresh;
  if (replaced === 0) return addUp([...standing.anomalies, ...fresh]);
  return settledAnomalies(settle({ ...toAdd, bars: whole }, standing.instrument).report);
}

function settle(
  { symbol, timeframe, adjustment = 'raw', alignment, bars, rules = {} }: BarsToAdd,
  instrument: Instrument,
): SettledBars {
  return settleBars(BarTable.of(symbol, instrument.quantityScale, bars), {
    timeframe,
    stamp: 'start',
    calendar: new CalendarBook().get(instrument.calendar),
    // Adjusted prices lie on no tick.
    ...(adjustment === 'raw' ? { tickNanos: instrument.tickNanos } : {}),
    adjustment,
    ...(alignment === undefined ? {} : { alignment }),
    holds: 'all',
    rules,
  });
}

/** Puts parts of a series in the order of time into one. */
export function sortedBars(parts: readonly LakeBars[]): LakeBars {
  const inOrder = parts
    .filter(({ startUs }) => startUs.length > 0)
    .sort((a, b) => (a.startUs[0] ?? 0) - (b.startUs[0] ?? 0));
  return joinBars(inOrder);
}
