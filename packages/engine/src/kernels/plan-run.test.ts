import { cashMicros } from '@capstan/domain';
import { DEFAULT_LIMITS, LIMIT_KEYS, POLICY_NAMES } from '@capstan/risk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BacktestSpec } from '../run/backtest-spec.ts';
import { planRun } from './plan-run.ts';
import { type KernelWorld, kernelWorlds } from './test-kernel-world.ts';

const [world] = fc.sample(kernelWorlds, { numRuns: 1, seed: 1 }) as [KernelWorld];
const [first] = world.series;
const series = first === undefined ? [] : [first];
const limits = { ...DEFAULT_LIMITS, bufferBps: 0 };
const plain: BacktestSpec = { ...world.spec, limits };
const planOf = (more: object) => planRun({ ...plain, ...more } as BacktestSpec, series);

describe('planRun', () => {
  it('gives a run of market orders under the usual limits to the kernel', () => {
    expect(planOf({})).toMatchObject({ path: 'kernel' });
  });

  it('says what asks for the full path', () => {
    const halting = { ...limits, maxDailyLossMicros: cashMicros(1) };
    const why = (more: object) => planOf(more).why;
    expect(why({ execution: { fillAt: 'nextOpen', closeAtEnd: true } })).toContain('at the end');
    expect(why({ matcher: { ...plain.matcher, maxVolumeFraction: 0.1 } })).toContain('by volume');
    expect(why({ limits: halting })).toContain('loss of a session');
    expect(why({ sizing: { kind: 'atrRisk' } })).toContain('atrRisk');
    expect(why({ novelty: 1 })).toBe("'novelty' asks for the full path");
    expect(planRun(plain, [...series, ...series]).why).toContain('several symbols');
  });

  it('leaves a limit or a policy that it does not know to the full path', () => {
    const known = ['policies', 'maxSymbolNotionalMicros', 'maxGrossExposureMicros'];
    const free = [...known, 'bufferBps', 'entryTiming', 'maxDecisionAgeUs'];
    for (const { field } of LIMIT_KEYS) {
      const path = planOf({ limits: { ...limits, [field]: limits[field] ?? 1 } }).path;
      expect([field, path]).toEqual([field, free.includes(field) ? 'kernel' : 'full']);
    }
    const scopes = [{ botId: 'bot', maxPositions: 1 }];
    expect(planOf({ limits: { ...limits, scopes } }).why).toContain('scopes');
    const policies = [...POLICY_NAMES, 'moon-phase'];
    expect(planOf({ limits: { ...limits, policies } }).why).toContain('moon-phase');
  });

  it('leaves corporate actions and strategies without columns to the full path', () => {
    const split = { kind: 'split', exDate: '2024-07-05', newShares: 2, oldShares: 1 } as const;
    const acted = series.map((one) => ({ ...one, actions: [split] }));
    expect(planRun(plain, acted).why).toContain('corporate actions');
    const { decideColumns: _, ...slow } = plain.strategy;
    expect(planOf({ strategy: slow }).why).toContain('bar by bar');
  });
});
