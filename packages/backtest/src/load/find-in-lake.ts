import type { Timeframe } from '@capstan/domain';
import { hasCode } from '@capstan/domain';
import { Lake, type LakeBars, type SeriesQuery } from '@capstan/lake';
import type { RunFile } from '../config/run-schema.ts';
import { rangeOf } from './date-range.ts';
import { askedSymbols } from './find-in-files.ts';
import { besideOnly, type FindBars, type FoundBars, wantedByStrategy } from './found-bars.ts';

/**
 * Reads the bars of a run from the lake, with the corporate actions that lie beside them.
 * @throws LAKE.NO_SERIES, LAKE.RANGE: what the lake has, and the command that brings in what it lacks.
 */
export async function findInLake(run: RunFile, wanted: FindBars): Promise<readonly FoundBars[]> {
  const lake = new Lake(run.lake);
  const found: FoundBars[] = [];
  const asked = askedSymbols(run) ?? [];
  for (const symbol of asked) found.push(await findOne(lake, run, symbol, wanted));
  for (const symbol of besideOnly(wanted.beside, asked)) {
    const [timeframe = wanted.timeframe, ...longer] = [...wanted.beside.timeframes].reverse();
    try {
      found.push(await findOne(lake, run, symbol, { ...wanted, timeframe, higher: longer }));
    } catch (error) {
      throw wantedByStrategy(symbol, error);
    }
  }
  return found;
}

async function findOne(
  lake: Lake,
  run: RunFile,
  symbol: string,
  wanted: FindBars,
): Promise<FoundBars> {
  const query: SeriesQuery = {
    symbol,
    timeframe: wanted.timeframe,
    ...(run.venue === undefined ? {} : { venue: run.venue }),
    ...(run.file.alignment === undefined ? {} : { alignment: run.file.alignment }),
    ...(run.file.adjustment === 'raw' ? {} : { adjustment: run.file.adjustment }),
  };
  const { instrument } = await lake.find(query);
  const range = { ...rangeOf(run, instrument.calendar), shared: wanted.shared };
  const { series, actions } = await lake.readWithActions(query, {
    ...range,
    before: wanted.before,
  });
  const fromUs = wanted.before === 0 ? range.fromUs : series.bars.startUs[0];
  const options = { ...range, ...(fromUs === undefined ? {} : { fromUs }) };
  const higher = new Map<Timeframe, LakeBars>();
  for (const timeframe of wanted.higher) {
    try {
      const longer = await lake.read({ ...query, timeframe, alignment: 'session' }, options);
      higher.set(timeframe, longer.bars);
    } catch (error) {
      if (wanted.timeframe !== '1m' || !hasCode(error, 'LAKE.NO_SERIES')) throw error;
    }
  }
  const { bars, description } = series;
  return { symbol, instrument, description, bars, higher, actions, notes: [] };
}
