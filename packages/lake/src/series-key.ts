import { AppError, TIMEFRAMES, type Timeframe } from '@capstan/domain';

/**
 * How bars longer than a minute lie in time: `session` counts from the session's open and is what resampling makes; `clock` is a
 * vendor's full hours and quarters. The two are never mixed: they are series of their own.
 */
export const ALIGNMENTS = ['session', 'clock'] as const;
export type Alignment = (typeof ALIGNMENTS)[number];

/** What was done to the prices: nothing, splits, or splits and dividends. Only `raw` goes with corporate actions. */
export const ADJUSTMENTS = ['raw', 'split', 'total'] as const;
export type Adjustment = (typeof ADJUSTMENTS)[number];

/** What names a series of the lake. */
export interface SeriesKey {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** `session` unless told. */
  readonly alignment?: Alignment;
  /** `raw` unless told. */
  readonly adjustment?: Adjustment;
}

/** Returns the folder of a symbol, relative to the lake. */
export function symbolFolder(venue: string, symbol: string): string {
  return `${escapeName(venue)}/${escapeName(symbol)}`;
}

/** Returns the folder of a series, relative to the lake: `<venue>/<symbol>/<timeframe>[-clock][-split|-total]`. */
export function seriesFolder(key: SeriesKey): string {
  const { alignment = 'session', adjustment = 'raw' } = key;
  const clock = alignment === 'clock' ? '-clock' : '';
  const adjusted = adjustment === 'raw' ? '' : `-${adjustment}`;
  return `${symbolFolder(key.venue, key.symbol)}/${key.timeframe}${clock}${adjusted}`;
}

/** Names a series in a message: `XNAS AAPL 1h (clock, split)`. */
export function seriesText(key: SeriesKey): string {
  const marks = [
    ...(key.alignment === 'clock' ? ['clock'] : []),
    ...(key.adjustment === undefined || key.adjustment === 'raw' ? [] : [key.adjustment]),
  ];
  const tail = marks.length === 0 ? '' : ` (${marks.join(', ')})`;
  return `${key.venue} ${key.symbol} ${key.timeframe}${tail}`;
}

/** Reads a timeframe. @throws LAKE.KEY naming those that exist. */
export function timeframeOf(text: string): Timeframe {
  const found = TIMEFRAMES.find((timeframe) => timeframe === text);
  if (found !== undefined) return found;
  throw new AppError({
    code: 'LAKE.KEY',
    why: `'${text}' is not a timeframe.`,
    fix: `Use one of ${TIMEFRAMES.join(', ')}.`,
  });
}

/**
 * Writes a venue or symbol as the name of a folder: letters, digits, `-`, `_` and inner dots stay, every other byte becomes `%XX`,
 * so that no two names share a folder and none leaves the lake.
 * @throws LAKE.KEY for an empty name.
 */
export function escapeName(name: string): string {
  if (name === '') {
    throw new AppError({ code: 'LAKE.KEY', why: 'a venue or symbol is empty.', fix: 'Name it.' });
  }
  const bytes = new TextEncoder().encode(name);
  let escaped = '';
  for (const [at, byte] of bytes.entries()) {
    const letter = String.fromCharCode(byte);
    const plain = /[A-Za-z0-9_-]/.test(letter) || (letter === '.' && at > 0);
    escaped += plain ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

/** Returns the name that {@link escapeName} wrote, `undefined` where the text is none of its folders. */
export function unescapeName(folder: string): string | undefined {
  try {
    const name = decodeURIComponent(folder);
    return name !== '' && escapeName(name) === folder ? name : undefined;
  } catch {
    return undefined;
  }
}
