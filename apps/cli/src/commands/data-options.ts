import {
  ADJUSTMENTS,
  type Adjustment,
  ALIGNMENTS,
  type Alignment,
  type AnomalyRules,
  Lake,
  parseAnomalyRule,
  type SeriesManifest,
  timeframeOf,
} from '@capstan/lake';
import { readEnvironment } from '@capstan/runtime';
import { InvalidArgumentError, Option } from 'commander';

/** What most commands about the lake are asked. */
export interface LakeOptions {
  readonly lake?: string;
  readonly venue?: string;
  readonly timeframe?: ReturnType<typeof timeframeOf>;
  readonly adjustment?: Adjustment;
  readonly alignment?: Alignment;
  readonly json?: boolean;
}

const US_PER_MS = 1_000;

/** The option that says which lake a command is about. */
export function lakeOption(): Option {
  return new Option('--lake <dir>', 'the folder of the lake (default: CAPSTAN_LAKE, else ./data)');
}

/** Opens the lake that the options or the environment name. */
export function openLake(options: LakeOptions): Lake {
  return new Lake(options.lake ?? readEnvironment().CAPSTAN_LAKE ?? 'data');
}

export function venueOption(): Option {
  return new Option('--venue <name>', 'the venue, such as XNAS');
}

export function timeframeOption(): Option {
  return new Option('--timeframe <span>', '1m, 5m, 15m, 30m, 1h or 1d').argParser(timeframeOf);
}

export function adjustmentOption(): Option {
  return new Option('--adjustment <kind>', 'what was done to the prices').choices(ADJUSTMENTS);
}

export function alignmentOption(): Option {
  return new Option('--alignment <kind>', 'where bars are anchored').choices(ALIGNMENTS);
}

/** Collects rules such as `ohlc=drop`. @throws LAKE.RULE */
export function anomalyOption(): Option {
  return new Option(
    '--on-anomaly <rule>',
    'what to do with odd rows: kind=refuse|drop|keep, once for each kind',
  ).argParser((text: string, before: AnomalyRules | undefined): AnomalyRules => {
    return { ...before, ...parseAnomalyRule(text) };
  });
}

/** Reads a date or a time in UTC into microseconds. */
export function timeArgument(text: string): number {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const ms = isDate || isTime ? Date.parse(isDate ? `${text}T00:00:00Z` : text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new InvalidArgumentError(
      'It must be a date such as 2024-01-31 or a time such as 2024-01-31T14:30:00Z.',
    );
  }
  return ms * US_PER_MS;
}

/** Tells whether a series is one that the options ask for. */
export function isWanted(
  series: SeriesManifest,
  symbol: string | undefined,
  options: LakeOptions,
): boolean {
  const is = (wanted: string | undefined, found: string): boolean =>
    wanted === undefined || wanted === found;
  return (
    is(symbol, series.symbol) &&
    is(options.venue, series.venue) &&
    is(options.timeframe, series.timeframe) &&
    is(options.adjustment, series.adjustment) &&
    is(options.alignment, series.alignment)
  );
}
