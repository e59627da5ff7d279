import { sma } from '@capstan/indicators';
import { describe, expect, it } from 'vitest';
import { defineStrategy } from './define-strategy.ts';
import { STRATEGY_ERRORS } from './error-codes.ts';
import { ofField } from './graph.ts';
import { frozenState } from './json-value.ts';
import type { Parameters } from './parameter.ts';
import { resolveParameters } from './resolve-parameters.ts';
import { failureOf } from './test-code-of.ts';

function withParams(params: Parameters, name = 'sample') {
  return defineStrategy({
    name,
    title: 'Sample',
    description: 'Takes parameters and wants nothing.',
    params,
    indicators: () => ({ close: ofField(sma, { period: 1 }, 'close') }),
    initialState: null,
    decide: () => undefined,
  });
}

const sample = withParams({
  lookback: { type: 'integer', min: 2, max: 50, default: 20, description: 'Bars.' },
  threshold: { type: 'number', min: 0, max: 1, default: 0.5, description: 'Fraction.' },
  reverse: { type: 'boolean', default: false, description: 'The other way round.' },
  side: { type: 'choice', choices: ['both', 'long'], default: 'both', description: 'Sides.' },
});

describe('resolveParameters', () => {
  it('fills in defaults in the order of the definition', () => {
    expect(Object.entries(resolveParameters(sample, { side: 'long', lookback: 3 }))).toEqual([
      ['lookback', 3],
      ['threshold', 0.5],
      ['reverse', false],
      ['side', 'long'],
    ]);
  });

  it.each([
    [
      { lokback: 3 },
      "STRATEGY.PARAMETER_UNKNOWN: strategy sample has no parameter 'lokback'. Did you mean 'lookback'? It takes lookback, threshold, reverse, side.",
    ],
    [
      { lookback: 51 },
      "STRATEGY.PARAMETER_RANGE: strategy sample: parameter 'lookback' must be a whole number from 2 to 50, not 51.",
    ],
    [
      { lookback: 2.5 },
      "STRATEGY.PARAMETER_TYPE: strategy sample: parameter 'lookback' must be a whole number from 2 to 50, not 2.5.",
    ],
    [
      { lookback: '10' },
      `STRATEGY.PARAMETER_TYPE: strategy sample: parameter 'lookback' must be a whole number from 2 to 50, not "10".`,
    ],
    [
      { threshold: -0.1 },
      "STRATEGY.PARAMETER_RANGE: strategy sample: parameter 'threshold' must be a number from 0 to 1, not -0.1.",
    ],
    [
      { threshold: Number.NaN },
      "STRATEGY.PARAMETER_TYPE: strategy sample: parameter 'threshold' must be a number from 0 to 1, not null.",
    ],
    [
      { reverse: 1 },
      "STRATEGY.PARAMETER_TYPE: strategy sample: parameter 'reverse' must be true or false, not 1.",
    ],
    [
      { side: 'short' },
      `STRATEGY.PARAMETER_RANGE: strategy sample: parameter 'side' must be one of both, long, not "short".`,
    ],
    [
      { side: 3 },
      "STRATEGY.PARAMETER_TYPE: strategy sample: parameter 'side' must be one of both, long, not 3.",
    ],
  ])('refuses %j', (given, message) => {
    expect(failureOf(() => resolveParameters(sample, given))).toBe(message);
  });

  it('says so where a strategy takes no parameters', () => {
    expect(failureOf(() => resolveParameters(withParams({}), { toString: 1 }))).toBe(
      "STRATEGY.PARAMETER_UNKNOWN: strategy sample has no parameter 'toString'. It takes none.",
    );
  });
});

describe('defineStrategy', () => {
  it.each([
    ['a name that is not kebab case', () => withParams({}, 'My Strategy'), 'not kebab case'],
    [
      'a default out of bounds',
      () =>
        withParams({ n: { type: 'integer', min: 1, max: 5, default: 9, description: 'Bars.' } }),
      "parameter 'n' has the default 9, which is not a whole number from 1 to 5",
    ],
    [
      'bounds the wrong way round',
      () => withParams({ n: { type: 'number', min: 2, max: 1, default: 1, description: 'Bars.' } }),
      'wrong way round',
    ],
    [
      'a choice of nothing',
      () => withParams({ n: { type: 'choice', choices: [], default: '', description: 'Words.' } }),
      'has no choices',
    ],
    ['an empty title', () => defineStrategy({ ...sample, title: '' }), 'its title is empty'],
  ])('refuses %s', (_, attempt, words) => {
    const failure = failureOf(attempt);
    expect(failure).toContain('STRATEGY.DEFINITION');
    expect(failure).toContain(words);
  });

  it('refuses initial state that JSON would lose', () => {
    const attempt = () => defineStrategy({ ...sample, initialState: { best: Number.NaN } });
    expect(failureOf(attempt)).toBe(
      'STRATEGY.STATE: strategy sample: state.best is NaN. Keep finite numbers, strings, booleans, null, lists and plain objects of these.',
    );
  });
});

describe('frozenState', () => {
  it('freezes all the way down and returns the same value', () => {
    const state = { entries: [{ price: 1 }], note: 'x', on: true, none: null };
    expect(frozenState(state, 'sample')).toBe(state);
    expect(Object.isFrozen(state.entries[0])).toBe(true);
  });

  it('refuses what JSON would lose', () => {
    const lost: readonly unknown[] = [{ a: new Map() }, [undefined], { f: () => 1 }, nested(20)];
    for (const state of lost) {
      expect(failureOf(() => frozenState(state as null, 'sample'))).toContain('STRATEGY.STATE');
    }
  });
});

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

describe('error table', () => {
  it('has each code once, with a meaning and a fix', () => {
    const codes = STRATEGY_ERRORS.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { code, meaning, fix } of STRATEGY_ERRORS) {
      expect(code).toMatch(/^STRATEGY\.[A-Z_]+$/);
      expect(meaning.endsWith('.') && fix.endsWith('.')).toBe(true);
    }
  });
});
