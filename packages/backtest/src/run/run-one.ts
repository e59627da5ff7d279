import {
  type DailyCloses,
  type RoundTrips,
  type RunSummary,
  roundTrips,
  summarise,
} from '@capstan/analytics';
import { type BacktestResult, type BacktestSpec, run as runEngine } from '@capstan/engine';
import type { Strategy } from '@capstan/strategy';
import type { GivenParameters } from '../config/grid.ts';
import type { RunFile } from '../config/run-schema.ts';
import { type Market, marketOf, type SymbolData } from '../load/run-data.ts';
import { positionEvents } from './position-events.ts';
import { specOf } from './spec-of.ts';

const DEFAULT_CALENDAR = 'XNYS';

/** What a combination is run with: all plain data but the strategy. */
export interface RunInputs {
  readonly run: RunFile;
  readonly strategy: Strategy;
  readonly symbols: readonly Pick<SymbolData, 'series' | 'instrument'>[];
  readonly benchmark: DailyCloses | undefined;
}

/** One combination, run and measured. */
export interface RunOutcome {
  readonly params: GivenParameters;
  readonly spec: BacktestSpec;
  readonly result: BacktestResult;
  readonly trips: RoundTrips;
  readonly summary: RunSummary;
}

/** Runs combinations over the same data, keeping the columns of indicators between them. */
export class Runner {
  readonly #inputs: RunInputs;
  readonly #market: Market;
  readonly #columns: Map<string, Map<string, Float64Array>>;

  constructor(inputs: RunInputs, columns = new Map<string, Map<string, Float64Array>>()) {
    this.#inputs = inputs;
    this.#market = marketOf(inputs.symbols.map(({ instrument }) => instrument));
    this.#columns = columns;
  }

  /** Runs one combination. @throws what a strategy's parameters and decisions, sizing and limits lead to. */
  run(params: GivenParameters): RunOutcome {
    const { run, strategy, symbols, benchmark } = this.#inputs;
    const spec = specOf({ run, strategy, params, market: this.#market });
    const series = symbols.map((one) => one.series);
    const result = runEngine(spec, series, { wantGross: true, columnCache: this.#columns });
    const trips = tripsOf(result, symbols, spec);
    const calendarName = symbols[0]?.instrument.calendar ?? DEFAULT_CALENDAR;
    const summary = summarise({
      initialMicros: spec.cashMicros,
      endUs: result.timelineUs,
      equityMicros: result.equityMicros,
      calendar: spec.calendarOf(calendarName),
      riskFreeAnnual: run.metrics.riskFreeAnnual,
      trips,
      ...(result.grossMicros === undefined ? {} : { grossMicros: result.grossMicros }),
      ...(benchmark === undefined ? {} : { benchmark }),
    });
    return { params, spec, result, trips, summary };
  }
}

function tripsOf(
  result: BacktestResult,
  symbols: RunInputs['symbols'],
  spec: BacktestSpec,
): RoundTrips {
  const bySymbol = new Map(symbols.map((one) => [one.series.symbol, one]));
  return roundTrips({
    fills: result.fills,
    symbols: result.symbols.map((symbol) => {
      const { instrument, series } = bySymbol.get(symbol) as RunInputs['symbols'][number];
      return { instrument, bars: series.bars };
    }),
    events: positionEvents(result, symbols, spec),
  });
}
