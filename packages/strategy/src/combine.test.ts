import { describe, expect, it } from 'vitest';
import { combine } from './combine.ts';
import { defineStrategy } from './define-strategy.ts';
import { ensemble } from './ensemble.ts';
import { maCross } from './ma-cross.ts';
import { momentum } from './momentum.ts';
import { resolveParameters } from './resolve-parameters.ts';
import { reasonText } from './target.ts';
import { flatBar } from './test-bars.ts';
import { failureOf } from './test-code-of.ts';

const two = combine({
  name: 'two',
  title: 'Two',
  description: 'Two.',
  members: {
    cross: { strategy: maCross, weight: 3, params: { fast: 5 } },
    push: { strategy: momentum, weight: 1, params: { sides: 'both' } },
  },
});

/** Averages of the cross and the change of momentum, bar by bar. */
function run(given: Readonly<Record<string, unknown>>, bars: readonly (readonly number[])[]) {
  const params = resolveParameters(two, given);
  let state = two.initialState;
  return bars.map(([fast = 0, slow = 0, change = 0], index) => {
    const values = { 'cross.fast': fast, 'cross.slow': slow, 'push.change': change };
    const context = { symbol: 'SPY', timeframe: '1m' as const, bar: flatBar(index + 1, 1), params };
    state = two.update?.(values, state, context) ?? state;
    const target = two.decide(values, state, context);
    return `${target?.direction}: ${target === undefined ? '' : reasonText(target)}`;
  });
}

describe('combine', () => {
  it('averages votes by weight, and a member without a new opinion keeps its vote', () => {
    expect(
      run({}, [
        [2, 1, 0],
        [2, 2, -0.01],
        [1, 2, 0.01],
      ]),
    ).toEqual([
      'long: weighted vote 0.750 of cross 1.00, push 0.00',
      'long: weighted vote 0.500 of cross 1.00, push -1.00',
      'long: weighted vote 0.250 of cross 0.00, push 1.00',
    ]);
  });

  it('leaves down at its lower bound, and goes short only where it may', () => {
    const bars = [
      [2, 1, 0],
      [1, 2, 0],
      [1, 2, -0.01],
    ];
    const directions = (given: object) => run({ ...given }, bars).map((said) => said.split(':')[0]);
    expect(directions({})).toEqual(['long', 'flat', 'flat']);
    expect(directions({ sides: 'both', enter_at: 0.25 })).toEqual(['long', 'flat', 'short']);
    expect(directions({ cross_weight: 0, sides: 'both' })).toEqual(['flat', 'flat', 'short']);
  });

  it('has the parameters of its members, with what it gives them as defaults', () => {
    const params = resolveParameters(two, {});
    expect(params).toMatchObject({
      cross_fast: 5,
      cross_slow: 30,
      cross_weight: 3,
      push_lookback: 20,
      push_sides: 'both',
    });
    expect(failureOf(() => resolveParameters(two, { cross_fast: 30 }))).toContain(
      "member 'cross': 'fast' (30) must be less than 'slow' (30)",
    );
    expect(failureOf(() => resolveParameters(two, { exit_at: 0.6 }))).toContain(
      "'exit_at' (0.6) must not be more than 'enter_at' (0.5)",
    );
  });

  it('watches the indicators of all, each under its name', () => {
    const graph = two.indicators(resolveParameters(two, {}));
    expect(Object.keys(graph).sort()).toEqual(['cross.fast', 'cross.slow', 'push.change']);
  });

  it('waits for the longest warm-up of its members', () => {
    const slow = defineStrategy({ ...maCross, name: 'slow', warmup: () => 77 });
    const made = combine({
      name: 'waits',
      title: 'Waits',
      description: 'Waits.',
      members: { a: { strategy: slow, weight: 1 }, b: { strategy: momentum, weight: 1 } },
    });
    expect(made.warmup?.(resolveParameters(made, {}))).toBe(77);
  });

  it('refuses a single member and ids that are no parameter names', () => {
    const parts = { name: 'x', title: 'X', description: 'X.' };
    const one = { strategy: maCross, weight: 1 };
    expect(() => combine({ ...parts, members: { a: one } })).toThrow('needs two members');
    expect(() => combine({ ...parts, members: { 'A-b': one, c: one } })).toThrow('snake case');
  });

  it('comes with Capstan as a vote of trend strategies', () => {
    expect(Object.keys(ensemble.params)).toContain('breakout_entry');
  });
});
