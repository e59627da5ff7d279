import { AppError } from '@capstan/domain';
import { runWarmup } from '@capstan/engine';
import { historyBars, type Strategy } from '@capstan/strategy';
import type { GivenParameters, Grid } from '../config/grid.ts';
import type { RunFile } from '../config/run-schema.ts';
import { warmingRules } from './spec-of.ts';

/** Bars before `start` that warm a run up. */
export interface HistoryWanted {
  /** As many are read, where the data has them. */
  readonly bars: number;
  /** Fewer than these leave something without a value at the first bar. */
  readonly needed: number;
}

export const NO_HISTORY: HistoryWanted = { bars: 0, needed: 0 };

/** Combinations that are all asked for what they need; of more, the ends of each axis are. */
const ASKED_MAX = 2_000;

/** Returns the bars before `start` that a run wants: those of the combination that needs the most. */
export function historyOf(
  run: RunFile,
  strategy: Strategy,
  { grid, first }: { readonly grid: Grid; readonly first: GivenParameters },
): HistoryWanted {
  if (run.start === undefined || run.warmup === 0) return NO_HISTORY;
  const rules = warmingRules(run);
  let warmup = 1;
  for (const params of combinationsToAsk(grid, first)) {
    try {
      warmup = Math.max(
        warmup,
        runWarmup({ strategy, params, timeframe: run.timeframe, ...rules }),
      );
    } catch (error) {
      // Parameters that do not fit together are left out of the sweep, too.
      if (!(error instanceof AppError)) throw error;
    }
  }
  return { bars: run.warmup === 'auto' ? historyBars(warmup) : run.warmup, needed: warmup - 1 };
}

function* combinationsToAsk(grid: Grid, first: GivenParameters): Generator<GivenParameters> {
  yield first;
  if (grid.count <= ASKED_MAX) {
    for (let index = 0; index < grid.count; index += 1) yield grid.at(index);
    return;
  }
  const last = Object.fromEntries(grid.axes.map(({ name, length, at }) => [name, at(length - 1)]));
  yield { ...first, ...last };
  for (const { name, length, at } of grid.axes) {
    yield { ...first, [name]: at(0) };
    yield { ...first, [name]: at(length - 1) };
    yield { ...first, ...last, [name]: at(0) };
  }
}
