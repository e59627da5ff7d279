import { cashMicros, priceNanos, quantity, type SplitEvent } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import type { Account } from './effects.ts';
import type { Guard } from './guard.ts';
import { restateForSplit } from './handlers/restate-for-split.ts';
import { AccountState } from './state.ts';
import { PRICE } from './test-venue.ts';
import { at, World } from './test-world.ts';

const SPLIT: SplitEvent = {
  ...{ kind: 'split', activityId: 'S', accountId: 'paper', symbol: 'SPY', newShares: 4 },
  ...{ oldShares: 1, closeNanos: PRICE, fractionMicros: cashMicros(0), followsSequence: 2 },
  ...{ eventAtUs: at(5), accountSequence: 3 },
};
const guard = (entryOrderId: string, armedAt: number, symbol = 'SPY'): Guard => ({
  ...{ entryOrderId, botId: 'trend', symbol, feed: 'demo', side: 'buy', throughUs: at(1) },
  exits: { stopPriceNanos: priceNanos(90), takeProfitPriceNanos: priceNanos(120) },
  armed: { sinceUs: at(armedAt), bestPriceNanos: priceNanos(100) },
});

/** An account of which a state is known, and no more. */
function restated(guards: readonly Guard[]): AccountState {
  const state = new AccountState();
  const holding = { symbol: 'SPY', priceNanos: PRICE };
  state.hold({ ...holding, botId: 'trend', quantity: quantity(10) });
  state.hold({ ...holding, botId: 'trend', symbol: 'QQQ', quantity: quantity(3) });
  state.guards = guards;
  const { settings } = new World();
  restateForSplit({ state, settings } as Account, SPLIT, []);
  return state;
}

describe('a split', () => {
  it('restates exits that are watched since before it, so that none is reached by the new price alone', () => {
    const [old, fresh, other] = restated([
      guard('a', 2),
      guard('b', 6),
      guard('c', 2, 'QQQ'),
    ]).guards;
    expect(old?.exits).toEqual({ stopPriceNanos: 23, takeProfitPriceNanos: 30 });
    expect(old?.armed).toEqual({ sinceUs: at(2), bestPriceNanos: 25 });
    expect(fresh).toEqual(guard('b', 6));
    expect(other).toEqual(guard('c', 2, 'QQQ'));
  });

  it('restates what is held of its symbol, at the price on the new share count', () => {
    expect(restated([]).holdings()).toEqual([
      { botId: 'trend', symbol: 'QQQ', quantity: 3, priceNanos: PRICE },
      { botId: 'trend', symbol: 'SPY', quantity: 40, priceNanos: PRICE / 4 },
    ]);
  });
});
