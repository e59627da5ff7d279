import { assert, type Direction } from '@capstan/domain';
import { defineStrategy } from './define-strategy.ts';
import type { IndicatorNode } from './graph.ts';
import type { JsonValue } from './json-value.ts';
import type { Parameter, Parameters, ParameterValue } from './parameter.ts';
import { type ResolvedParameters, resolveParameters } from './resolve-parameters.ts';
import { FLAT_SIDE, nextSide, SIDES, targetOfSide } from './side.ts';
import type { DecisionContext, Strategy } from './strategy.ts';

/** A strategy that has a say in a combination. */
export interface Member {
  readonly strategy: Strategy;
  /** How much its opinion counts, above 0: the default of the parameter `<id>_weight`. */
  readonly weight: number;
  /** Its parameters where they differ from its own defaults: the defaults of `<id>_<parameter>`. */
  readonly params?: Readonly<Record<string, ParameterValue>>;
}

/** What {@link combine} puts together. */
export interface Combination {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** At least two, by ids in lower snake case. */
  readonly members: Readonly<Record<string, Member>>;
}

const WEIGHT_MAX = 1_000;

/** What a combination remembers: its own side, and each member's state and last vote, -1 to 1. */
interface CombinedState {
  readonly [key: string]: JsonValue;
  readonly side: Direction;
  readonly states: Readonly<Record<string, JsonValue>>;
  readonly votes: Readonly<Record<string, number>>;
}

/**
 * Makes one strategy of several: each votes by its direction and strength, the votes are averaged by weight, and the average
 * decides. A member that has no new opinion keeps its last vote, and 0 before its first. Only directions count: members' stops and
 * limits do not. All begin together, once the slowest has its values.
 *
 * Its parameters are `enter_at`, `exit_at`, `sides` and, for each member, `<id>_weight` and `<id>_<parameter>`.
 * @throws STRATEGY.DEFINITION, or what the defaults of a member lead to.
 */
export function combine({ name, title, description, members }: Combination): Strategy {
  const ids = Object.keys(members).sort();
  assert(ids.length >= 2, `a combination needs two members, not ${ids.length}`);
  for (const id of ids) assert(/^[a-z][a-z0-9_]*$/.test(id), `'${id}' is not lower snake case`);
  const member = (id: string): Member => {
    const found = members[id];
    assert(found !== undefined, `no member ${id}`);
    return found;
  };
  const paramsOf = (id: string, params: ResolvedParameters): ResolvedParameters => {
    const { strategy } = member(id);
    const own = Object.keys(strategy.params).map((key) => [key, params[`${id}_${key}`]] as const);
    return resolveParameters(strategy, Object.fromEntries(own));
  };
  const weightOf = (id: string, params: ResolvedParameters): number =>
    Number(params[`${id}_weight`]);
  const scoreOf = (votes: Readonly<Record<string, number>>, params: ResolvedParameters): number => {
    let sum = 0;
    let total = 0;
    for (const id of ids) {
      sum += weightOf(id, params) * (votes[id] ?? 0);
      total += weightOf(id, params);
    }
    return total === 0 ? 0 : sum / total;
  };

  return defineStrategy({
    name,
    title,
    description,
    params: combinedParameters(ids, member),
    check: (params) => {
      if (Number(params.exit_at) > Number(params.enter_at)) {
        return `'exit_at' (${params.exit_at}) must not be more than 'enter_at' (${params.enter_at})`;
      }
      return firstProblem(ids, member, params);
    },
    indicators: (params) => {
      const nodes: Record<string, IndicatorNode> = {};
      for (const id of ids) {
        const graph = member(id).strategy.indicators(paramsOf(id, params));
        for (const [key, node] of Object.entries(graph)) nodes[`${id}.${key}`] = node;
      }
      return nodes;
    },
    warmup: (params) =>
      Math.max(...ids.map((id) => member(id).strategy.warmup?.(paramsOf(id, params)) ?? 1)),
    initialState: {
      ...FLAT_SIDE,
      states: Object.fromEntries(ids.map((id) => [id, member(id).strategy.initialState])),
      votes: {},
    } as CombinedState,
    update: (values, state, context) => {
      const states: Record<string, JsonValue> = {};
      const votes: Record<string, number> = {};
      for (const id of ids) {
        const { strategy } = member(id);
        const own = ownValues(id, values);
        const asked: DecisionContext<Parameters> = {
          ...context,
          params: paramsOf(id, context.params),
        };
        const before = state.states[id] ?? null;
        const after = strategy.update?.(own, before, asked) ?? before;
        const target = strategy.decide(own, after, asked);
        states[id] = after;
        votes[id] =
          target === undefined
            ? (state.votes[id] ?? 0)
            : voteOf(target.direction) * target.strength;
      }
      const score = scoreOf(votes, context.params);
      const enterAt = Number(context.params.enter_at);
      const exitAt = Number(context.params.exit_at);
      const signals = {
        entersLong: score >= enterAt,
        exitsLong: score <= exitAt,
        entersShort: score <= -enterAt,
        exitsShort: score >= -exitAt,
      };
      const { side } = nextSide({ side: state.side }, signals, String(context.params.sides));
      return { side, states, votes };
    },
    decide: (_values, { side, votes }, { params }) =>
      targetOfSide(side, () => {
        const said = ids.map((id) => `${id} ${(votes[id] ?? 0).toFixed(2)}`).join(', ');
        return `weighted vote ${scoreOf(votes, params).toFixed(3)} of ${said}`;
      }),
  });
}

function combinedParameters(ids: readonly string[], member: (id: string) => Member): Parameters {
  const params: Record<string, Parameter> = {
    enter_at: {
      type: 'number',
      min: 0.01,
      max: 1,
      default: 0.5,
      description: 'Weighted vote from which it enters, either way.',
    },
    exit_at: {
      type: 'number',
      min: 0,
      max: 1,
      default: 0,
      description: 'Weighted vote in its direction down to which it stays in.',
    },
    sides: SIDES,
  };
  for (const id of ids) {
    const { strategy, weight, params: given = {} } = member(id);
    params[`${id}_weight`] = {
      type: 'number',
      min: 0,
      max: WEIGHT_MAX,
      default: weight,
      description: `Weight of ${strategy.name}; 0 leaves it out.`,
    };
    const defaults = resolveParameters(strategy, given);
    for (const [key, parameter] of Object.entries(strategy.params)) {
      const description = `${strategy.name}: ${parameter.description}`;
      params[`${id}_${key}`] = { ...parameter, default: defaults[key], description } as Parameter;
    }
  }
  return params;
}

/** Says in words how the parameters of a member do not fit together. */
function firstProblem(
  ids: readonly string[],
  member: (id: string) => Member,
  params: ResolvedParameters,
): string | undefined {
  for (const id of ids) {
    const { strategy } = member(id);
    const own = Object.fromEntries(
      Object.keys(strategy.params).map((key) => [key, params[`${id}_${key}`]]),
    ) as ResolvedParameters;
    const problem = strategy.check?.(own);
    if (problem !== undefined) return `member '${id}': ${problem}`;
  }
  return undefined;
}

function ownValues(
  id: string,
  values: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const prefix = `${id}.`;
  const own: Record<string, number> = {};
  for (const [key, value] of Object.entries(values)) {
    if (key.startsWith(prefix)) own[key.slice(prefix.length)] = value;
  }
  return own;
}

function voteOf(direction: Direction): number {
  return direction === 'long' ? 1 : direction === 'short' ? -1 : 0;
}
