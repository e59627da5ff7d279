import { AppError, TIMEFRAMES, type Timeframe } from '@capstan/domain';
import {
  graphReferences,
  graphTimeframes,
  resolveParameters,
  type Strategy,
} from '@capstan/strategy';
import { checkGrid, type GivenParameters, type Grid, gridOf } from '../config/grid.ts';
import { type RunConfig, type RunFileOptions, readRunFile } from '../config/read-run.ts';
import type { BarsBeside } from '../load/found-bars.ts';
import { loadData } from '../load/load-data.ts';
import type { RunData } from '../load/run-data.ts';
import { openStrategy } from '../strategy-file.ts';
import { historyOf } from './run-history.ts';

/** A run whose configuration, strategy and parameters are checked; its data are not yet read. */
export interface CheckedRun {
  readonly config: RunConfig;
  readonly strategy: Strategy;
  readonly grid: Grid;
  /** Parameters of the first combination that fits together. */
  readonly first: GivenParameters;
  /** Longer bars that the strategy reads. */
  readonly higher: readonly Timeframe[];
  /** Bars of other symbols that it reads. */
  readonly beside: BarsBeside;
}

/** A run that can start. */
export interface PreparedRun extends CheckedRun {
  readonly data: RunData;
}

/** Combinations that are looked through for one whose parameters fit together. */
const SEARCHED_MAX = 100_000;

/**
 * Reads a configuration and checks all that can be checked without data.
 * @throws RUN.FILE, RUN.SYNTAX, RUN.INVALID, STRATEGY.UNKNOWN, STRATEGY.PARAMETER_UNKNOWN and so on, RUN.STRATEGY_FILE,
 * RUN.COMBINATIONS.
 */
export async function checkConfig(options: RunFileOptions): Promise<CheckedRun> {
  const config = readRunFile(options);
  const strategy = await strategyOf(config);
  const grid = gridOf(config.run.params);
  checkGrid(grid, strategy, config);
  const first = firstFitting(grid, strategy);
  return { config, strategy, grid, first, ...barsRead(strategy, grid, first, config) };
}

/** Reads the data of a checked run. @param shared whether worker threads are to see the bars. */
export async function prepareRun(checked: CheckedRun, shared: boolean): Promise<PreparedRun> {
  const { config, strategy, higher, beside } = checked;
  const history = historyOf(config.run, strategy, checked);
  return { ...checked, data: await loadData(config.run, { higher, beside, shared, history }) };
}

async function strategyOf(config: RunConfig): Promise<Strategy> {
  try {
    return await openStrategy(config.run.strategy);
  } catch (error) {
    const place = config.locate(['strategy']);
    if (!(error instanceof AppError) || place === undefined) throw error;
    throw new AppError({
      code: error.code,
      why: `${place}: ${error.why}`,
      ...(error.fix === undefined ? {} : { fix: error.fix }),
      cause: error,
    });
  }
}

function firstFitting(grid: Grid, strategy: Strategy): GivenParameters {
  let why = '';
  for (let index = 0; index < Math.min(grid.count, SEARCHED_MAX); index += 1) {
    const params = grid.at(index);
    try {
      resolveParameters(strategy, params);
      return params;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (!grid.isSweep) throw error;
      why = error.why;
    }
  }
  throw new AppError({
    code: 'RUN.COMBINATIONS',
    why: `no combination of the sweep can run: ${why}`,
    fix: 'Change the ranges so that the parameters fit together.',
  });
}

/** Returns what any combination reads beside the bars that it decides on. */
function barsRead(
  strategy: Strategy,
  grid: Grid,
  first: GivenParameters,
  { run }: RunConfig,
): Pick<CheckedRun, 'higher' | 'beside'> {
  const found = new Set<Timeframe>();
  const symbols = new Set<string>();
  const ofOthers = new Set<Timeframe>();
  const look = (params: GivenParameters) => {
    const graph = strategy.indicators(resolveParameters(strategy, params));
    for (const timeframe of graphTimeframes(graph, run.timeframe)) found.add(timeframe);
    for (const [symbol, timeframes] of graphReferences(graph, run.timeframe)) {
      symbols.add(symbol);
      for (const timeframe of timeframes) ofOthers.add(timeframe);
    }
  };
  look(first);
  for (const { name, length, at } of grid.axes) {
    for (let place = 0; place < length && typeof at(place) === 'string'; place += 1) {
      try {
        look({ ...first, [name]: at(place) });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
      }
    }
  }
  found.delete(run.timeframe);
  const timeframes = TIMEFRAMES.filter((timeframe) => ofOthers.has(timeframe)).reverse();
  return { higher: [...found], beside: { symbols: [...symbols].sort(), timeframes } };
}
