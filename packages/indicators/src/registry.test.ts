import { AppError, InvariantError } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { atr } from './atr.ts';
import { bollingerUpper } from './bollinger.ts';
import { BUILT_IN_INDICATORS } from './built-ins.ts';
import {
  INDICATOR_DUPLICATE,
  INDICATOR_ERRORS,
  INDICATOR_PARAMETER,
  INDICATOR_STATE,
  INDICATOR_UNKNOWN,
} from './error-codes.ts';
import { checkParameters, defineBarIndicator, defineValueIndicator, PERIOD } from './indicator.ts';
import { IndicatorRegistry } from './registry.ts';
import { sma } from './sma.ts';

function codeOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    return error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
  }
  return 'nothing was thrown';
}

const last = defineValueIndicator({
  name: 'last',
  title: 'Last',
  description: 'The input itself.',
  parameters: {},
  create: () => ({
    warmup: 1,
    next: (value) => value,
    snapshot: () => ({}),
    restore: () => undefined,
  }),
});

describe('IndicatorRegistry', () => {
  it('lists what comes with Capstan by name', () => {
    const names = new IndicatorRegistry().list().map(({ name }) => name);
    expect(names).toEqual(BUILT_IN_INDICATORS.map(({ name }) => name));
    expect(names).toEqual([...new Set(names)].sort());
  });

  it('takes one more, in this instance only', () => {
    const registry = new IndicatorRegistry();
    registry.register(last);
    expect(registry.get('last')).toBe(last);
    expect(codeOf(() => new IndicatorRegistry([sma, atr]).get('last'))).toBe(
      `${INDICATOR_UNKNOWN}: no indicator named 'last'. Known: atr, sma.`,
    );
  });

  it('refuses a name twice', () => {
    expect(codeOf(() => new IndicatorRegistry([sma, sma]))).toContain(INDICATOR_DUPLICATE);
  });
});

describe('definitions', () => {
  it('have names in kebab case', () => {
    expect(() => defineValueIndicator({ ...last, name: 'Last' })).toThrow(InvariantError);
    expect(() =>
      defineBarIndicator({
        name: 'a_b',
        title: '',
        description: '',
        needsSession: false,
        parameters: { period: PERIOD },
        create: () => {
          throw new Error('not reached');
        },
      }),
    ).toThrow("'a_b' is not kebab case");
  });

  it('say which parameter is wrong and what is allowed', () => {
    expect(codeOf(() => checkParameters(sma, { period: 0 }))).toBe(
      `${INDICATOR_PARAMETER}: indicator sma: parameter 'period' must be a whole number from 1 to 10000, not 0.`,
    );
    expect(codeOf(() => checkParameters(bollingerUpper, { period: 5, multiple: -1 }))).toContain(
      "parameter 'multiple' must be a number from 0 to 100, not -1.",
    );
    const notANumber = { period: 5, multiple: Number.NaN };
    expect(codeOf(() => checkParameters(bollingerUpper, notANumber))).toContain('not NaN');
    expect(codeOf(() => checkParameters(bollingerUpper, { period: 5, multiple: 2.5 }))).toBe(
      'nothing was thrown',
    );
    expect(codeOf(() => checkParameters(sma, { period: 1.5 }))).toContain('not 1.5');
    expect(codeOf(() => checkParameters(sma, {}))).toContain("'period' is missing");
    expect(codeOf(() => checkParameters(sma, { period: 1, length: 2 }))).toContain(
      "'length' is not one of its parameters",
    );
    expect(codeOf(() => checkParameters(sma, { period: 5 }))).toBe('nothing was thrown');
  });

  it('names every code once in its table', () => {
    const codes = INDICATOR_ERRORS.map(({ code }) => code).sort();
    expect(codes).toEqual([
      INDICATOR_DUPLICATE,
      INDICATOR_PARAMETER,
      INDICATOR_STATE,
      INDICATOR_UNKNOWN,
    ]);
  });
});
