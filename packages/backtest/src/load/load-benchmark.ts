import type { DailyCloses } from '@capstan/analytics';
import { isPath } from '../config/is-path.ts';
import type { RunFile } from '../config/run-schema.ts';
import { findBars } from './find-bars.ts';
import { NOTHING_BESIDE } from './found-bars.ts';
import { holdBenchmark } from './hold-benchmark.ts';
import { instrumentOf } from './instrument-of.ts';
import { type Market, marketOf, type SymbolData } from './run-data.ts';

/** Returns the benchmark of a run, `undefined` where it wants none. @throws what reading its bars throws. */
export async function loadBenchmark(
  run: RunFile,
  symbols: readonly SymbolData[],
  market: Market,
): Promise<DailyCloses | undefined> {
  const { benchmark } = run;
  if (benchmark === 'none') return undefined;
  if (benchmark === 'hold') {
    const names = symbols.map(({ instrument }) => instrument.symbol);
    const name = names.length > 3 ? `Hold ${names.length} symbols` : `Hold ${names.join(', ')}`;
    return holdBenchmark(
      name,
      symbols.map(({ series, instrument }) => ({
        series,
        calendar: market.calendarOf(instrument.calendar),
      })),
    );
  }
  const own = symbols.find(({ instrument }) => instrument.symbol === benchmark);
  if (own !== undefined) {
    return holdBenchmark(benchmark, [
      { series: own.series, calendar: market.calendarOf(own.instrument.calendar) },
    ]);
  }
  return isPath(benchmark) ? fileBenchmark(run, benchmark) : otherBenchmark(run, benchmark);
}

async function fileBenchmark(run: RunFile, path: string): Promise<DailyCloses> {
  const { readBarsFromFile } = await import('@capstan/lake');
  const { series } = await readBarsFromFile({
    path,
    timeframe: '1d',
    instrumentOf: (symbol) => instrumentOf(run, symbol),
  });
  return holdBenchmark(
    series.map(({ symbol }) => symbol).join(', '),
    series.map(({ symbol, bars, instrument }) => ({
      series: { symbol, bars },
      calendar: marketOf([]).calendarOf(instrument.calendar),
    })),
  );
}

async function otherBenchmark(run: RunFile, symbol: string): Promise<DailyCloses> {
  const { symbol: _, symbols: __, start: ___, end: ____, ...rest } = run;
  const found = await findBars(
    { ...rest, symbol },
    {
      timeframe: run.provider === 'lake' ? '1d' : run.timeframe,
      higher: [],
      beside: NOTHING_BESIDE,
      before: 0,
      shared: false,
    },
  );
  return holdBenchmark(
    symbol,
    found.map(({ bars, actions, instrument }) => ({
      series: { symbol, bars, actions },
      calendar: marketOf([]).calendarOf(instrument.calendar),
    })),
  );
}
