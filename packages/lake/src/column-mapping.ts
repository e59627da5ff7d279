import { AppError } from '@capstan/domain';

/** The fields of a bar that a column can hold. */
export const BAR_FIELDS = ['symbol', 'time', 'open', 'high', 'low', 'close', 'volume'] as const;
export type BarField = (typeof BAR_FIELDS)[number];

export const TIME_FORMATS = ['us', 'ms', 's', 'iso'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

/** How the columns of a file become bars. What is left out is recognised from the header. */
export interface ColumnMapping {
  /** Column name by field. */
  readonly columns?: Readonly<Partial<Record<BarField, string>>>;
  /** The symbol of every row, for files without a symbol column. */
  readonly symbol?: string;
  /** How the time column is written; `iso` is ISO 8601. */
  readonly timeFormat?: TimeFormat;
  /** The IANA zone of texts that name none, and of the dates that daily stamps mean. */
  readonly timeZone?: string;
  /** Whether the time is the bar's start (the default) or its end. */
  readonly stamp?: 'start' | 'end';
}

/** A mapping with every question answered. */
export interface ResolvedMapping {
  /** Index of the column by field; `symbol` is absent where the mapping names it for every row. */
  readonly index: Readonly<Record<Exclude<BarField, 'symbol'>, number>> & {
    readonly symbol?: number;
    /** The column of the end of each bar in UTC microseconds, which the lake's own exports have. */
    readonly endUs?: number;
  };
  readonly symbol?: string;
  readonly timeFormat: TimeFormat;
  readonly timeZone?: string;
  readonly stamp: 'start' | 'end';
}

const KNOWN_NAMES: Readonly<Record<BarField, readonly string[]>> = {
  symbol: ['symbol', 'ticker', 'sym'],
  time: ['ts_utc_us', 'ts_utc_ms', 'time', 'timestamp', 'datetime', 'date', 'ts', 't'],
  open: ['open', 'o'],
  high: ['high', 'h'],
  low: ['low', 'l'],
  close: ['close', 'c', 'last'],
  volume: ['volume', 'vol', 'v'],
};

/** Names of a column that holds the end of each bar in UTC microseconds. */
const END_NAMES = ['end_utc_us', 'end_us'];

/**
 * Finds the column of each field in a header.
 * @throws LAKE.COLUMN naming the field, the header found and the key that maps it.
 */
export function resolveMapping(
  path: string,
  header: readonly string[],
  mapping: ColumnMapping,
): ResolvedMapping {
  const names = header.map((name) => name.trim().toLowerCase());
  const find = (field: BarField): number => {
    const wanted = mapping.columns?.[field];
    const candidates = wanted === undefined ? KNOWN_NAMES[field] : [wanted.toLowerCase()];
    for (const candidate of candidates) {
      const at = names.indexOf(candidate);
      if (at >= 0) return at;
    }
    return -1;
  };
  const must = (field: BarField): number => {
    const at = find(field);
    if (at >= 0) return at;
    throw new AppError({
      code: 'LAKE.COLUMN',
      why: `${path}, line 1: no column for '${field}' among ${header.join(', ')}.`,
      fix: `Name it with columns.${field} in the configuration, or --column ${field}=<name>.`,
    });
  };
  const time = must('time');
  const symbolAt = find('symbol');
  const endAt = names.findIndex((name) => END_NAMES.includes(name));
  if (symbolAt < 0 && mapping.symbol === undefined) must('symbol');
  return {
    index: {
      time,
      open: must('open'),
      high: must('high'),
      low: must('low'),
      close: must('close'),
      volume: must('volume'),
      ...(mapping.symbol === undefined ? { symbol: symbolAt } : {}),
      ...(endAt >= 0 ? { endUs: endAt } : {}),
    },
    ...(mapping.symbol === undefined ? {} : { symbol: mapping.symbol }),
    timeFormat: mapping.timeFormat ?? formatByName(names[time] ?? ''),
    ...(mapping.timeZone === undefined ? {} : { timeZone: mapping.timeZone }),
    stamp: mapping.stamp ?? 'start',
  };
}

function formatByName(name: string): TimeFormat {
  if (name.endsWith('_us')) return 'us';
  if (name.endsWith('_ms')) return 'ms';
  return name === 'ts' || name === 't' || name.endsWith('_s') ? 's' : 'iso';
}
