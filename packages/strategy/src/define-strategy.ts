import { AppError } from '@capstan/domain';
import type { IndicatorGraph } from './graph.ts';
import { frozenState, type JsonValue } from './json-value.ts';
import { allowedValues, type Parameter, type Parameters, parameterFault } from './parameter.ts';
import { resolveParameters } from './resolve-parameters.ts';
import type { Strategy, StrategyDefinition } from './strategy.ts';

/**
 * Makes a strategy of its definition, after checking that it does not contradict itself. The types of values, state
 * and parameters follow from the definition.
 * @throws STRATEGY.DEFINITION, STRATEGY.STATE, or what its own defaults lead to.
 */
export function defineStrategy<
  const P extends Parameters,
  G extends IndicatorGraph,
  S extends JsonValue,
>(definition: StrategyDefinition<P, G, S>): Strategy {
  const { name, params } = definition;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) refuse(name, 'its name is not kebab case');
  if (definition.title === '') refuse(name, 'its title is empty');
  for (const [parameterName, parameter] of Object.entries(params)) {
    const problem = parameterProblem(parameter);
    if (problem !== undefined) refuse(name, `parameter '${parameterName}' ${problem}`);
  }
  frozenState(definition.initialState, name);
  const strategy: Strategy = definition;
  strategy.indicators(resolveParameters(strategy, {}));
  return strategy;
}

function parameterProblem(parameter: Parameter): string | undefined {
  if (parameter.type === 'choice' && parameter.choices.length === 0) return 'has no choices';
  if (
    (parameter.type === 'integer' || parameter.type === 'number') &&
    parameter.min > parameter.max
  )
    return `has its bounds the wrong way round`;
  if (parameterFault(parameter, parameter.default) === undefined) return undefined;
  return `has the default ${JSON.stringify(parameter.default)}, which is not ${allowedValues(parameter)}`;
}

function refuse(name: string, rule: string): never {
  throw new AppError({ code: 'STRATEGY.DEFINITION', why: `strategy '${name}': ${rule}.` });
}
