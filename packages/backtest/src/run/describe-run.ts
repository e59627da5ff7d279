import { planRun, type RunPlan } from '@capstan/engine';
import { type ReportSetting, settingsOf } from '@capstan/reports';
import { barCount, marketOf, seriesOf } from '../load/run-data.ts';
import { CombinationRunner, type SweepPlan } from '../sweep/combination-runner.ts';
import { estimateSweep } from '../sweep/estimate-sweep.ts';
import type { PreparedRun } from './prepare.ts';
import { specOf } from './spec-of.ts';

/** What would run, on what, and for how long. */
export interface RunDescription {
  readonly combinations: number;
  readonly axes: readonly { readonly name: string; readonly length: number }[];
  readonly symbols: readonly {
    readonly symbol: string;
    readonly bars: number;
    /** Microseconds: start of the first bar, end of the last. */
    readonly firstUs: number;
    readonly lastUs: number;
    readonly actions: number;
    readonly calendar: string;
  }[];
  readonly bars: number;
  readonly dataFingerprint: string;
  /** How orders are sized, filled, charged and limited, in the words of the report. */
  readonly settings: readonly ReportSetting[];
  /** What computes a run of the first combination, and why. */
  readonly plan: RunPlan;
  /** What computes the combinations of a sweep, and why; absent where it is none. */
  readonly sweep?: SweepPlan;
  readonly secondsEach: number;
  readonly seconds: number;
  readonly threads: number;
}

/** Says what a run would do, after trying a few of its combinations. */
export function describeRun(prepared: PreparedRun, threads: number): RunDescription {
  const { config, strategy, data, grid, first } = prepared;
  const market = marketOf(data.symbols.map(({ instrument }) => instrument));
  const spec = specOf({ run: config.run, strategy, params: first, market });
  const { secondsEach, seconds } = estimateSweep(prepared, grid.isSweep ? threads : 1);
  return {
    combinations: grid.count,
    axes: grid.axes.map(({ name, length }) => ({ name, length })),
    symbols: data.symbols.map(({ series, instrument }) => ({
      symbol: instrument.symbol,
      bars: series.bars.endUs.length,
      firstUs: series.bars.startUs[0] ?? Number.NaN,
      lastUs: series.bars.endUs.at(-1) ?? Number.NaN,
      actions: series.actions?.length ?? 0,
      calendar: instrument.calendar,
    })),
    bars: barCount(data),
    dataFingerprint: data.fingerprint,
    settings: settingsOf(spec, data.symbols[0]?.instrument.quantityScale ?? 0),
    plan: planRun(spec, seriesOf(data)),
    ...(grid.isSweep ? { sweep: sweepPlan(prepared) } : {}),
    secondsEach,
    seconds,
    threads: grid.isSweep ? threads : 1,
  };
}

function sweepPlan({ config, strategy, data, first }: PreparedRun): SweepPlan {
  return new CombinationRunner({ run: config.run, strategy, ...data }).plan(first);
}
