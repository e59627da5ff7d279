import { priceNanos } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { defineStrategy } from './define-strategy.ts';
import { describeStrategy, parametersSchema, strategyWarmup } from './describe.ts';
import { maCross } from './ma-cross.ts';
import { multiTimeframeCross } from './multi-timeframe-cross.ts';
import { StrategyRegistry } from './registry.ts';
import { resolveParameters } from './resolve-parameters.ts';
import type { Strategy } from './strategy.ts';
import { checkTarget, reasonText, sameTarget, type Target } from './target.ts';
import { flatBar } from './test-bars.ts';
import { failureOf } from './test-code-of.ts';

const NANOS = 1_000_000_000;

function decide(strategy: Strategy, values: Readonly<Record<string, number>>): Target | undefined {
  const inNanos = Object.fromEntries(Object.entries(values).map(([k, v]) => [k, v * NANOS]));
  const context = {
    symbol: 'SPY',
    timeframe: '1m' as const,
    bar: flatBar(1, 100),
    params: resolveParameters(strategy, {}),
  };
  const target = strategy.decide(inNanos, strategy.initialState, context);
  if (target === undefined) return undefined;
  checkTarget(target, strategy.name);
  return { ...target, reason: reasonText(target) };
}

describe('ma-cross', () => {
  it('is long above and flat below, and says with which figures', () => {
    expect(decide(maCross, { fast: 500.2, slow: 500.1 })).toEqual({
      direction: 'long',
      strength: 1,
      reason: 'average of 10 bars 500.2000 is above that of 30, 500.1000',
    });
    expect(decide(maCross, { fast: 500, slow: 500.1 })).toEqual({
      direction: 'flat',
      strength: 0,
      reason: 'average of 10 bars 500.0000 is below that of 30, 500.1000',
    });
  });

  it('has no new opinion at a tie', () => {
    expect(decide(maCross, { fast: 500, slow: 500 })).toBeUndefined();
  });

  it('enters on a cross only where it was below before, if told so', () => {
    const context = {
      symbol: 'SPY',
      timeframe: '1m' as const,
      bar: flatBar(1, 100),
      params: resolveParameters(maCross, { entry: 'cross' }),
    };
    let state = maCross.initialState;
    const directions = [3, 1, 2, 3, 4].map((fast) => {
      const values = { fast, slow: 2 };
      state = maCross.update?.(values, state, context) ?? state;
      return maCross.decide(values, state, context)?.direction;
    });
    expect(directions).toEqual([undefined, 'flat', undefined, 'long', 'long']);
  });

  it('wants fast below slow', () => {
    expect(failureOf(() => resolveParameters(maCross, { fast: 30, slow: 30 }))).toBe(
      "STRATEGY.PARAMETER_RELATION: strategy ma-cross: 'fast' (30) must be less than 'slow' (30).",
    );
  });
});

describe('multi-timeframe-cross', () => {
  it.each([
    [{ fast: 3, medium: 2, slow: 1 }, 'long'],
    [{ fast: 2, medium: 3, slow: 1 }, 'flat'],
    [{ fast: 1, medium: 2, slow: 3 }, 'flat'],
    [{ fast: 3, medium: 2, slow: 2 }, undefined],
    [{ fast: 3, medium: 1, slow: 2 }, undefined],
    [{ fast: 2, medium: 2, slow: 1 }, undefined],
  ])('at %j is %s', (values, direction) => {
    expect(decide(multiTimeframeCross, values)?.direction).toBe(direction);
  });

  it('says with which figures', () => {
    expect(decide(multiTimeframeCross, { fast: 3, medium: 2, slow: 1 })?.reason).toBe(
      'fast above medium above slow; averages of 10, 30 and 90 bars: 3.0000, 2.0000, 1.0000',
    );
    expect(decide(multiTimeframeCross, { fast: 1, medium: 2, slow: 1 })?.reason).toBe(
      'fast below medium; averages of 10, 30 and 90 bars: 1.0000, 2.0000, 1.0000',
    );
  });

  it('wants its parameters to rise', () => {
    expect(failureOf(() => resolveParameters(multiTimeframeCross, { medium: 90 }))).toContain(
      "'fast' (10), 'medium' (90) and 'slow' (90) must rise in this order",
    );
  });
});

describe('StrategyRegistry', () => {
  it('lists what comes with Capstan by name', () => {
    expect(new StrategyRegistry().list().map(({ name }) => name)).toEqual([
      'bracket-breakout',
      'donchian-breakout',
      'ensemble',
      'ma-cross',
      'market-filter',
      'momentum',
      'multi-timeframe-cross',
      'rsi-reversion',
      'three-day-momentum',
      'vwap-atr',
      'vwap-ma9-cross',
    ]);
    expect(new StrategyRegistry().get('ma-cross')).toBe(maCross);
  });

  it('suggests the nearest of an unknown name and lists all', () => {
    expect(failureOf(() => new StrategyRegistry().get('macross'))).toBe(
      "STRATEGY.UNKNOWN: no strategy named 'macross'. Did you mean 'ma-cross'? Known: bracket-breakout, donchian-breakout, ensemble, ma-cross, market-filter, momentum, multi-timeframe-cross, rsi-reversion, three-day-momentum, vwap-atr, vwap-ma9-cross.",
    );
  });

  it("takes a user's strategy, in this instance only, and no name twice", () => {
    const mine = defineStrategy({ ...maCross, name: 'mine' });
    const registry = new StrategyRegistry();
    registry.register(mine);
    expect(registry.get('mine')).toBe(mine);
    expect(failureOf(() => registry.register(mine))).toContain('STRATEGY.DUPLICATE');
    expect(failureOf(() => new StrategyRegistry().get('mine'))).toContain('STRATEGY.UNKNOWN');
  });
});

describe('targets', () => {
  const long: Target = { direction: 'long', strength: 1, reason: 'x' };

  it('are the same whatever the reason, and whatever the strength of flat', () => {
    expect(sameTarget(long, { ...long, reason: 'y' })).toBe(true);
    expect(sameTarget(long, { ...long, strength: 0.5 })).toBe(false);
    expect(sameTarget(long, { ...long, timeInForce: 'day' })).toBe(false);
    expect(sameTarget(long, { ...long, trailBps: 10 })).toBe(false);
    expect(sameTarget(long, { ...long, entryStopPriceNanos: priceNanos(10) })).toBe(false);
    expect(sameTarget(long, { ...long, trailNanos: priceNanos(10) })).toBe(false);
    const flat: Target = { ...long, direction: 'flat' };
    expect(sameTarget(flat, long)).toBe(false);
    expect(sameTarget(flat, { ...flat, strength: 0 })).toBe(true);
  });

  it.each([
    [{ direction: 'up' }, 'direction must be long, short, flat'],
    [{ strength: 1.5 }, 'strength must be 0 to 1, not 1.5'],
    [{ strength: Number.NaN }, 'strength must be 0 to 1, not NaN'],
    [{ stopPriceNanos: 1.5 }, 'stopPriceNanos must be a positive whole number of nanos, not 1.5'],
    [{ limitPriceNanos: 0 }, 'limitPriceNanos must be a positive whole number of nanos, not 0'],
    [{ timeInForce: 'never' }, 'timeInForce must be day, gtc, ioc, onOpen, onClose'],
    [
      { entryStopPriceNanos: -5 },
      'entryStopPriceNanos must be a positive whole number of nanos, not -5',
    ],
    [
      { entryStopPriceNanos: 5, direction: 'flat' },
      'entryStopPriceNanos has nothing to enter: it wants flat',
    ],
    [
      { entryStopPriceNanos: 5, timeInForce: 'onClose' },
      'timeInForce cannot be onClose for an entry by stop',
    ],
    [
      { trailNanos: 0 },
      'trail cannot be used: the trail of 0 nanos is not a positive whole number',
    ],
    [{ reason: '' }, 'reason is missing'],
  ])('refuse %j', (wrong, words) => {
    const target = { ...long, ...wrong } as unknown as Target;
    expect(failureOf(() => checkTarget(target, 'mine'))).toBe(
      `STRATEGY.TARGET: strategy mine returned a target whose ${words}.`,
    );
  });
});

describe('descriptions', () => {
  it('list parameters with their bounds', () => {
    expect(describeStrategy(maCross, '1m')).toMatchObject({
      name: 'ma-cross',
      warmupBars: 30,
      indicators: ['sma(period=10,close)@1m', 'sma(period=30,close)@1m'],
      params: [
        { name: 'fast', type: 'integer', default: 10, allowed: 'a whole number from 1 to 5000' },
        { name: 'slow', type: 'integer', default: 30, allowed: 'a whole number from 2 to 10000' },
        { name: 'entry', type: 'choice', default: 'level', allowed: 'one of level, cross' },
      ],
    });
  });

  it('take the longer of what indicators need and the strategy says', () => {
    const patient = defineStrategy({ ...maCross, name: 'patient', warmup: () => 200 });
    expect(strategyWarmup(patient, resolveParameters(patient, {}), '1m')).toBe(200);
  });

  it('make a JSON Schema', () => {
    const strategy = defineStrategy({
      ...maCross,
      name: 'all-types',
      check: () => undefined,
      indicators: () => ({}),
      params: {
        n: { type: 'integer', min: 1, max: 5, default: 2, description: 'N.' },
        x: { type: 'number', min: 0, max: 1, default: 0.5, description: 'X.' },
        on: { type: 'boolean', default: true, description: 'On.' },
        side: { type: 'choice', choices: ['a', 'b'], default: 'a', description: 'Side.' },
      },
    });
    expect(parametersSchema(strategy)).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: {
        n: { type: 'integer', minimum: 1, maximum: 5, default: 2, description: 'N.' },
        x: { type: 'number', minimum: 0, maximum: 1 },
        on: { type: 'boolean', default: true },
        side: { type: 'string', enum: ['a', 'b'] },
      },
    });
    expect(describeStrategy(strategy, '1m').params.map(({ allowed }) => allowed)).toEqual([
      'a whole number from 1 to 5',
      'a number from 0 to 1',
      'true or false',
      'one of a, b',
    ]);
  });
});
