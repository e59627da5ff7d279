import { cashEventToWire, snapshotToWire } from '@capstan/contracts';
import { cashMicros, quantity } from '@capstan/domain';
import type { ForeignHoldings, SnapshotRecord } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import type { Clients } from './clients.ts';
import { Fields } from './fields.ts';
import { Foreign } from './foreign.ts';
import { cashEvent, T } from './gateway.fixture.ts';

/** A platform of two accounts, of which one has something foreign. */
function platform() {
  const asked: unknown[] = [];
  const { foreign, ...bare }: SnapshotRecord & { foreign: ForeignHoldings } = {
    ...{ snapshotId: 's', accountId: 'paper', takenAtUs: T, venueSequence: 1 },
    ...{ cashMicros: cashMicros(5), positions: [] },
    foreign: {
      ...{ rule: 'ignore', cashMicros: cashMicros(-7) },
      orders: [{ orderId: 'theirs', symbol: 'SPY', side: 'sell', filledQuantity: quantity(0) }],
      positions: [{ symbol: 'DOGE', quantity: quantity(4) }],
    },
  };
  const snapshotOf = (accountId: string) =>
    snapshotToWire(accountId === 'paper' ? { ...bare, foreign } : bare);
  const clients = {
    risk: {
      listAccounts: async () => ({ accounts: [{ accountId: 'paper' }, { accountId: 'second' }] }),
    },
    position: {
      getSnapshot: async ({ accountId }: { accountId: string }) => ({
        snapshot: snapshotOf(accountId),
      }),
    },
    execution: {
      listCashEvents: async (request: unknown) => {
        asked.push(request);
        return { cashEvents: [cashEventToWire(cashEvent)] };
      },
    },
  } as unknown as Clients;
  return { foreign: new Foreign({ clients }), asked };
}

describe('what is foreign', () => {
  it('is told by account, with the rule that applies and what it means', async () => {
    const { foreign } = platform();
    expect(await foreign.foreign(new Fields({}))).toEqual({
      accounts: [
        {
          ...{ accountId: 'paper', takenAtUs: T, rule: 'ignore', cashMicros: -7 },
          meaning: expect.stringContaining('held against nothing'),
          orders: [{ orderId: 'theirs', symbol: 'SPY', side: 'sell', filledQuantity: 0 }],
          positions: [{ symbol: 'DOGE', quantity: 4 }],
        },
      ],
    });
    const second = await foreign.foreign(new Fields({ account: 'second' }));
    expect(second).toEqual({ accounts: [] });
  });
});

it('cash without a trade is told by whose ledger took it', async () => {
  const { foreign, asked } = platform();
  expect(await foreign.cash(new Fields({ account: 'paper', limit: '3' }))).toEqual({
    cashEvents: [cashEvent],
  });
  expect(asked).toEqual([{ accountId: 'paper', limit: 3 }]);
});
