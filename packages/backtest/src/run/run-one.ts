import {
  type DailyCloses,
  indexSessions,
  type RoundTrips,
  type RunSummary,
  roundTrips,
  type SessionIndex,
  summarise,
} from '@capstan/analytics';
import type { Calendar } from '@capstan/calendar';
import {
  type BacktestResult,
  type BacktestSpec,
  inOnePiece,
  type RunSteps,
  runSteps,
} from '@capstan/engine';
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

/** What of a result is measured. */
export type MeasuredResult = Pick<
  BacktestResult,
  'symbols' | 'timelineUs' | 'equityMicros' | 'grossMicros' | 'fills' | 'cashEvents'
>;

/** Runs combinations over the same data, keeping the columns of indicators between them. */
export class Runner {
  readonly #inputs: RunInputs;
  readonly #market: Market;
  readonly #columns: Map<string, Map<string, Float64Array>>;
  /** The sessions of the timeline that was measured last: combinations over one symbol share it. */
  #sessions: { readonly timelineUs: Float64Array; readonly index: SessionIndex } | undefined;

  constructor(inputs: RunInputs, columns = new Map<string, Map<string, Float64Array>>()) {
    this.#inputs = inputs;
    this.#market = marketOf(inputs.symbols.map(({ instrument }) => instrument));
    this.#columns = columns;
  }

  /** Runs one combination. @throws what a strategy's parameters and decisions, sizing and limits lead to. */
  run(params: GivenParameters): RunOutcome {
    return inOnePiece(this.steps(params));
  }

  /** As {@link run}, in pieces: whoever runs it can look up. */
  *steps(params: GivenParameters): RunSteps<RunOutcome> {
    const spec = this.specOf(params);
    const series = this.#inputs.symbols.map((one) => one.series);
    const options = { wantGross: true, columnCache: this.#columns };
    const result = yield* runSteps(spec, series, options);
    return { params, spec, result, ...this.measure(spec, result) };
  }

  /** Returns the engine's specification of a combination. @throws NUMBER.FORMAT, RUN.INVALID */
  specOf(params: GivenParameters): BacktestSpec {
    const { run, strategy } = this.#inputs;
    return specOf({ run, strategy, params, market: this.#market });
  }

  /** Works out the trades and all metrics of a result. */
  measure(
    spec: BacktestSpec,
    result: MeasuredResult,
  ): { readonly trips: RoundTrips; readonly summary: RunSummary } {
    const { run, symbols, benchmark } = this.#inputs;
    const trips = tripsOf(result, symbols, spec);
    const calendar = spec.calendarOf(symbols[0]?.instrument.calendar ?? DEFAULT_CALENDAR);
    const summary = summarise({
      initialMicros: spec.cashMicros,
      endUs: result.timelineUs,
      equityMicros: result.equityMicros,
      calendar,
      sessions: this.#sessionsOf(result.timelineUs, calendar),
      riskFreeAnnual: run.metrics.riskFreeAnnual,
      trips,
      ...(result.grossMicros === undefined ? {} : { grossMicros: result.grossMicros }),
      ...(benchmark === undefined ? {} : { benchmark }),
    });
    return { trips, summary };
  }

  #sessionsOf(timelineUs: Float64Array, calendar: Calendar): SessionIndex {
    if (this.#sessions?.timelineUs !== timelineUs) {
      this.#sessions = { timelineUs, index: indexSessions(timelineUs, calendar) };
    }
    return this.#sessions.index;
  }
}

function tripsOf(
  result: MeasuredResult,
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
