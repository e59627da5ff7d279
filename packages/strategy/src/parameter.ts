/** A value of a parameter. */
export type ParameterValue = number | string | boolean;

/** A whole number within bounds, both included. */
export interface IntegerParameter {
  readonly type: 'integer';
  readonly min: number;
  readonly max: number;
  readonly default: number;
  readonly description: string;
}

/** A number within bounds, both included. */
export interface NumberParameter {
  readonly type: 'number';
  readonly min: number;
  readonly max: number;
  readonly default: number;
  readonly description: string;
}

/** A switch. */
export interface BooleanParameter {
  readonly type: 'boolean';
  readonly default: boolean;
  readonly description: string;
}

/** One of a few words. */
export interface ChoiceParameter {
  readonly type: 'choice';
  readonly choices: readonly string[];
  readonly default: string;
  readonly description: string;
}

/** The symbol of an instrument, such as the one whose bars a filter reads. */
export interface SymbolParameter {
  readonly type: 'symbol';
  readonly default: string;
  readonly description: string;
}

export type Parameter =
  | IntegerParameter
  | NumberParameter
  | BooleanParameter
  | ChoiceParameter
  | SymbolParameter;

/** The parameters of a strategy by name. */
export type Parameters = Readonly<Record<string, Parameter>>;

type ValueOf<P extends Parameter> = P extends IntegerParameter | NumberParameter
  ? number
  : P extends BooleanParameter
    ? boolean
    : string;

/** The values that parameters `P` take. */
export type ParameterValues<P extends Parameters> = {
  readonly [Name in keyof P]: ValueOf<P[Name]>;
};

/** Says in words what a parameter takes, such as `a whole number from 1 to 100`. */
export function allowedValues(parameter: Parameter): string {
  switch (parameter.type) {
    case 'integer':
      return `a whole number from ${parameter.min} to ${parameter.max}`;
    case 'number':
      return `a number from ${parameter.min} to ${parameter.max}`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return `one of ${parameter.choices.join(', ')}`;
    case 'symbol':
      return 'a symbol, such as SPY';
  }
}

/** What is wrong with a value: its type, its range, or nothing (`undefined`). */
export function parameterFault(parameter: Parameter, value: unknown): 'type' | 'range' | undefined {
  switch (parameter.type) {
    case 'integer':
    case 'number': {
      if (typeof value !== 'number' || Number.isNaN(value)) return 'type';
      if (parameter.type === 'integer' && !Number.isInteger(value)) return 'type';
      return value < parameter.min || value > parameter.max ? 'range' : undefined;
    }
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'type';
    case 'choice':
      if (typeof value !== 'string') return 'type';
      return parameter.choices.includes(value) ? undefined : 'range';
    case 'symbol':
      if (typeof value !== 'string') return 'type';
      return /^\S+$/.test(value) ? undefined : 'range';
  }
}
