import { type Neighbourhoods, neighbourhoods, placesOf } from '../src/neighbourhood.ts';
import { unpackColumn } from '../src/packed-column.ts';
import type { SweepAxis, SweepData, SweepMetric } from '../src/sweep-report.ts';
import { number, percent } from './text.ts';

/** One metric of all combinations listed. */
export interface MetricColumn extends Omit<SweepMetric, 'column'> {
  readonly values: Float64Array;
  readonly text: (value: number) => string;
  readonly near: Neighbourhoods;
}

/** A sweep, unpacked; rows are combinations that were run. */
export interface Sweep {
  readonly axes: readonly SweepAxis[];
  readonly count: number;
  readonly combination: Float64Array;
  /** Place of a row on an axis. */
  readonly place: (row: number, axis: number) => number;
  readonly metrics: readonly MetricColumn[];
}

/** Unpacks a sweep and compares each combination with its neighbours, by each metric when it is asked for. */
export function sweepModel(data: SweepData): Sweep {
  const combination = unpackColumn(data.combination);
  const lengths = data.axes.map(({ values }) => values.length);
  const shape = {
    lengths,
    ordered: data.axes.map(({ values }) => values.every((value) => typeof value === 'number')),
  };
  const places = Array.from(combination, (index) => placesOf(lengths, index));
  return {
    axes: data.axes,
    count: combination.length,
    combination,
    place: (row, axis) => places[row]?.[axis] ?? 0,
    metrics: data.metrics.map(({ column, ...metric }) => {
      const values = unpackColumn(column);
      let near: Neighbourhoods | undefined;
      return {
        ...metric,
        values,
        text: textOf(metric.unit),
        get near() {
          near ??= neighbourhoods({
            shape,
            combinations: combination,
            values,
            isLowerBetter: metric.better === 'lower',
            diagonalAxesMax: data.diagonalAxesMax,
          });
          return near;
        },
      };
    }),
  };
}

function textOf(unit: SweepMetric['unit']): (value: number) => string {
  switch (unit) {
    case 'fraction':
      return (value) => percent(value);
    case 'ratio':
    case 'micros':
      return (value) => number(value, 2);
    case 'sessions':
    case 'count':
      return (value) => number(value, Number.isInteger(value) ? 0 : 1);
    case 'bars':
      return (value) => number(value, 1);
  }
}
