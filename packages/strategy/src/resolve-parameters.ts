import { AppError } from '@capstan/domain';
import type { StrategyErrorCode } from './error-codes.ts';
import { didYouMean } from './nearest.ts';
import { allowedValues, type ParameterValue, parameterFault } from './parameter.ts';
import type { Strategy } from './strategy.ts';

/** Values of all parameters of some strategy. */
export type ResolvedParameters = Readonly<Record<string, ParameterValue>>;

/**
 * Checks what was given and fills in the defaults.
 * @returns a value for each parameter, in the order of the definition.
 * @throws STRATEGY.PARAMETER_UNKNOWN, STRATEGY.PARAMETER_TYPE, STRATEGY.PARAMETER_RANGE,
 * STRATEGY.PARAMETER_RELATION, each naming the parameter and what is allowed.
 */
export function resolveParameters(
  strategy: Strategy,
  given: Readonly<Record<string, unknown>>,
): ResolvedParameters {
  const names = Object.keys(strategy.params);
  for (const name of Object.keys(given).sort()) {
    if (names.includes(name)) continue;
    const list = names.length === 0 ? 'It takes none.' : `It takes ${names.join(', ')}.`;
    refuse('STRATEGY.PARAMETER_UNKNOWN', {
      why: `strategy ${strategy.name} has no parameter '${name}'.`,
      fix: `${didYouMean(name, names)}${list}`,
    });
  }
  const resolved: Record<string, ParameterValue> = {};
  for (const [name, parameter] of Object.entries(strategy.params)) {
    const value = given[name] === undefined ? parameter.default : given[name];
    const fault = parameterFault(parameter, value);
    if (fault !== undefined) {
      const code = fault === 'type' ? 'STRATEGY.PARAMETER_TYPE' : 'STRATEGY.PARAMETER_RANGE';
      const rule = `must be ${allowedValues(parameter)}, not ${JSON.stringify(value)}`;
      refuse(code, { why: `strategy ${strategy.name}: parameter '${name}' ${rule}.` });
    }
    resolved[name] = value as ParameterValue;
  }
  const relation = strategy.check?.(resolved);
  if (relation !== undefined) {
    refuse('STRATEGY.PARAMETER_RELATION', { why: `strategy ${strategy.name}: ${relation}.` });
  }
  return resolved;
}

function refuse(
  code: StrategyErrorCode,
  words: { readonly why: string; readonly fix?: string },
): never {
  throw new AppError({ code, ...words });
}
