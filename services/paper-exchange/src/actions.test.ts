import { activityFromWire, postedActionToWire } from '@capstan/contracts';
import { cashMicros, type PostedAction, parsePrice } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { ExchangeWorld, MemoryJournal, terms } from './exchange-world.fixture.ts';
import { PaperExchangeRpc } from './service.ts';

const dividend: PostedAction = {
  ...{ kind: 'dividend', symbol: 'SPY', perUnitNanos: parsePrice('0.5') },
};
const halving: PostedAction = {
  ...{ kind: 'split', symbol: 'SPY', newShares: 1, oldShares: 3, closeNanos: parsePrice('90') },
};
const interest: PostedAction = {
  ...{ kind: 'interest', accountId: 'paper', amountMicros: cashMicros(7) },
};

/** An exchange at which `paper` holds ten SPY. */
async function holding(journal = new MemoryJournal()) {
  const world = new ExchangeWorld();
  const exchange = await world.open(journal);
  await exchange.submit(terms('a'));
  await world.slice(1);
  await world.settle();
  return { world, rpc: new PaperExchangeRpc(exchange), journal };
}

const post = (rpc: PaperExchangeRpc, actionId: string, action: PostedAction) =>
  rpc.postAction({ actionId, action: postedActionToWire(action) });

describe('actions at the paper exchange', () => {
  it('change what an account has, are listed in their order, a page after each, and survive a restart', async () => {
    const { world, rpc, journal } = await holding();
    for (const [actionId, action] of [
      ['d', dividend],
      ['s', halving],
      ['i', interest],
      ['d', dividend],
    ] as const) {
      expect(await post(rpc, actionId, action)).toEqual({ taken: true, reason: '' });
    }
    const list = async (of: PaperExchangeRpc, afterActivityId: string) => {
      const answer = await of.listActivities({ accountId: 'paper', afterActivityId });
      return answer.activities.map(activityFromWire);
    };
    const all = await list(rpc, '');
    expect(all).toMatchObject([
      { activityId: 'd', kind: 'dividend', amountMicros: 5_000_000, afterSequence: 2 },
      { activityId: 's', kind: 'split', newShares: 1, oldShares: 3, fractionMicros: 90_000_000 },
      { activityId: 'i', kind: 'interest', amountMicros: 7 },
    ]);
    expect(await list(rpc, 's')).toEqual(all.slice(2));
    expect(await list(rpc, 'i')).toEqual([]);
    const account = await rpc.getAccount({ accountId: 'paper' });
    expect(account.positions).toMatchObject([{ symbol: 'SPY', quantity: 3n }]);
    const again = new PaperExchangeRpc(await world.open(journal));
    expect(await list(again, '')).toEqual(all);
    expect(await again.getAccount({ accountId: 'paper' })).toEqual(account);
  });

  it('are refused with the reason, and an account or an activity that never was is said', async () => {
    const { rpc } = await holding();
    const unknown = { ...dividend, symbol: 'NOPE' } as PostedAction;
    expect(await post(rpc, 'x', unknown)).toEqual({
      taken: false,
      reason: "no instrument 'NOPE'",
    });
    const none = rpc.listActivities({ accountId: 'nobody', afterActivityId: '' });
    await expect(none).rejects.toMatchObject({ code: 'EXCHANGE.ACCOUNT' });
    const never = rpc.listActivities({ accountId: 'paper', afterActivityId: 'x' });
    await expect(never).rejects.toMatchObject({ code: 'EXCHANGE.SEQUENCE' });
  });
});
