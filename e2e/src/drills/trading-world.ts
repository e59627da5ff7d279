import type { World } from '../world.ts';

/** What is traded: four bots of three strategies on three symbols, which netted have orders on most slices. */
export const DRILL_WORLD: World = {
  seed: 31,
  // More than any drill plays: it ends by stopping the feed.
  slices: 100_000,
  symbols: ['IWM', 'QQQ', 'SPY'],
};
