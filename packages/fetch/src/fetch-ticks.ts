import { dateOfDay, dayNumber, getCalendar } from '@capstan/calendar';
import { AppError, timeUs } from '@capstan/domain';
import { type TickDay, type TickKind, TickStore } from '@capstan/lake';
import type { Clock, MarketDataVenue } from '@capstan/ports';
import { fetchSpan, vendorTime } from './fetch-span.ts';
import { startOfDay } from './plan-fetch.ts';

/** What a fetch of ticks asks for. */
export interface TicksSettings {
  /** The vendor, as in the settings of bars. */
  readonly source: string;
  /** The venue of the lake. */
  readonly venue: string;
  readonly symbols: readonly string[];
  readonly kinds: readonly TickKind[];
  /** `YYYY-MM-DD`, both included, as the exchange counts days. */
  readonly fromDate: string;
  readonly toDate: string;
  /** Asks for all of it again. */
  readonly force: boolean;
}

export interface TicksPorts {
  readonly venue: MarketDataVenue;
  readonly lakeRoot: string;
  readonly clock: Clock;
}

/** A day of one kind that was fetched. */
export interface FetchedTicks {
  readonly date: string;
  readonly kind: TickKind;
  /** By symbol. */
  readonly rows: ReadonlyMap<string, number>;
  /** The vendor wrote the day again since it was read. */
  readonly isRewritten: boolean;
}

/**
 * Brings trades and quotes into the lake, day by day: what is not there, and what the vendor has written again. A day is kept when it has
 * come whole; a run that ends early is gone on with by the next.
 * @throws FETCH.PROVIDER, FETCH.SPAN, FETCH.SOURCE, and what the vendor and the lake throw.
 */
export async function* fetchTicks(
  { venue, lakeRoot, clock }: TicksPorts,
  settings: TicksSettings,
  signal?: AbortSignal,
): AsyncIterable<FetchedTicks> {
  const { fromDate, kinds, symbols, source } = settings;
  for (const kind of kinds) {
    if (!venue.capabilities.history[kind]) {
      throw new AppError({ code: 'FETCH.PROVIDER', why: `${source} has no history of ${kind}.` });
    }
  }
  const { nowUs } = await vendorTime(venue, clock);
  const { untilDate } = fetchSpan(settings, nowUs, venue.capabilities);
  const store = new TickStore(lakeRoot);
  for (const kind of kinds) {
    const asked = { of: kind, symbols, fromDate, toDate: untilDate };
    const versions = (await venue.dayVersions?.(asked, signal)) ?? new Map<string, string>();
    const had = await daysOf(store, settings, kind);
    for (const date of sessionDates(fromDate, untilDate)) {
      const version = versions.get(date) ?? '';
      const missing = symbols.filter((symbol) => {
        const day = had.get(symbol)?.get(date);
        return settings.force || day === undefined || day.version !== version;
      });
      if (missing.length === 0) continue;
      const isRewritten = missing.some((symbol) => had.get(symbol)?.has(date) === true);
      const span = { symbols: missing, ...dayOf(date) };
      const keep = { venue: settings.venue, day: { date, source, version }, symbols: missing };
      const rows =
        kind === 'trades'
          ? await store.keep({ ...keep, kind, pages: venue.trades(span, signal) })
          : await store.keep({ ...keep, kind, pages: venue.quotes(span, signal) });
      yield { date, kind, rows, isRewritten: isRewritten && !settings.force };
    }
  }
}

/** @throws FETCH.SOURCE where the lake has days of another vendor. */
async function daysOf(
  store: TickStore,
  { symbols, venue, source, force }: TicksSettings,
  kind: TickKind,
): Promise<ReadonlyMap<string, ReadonlyMap<string, TickDay>>> {
  const had = new Map<string, ReadonlyMap<string, TickDay>>();
  for (const symbol of symbols) {
    const days = await store.days({ venue, symbol, kind });
    const other = [...days.values()].find((day) => day.source !== source);
    if (other !== undefined && !force) {
      throw new AppError({
        code: 'FETCH.SOURCE',
        why: `the lake has ${kind} of ${symbol} of ${venue} from ${other.source}, and those of ${source} would be mixed with them.`,
        fix: 'Set another `venue`, or put these in place of those with --force.',
      });
    }
    had.set(symbol, days);
  }
  return had;
}

function* sessionDates(from: string, to: string): Iterable<string> {
  const calendar = getCalendar('XNYS');
  for (let day = dayNumber(from); day <= dayNumber(to); day += 1) {
    const date = dateOfDay(day);
    if (calendar.session(date) !== undefined) yield date;
  }
}

function dayOf(date: string) {
  const day = dayNumber(date);
  return { fromUs: timeUs(startOfDay(day)), toUs: timeUs(startOfDay(day + 1)) };
}
