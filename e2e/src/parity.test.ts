import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journaled, playedThrough } from './outcome.ts';
import { Stack } from './stack.ts';
import { type Outcome, playPure, stackConfig, type World } from './world.ts';

const WORLD: World = { seed: 23, slices: 260, symbols: ['IWM', 'QQQ', 'SPY'] };

describe('the services and the pure core, given the same bars', () => {
  let stack: Stack;
  let live: Outcome;
  const pure = playPure(WORLD);

  beforeAll(async () => {
    stack = await Stack.start({ config: stackConfig(WORLD) });
    await playedThrough(stack, WORLD.slices, 90_000);
    live = await journaled(stack);
  }, 150_000);
  afterAll(async () => {
    await stack?.stop();
  });

  it('have something to compare: signals, orders, fills and denials', () => {
    expect(pure.signals.length).toBeGreaterThan(20);
    expect(pure.fills.length).toBeGreaterThan(10);
    expect(pure.denials.length).toBeGreaterThan(0);
  });

  it.each(['signals', 'intents', 'denials', 'orders', 'fills'] as const)(
    'give the same %s, ids included',
    (kind) => {
      expect(live[kind]).toEqual(pure[kind]);
    },
  );

  it('leave no difference between ledger and broker', async () => {
    expect(await stack.store.drifts({ openOnly: false, limit: 10 })).toEqual([]);
  });
});
