import { AppError } from '@capstan/domain';
import { type ParameterValue, resolveParameters, type Strategy } from '@capstan/strategy';
import { COMBINATIONS_MAX } from '../limits.ts';
import type { RunConfig } from './read-run.ts';
import type { RangeOrList } from './run-schema.ts';

/** One swept parameter: as many values as it has, without a list of them. */
export interface Axis {
  readonly name: string;
  readonly length: number;
  /** Returns a value by its place, from 0. */
  at(place: number): ParameterValue;
}

/** Given parameters of one run. */
export type GivenParameters = Readonly<Record<string, ParameterValue>>;

/**
 * All combinations of the swept parameters, by number and never as a list: the last axis turns fastest, so that neighbours share
 * the indicators of the first ones.
 */
export class Grid {
  /** Sorted as the configuration gives them; none for a single run. */
  readonly axes: readonly Axis[];
  readonly count: number;
  readonly #fixed: GivenParameters;

  constructor(fixed: GivenParameters, axes: readonly Axis[]) {
    this.#fixed = fixed;
    this.axes = axes;
    this.count = axes.reduce((count, { length }) => count * length, 1);
    if (this.count <= COMBINATIONS_MAX) return;
    throw new AppError({
      code: 'RUN.COMBINATIONS',
      why: `the sweep has ${axes.map(({ name, length }) => `${length} values of ${name}`).join(' × ')}: ${this.count.toExponential(2)} combinations.`,
      fix: 'Make the ranges coarser.',
    });
  }

  get isSweep(): boolean {
    return this.axes.length > 0;
  }

  /** Returns the parameters of a combination, from 0. */
  at(index: number): GivenParameters {
    const swept = this.placesOf(index).map((place, axis) => {
      const { name, at } = this.axes[axis] as Axis;
      return [name, at(place)] as const;
    });
    return { ...this.#fixed, ...Object.fromEntries(swept) };
  }

  /** Returns the place on each axis. */
  placesOf(index: number): readonly number[] {
    const places = new Array<number>(this.axes.length).fill(0);
    let rest = index;
    for (let axis = this.axes.length - 1; axis >= 0; axis -= 1) {
      const { length } = this.axes[axis] as Axis;
      places[axis] = rest % length;
      rest = Math.floor(rest / length);
    }
    return places;
  }
}

/** Makes the grid of a run's parameters. @throws RUN.COMBINATIONS */
export function gridOf(params: Readonly<Record<string, RangeOrList>>): Grid {
  const fixed: Record<string, ParameterValue> = {};
  const axes: Axis[] = [];
  for (const [name, given] of Object.entries(params)) {
    if (typeof given !== 'object') fixed[name] = given;
    else axes.push(Array.isArray(given) ? listAxis(name, given) : rangeAxis(name, given));
  }
  return new Grid(fixed, axes);
}

function listAxis(name: string, values: readonly ParameterValue[]): Axis {
  const distinct = [...new Set(values)];
  return { name, length: distinct.length, at: (place) => distinct[place] ?? 0 };
}

/** Added a step at a time, 0.1 would drift; each value is counted from the start, to the decimals that were given. */
function rangeAxis(
  name: string,
  range: { readonly from: number; readonly to: number; readonly step: number },
): Axis {
  const { from, to, step } = range;
  const slack = 1e-9;
  const length = to < from ? 0 : Math.floor((to - from) / step + slack) + 1;
  if (length === 0) {
    throw new AppError({
      code: 'RUN.COMBINATIONS',
      why: `params.${name} goes from ${from} to ${to}, which has no value.`,
      fix: 'Give a range that rises.',
    });
  }
  const decimals = Math.max(decimalsOf(from), decimalsOf(step));
  return { name, length, at: (place) => Number((from + place * step).toFixed(decimals)) };
}

function decimalsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const digits = mantissa.split('.')[1]?.length ?? 0;
  return Math.min(20, Math.max(0, digits - Number(exponent)));
}

/**
 * Checks each value of each axis and each fixed parameter against the strategy: names, types and bounds, not how they fit together.
 * @throws STRATEGY.PARAMETER_UNKNOWN, STRATEGY.PARAMETER_TYPE, STRATEGY.PARAMETER_RANGE with the place in the file.
 */
export function checkGrid(grid: Grid, strategy: Strategy, config: RunConfig): void {
  for (const { name, length, at } of grid.axes) {
    const isRange = !Array.isArray(config.run.params[name]);
    // Of a range its ends, and its second value for the step.
    const places = isRange ? [0, 1, length - 1] : Array.from({ length }, (_, place) => place);
    for (const place of places.filter((one) => one < length))
      checkOne(strategy, { [name]: at(place) }, config, name);
  }
  const fixed = Object.entries(config.run.params).filter(([, given]) => typeof given !== 'object');
  for (const [name, value] of fixed) checkOne(strategy, { [name]: value }, config, name);
}

function checkOne(
  strategy: Strategy,
  given: Readonly<Record<string, unknown>>,
  config: RunConfig,
  name: string,
): void {
  try {
    resolveParameters(strategy, given);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'STRATEGY.PARAMETER_RELATION') {
      if (error instanceof AppError) return;
      throw error;
    }
    const place = config.locate(['params', name]);
    const why = `${place === undefined ? '' : `${place}: `}${error.why}`;
    throw new AppError({
      code: error.code,
      why,
      ...(error.fix === undefined ? {} : { fix: error.fix }),
      cause: error,
    });
  }
}
