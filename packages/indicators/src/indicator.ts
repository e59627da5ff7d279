import { AppError, assert } from '@capstan/domain';
import type { BarColumns } from './bar-columns.ts';
import { INDICATOR_PARAMETER } from './error-codes.ts';
import type { BarKernel, ValueKernel } from './kernel.ts';
import { MULTIPLE_MAX, PERIOD_MAX } from './limits.ts';

/** A parameter of an indicator: a number within bounds, both included. */
export interface IndicatorParameter {
  readonly type: 'integer' | 'number';
  readonly description: string;
  readonly min: number;
  readonly max: number;
}

/** The usual parameter: the length of a window, in inputs. */
export const PERIOD: IndicatorParameter = {
  type: 'integer',
  description: 'Length of the window, in inputs.',
  min: 1,
  max: PERIOD_MAX,
};

/** How far a band lies from its middle, as a multiple of the indicator's measure of spread. */
export const MULTIPLE: IndicatorParameter = {
  type: 'number',
  description: 'Distance of the band from its middle, in multiples of the spread.',
  min: 0,
  max: MULTIPLE_MAX,
};

/** Values for the parameters of an indicator. */
export type IndicatorParameters = Readonly<Record<string, number>>;

interface IndicatorText {
  /** Kebab case, unique in a registry. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

/** An indicator over numbers. */
export interface ValueIndicator<Name extends string = string> extends IndicatorText {
  readonly input: 'value';
  readonly parameters: Readonly<Record<Name, IndicatorParameter>>;
  create(parameters: Readonly<Record<Name, number>>): ValueKernel;
  /**
   * A still quicker way to fill a column of whole numbers; tried before `fill`.
   * @param input whole numbers. @param output of the input's length. @param magnitude the largest in the input, without its sign.
   * @returns false where it cannot; the output then holds nothing of use.
   */
  fillWhole?(
    parameters: Readonly<Record<Name, number>>,
    input: Float64Array,
    output: Float64Array,
    magnitude: number,
  ): boolean;
  /**
   * A quicker way to fill a column, where the indicator has one: the bits of a new kernel, row by row.
   * @param input finite numbers only.
   * @param output of the input's length.
   * @returns false where it cannot; the output then holds nothing of use.
   */
  fill?(
    parameters: Readonly<Record<Name, number>>,
    input: Float64Array,
    output: Float64Array,
  ): boolean;
}

/** An indicator over whole bars. */
export interface BarIndicator<Name extends string = string> extends IndicatorText {
  readonly input: 'bar';
  /** True where its bars must say in which session they lie. */
  readonly needsSession: boolean;
  readonly parameters: Readonly<Record<Name, IndicatorParameter>>;
  create(parameters: Readonly<Record<Name, number>>): BarKernel;
  /** As {@link ValueIndicator.fill}, over the columns of bars. */
  fill?(
    parameters: Readonly<Record<Name, number>>,
    bars: BarColumns,
    output: Float64Array,
  ): boolean;
}

export type Indicator = ValueIndicator | BarIndicator;

/** Names an indicator over numbers. @throws InvariantError when the name is not kebab case. */
export function defineValueIndicator<Name extends string>(
  definition: Omit<ValueIndicator<Name>, 'input'>,
): ValueIndicator<Name> {
  checkName(definition.name);
  return { ...definition, input: 'value' };
}

/** Names an indicator over bars. @throws InvariantError when the name is not kebab case. */
export function defineBarIndicator<Name extends string>(
  definition: Omit<BarIndicator<Name>, 'input'>,
): BarIndicator<Name> {
  checkName(definition.name);
  return { ...definition, input: 'bar' };
}

function checkName(name: string): void {
  assert(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name), `indicator name '${name}' is not kebab case`);
}

/** Checks values against the parameters of an indicator. @throws INDICATOR.PARAMETER naming the bounds. */
export function checkParameters(indicator: Indicator, given: IndicatorParameters): void {
  const refuse = (name: string, rule: string): never => {
    throw new AppError({
      code: INDICATOR_PARAMETER,
      why: `indicator ${indicator.name}: parameter '${name}' ${rule}.`,
    });
  };
  for (const name of Object.keys(given).sort()) {
    if (!Object.hasOwn(indicator.parameters, name)) refuse(name, 'is not one of its parameters');
  }
  for (const [name, { type, min, max }] of Object.entries(indicator.parameters)) {
    const value = given[name];
    if (value === undefined) refuse(name, 'is missing');
    else if (!(value >= min && value <= max) || (type === 'integer' && !Number.isInteger(value))) {
      const kind = type === 'integer' ? 'whole number' : 'number';
      refuse(name, `must be a ${kind} from ${min} to ${max}, not ${value}`);
    }
  }
}
