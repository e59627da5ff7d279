import { type CashEvent, parseCash, parsePrice, type TimeUs, timeUs } from '@capstan/domain';
import type { RiskLimits } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import {
  configOf,
  fillOf,
  NOON,
  orderOf,
  requestOf,
  signalOf,
  sliceOf,
} from './account-core.fixture.ts';
import { AccountCore, HOUSE } from './account-core.ts';

const MINUTE = 60_000_000;
/** 16:00 in New York. */
const CLOSE = timeUs(NOON + 240 * MINUTE);

function coreOf(limits: Partial<RiskLimits>): AccountCore {
  const core = new AccountCore(configOf({ bufferBps: 0, ...limits }));
  core.fund(HOUSE, parseCash('10000'));
  return core;
}

/** Restores the account from its rows and JSON: nothing else survives a restart. */
function restarted(core: AccountCore, limits: Partial<RiskLimits>): AccountCore {
  const { rows, cash } = core.ledger.snapshot();
  const reservations = core.takeChanges().reservations.filter((one) => one.openQuantity > 0);
  const state = JSON.parse(JSON.stringify(core.state())) as ReturnType<AccountCore['state']>;
  const stored = { positions: rows, cash, reservations };
  return AccountCore.restore(configOf({ bufferBps: 0, ...limits }), stored, state);
}

type Direction = 'long' | 'short' | 'flat';

/** Decides a slice in which bot a wants something of AAA, or nothing. */
function decide(core: AccountCore, endUs: number, wants?: Direction, price = '100') {
  const sliceEndUs = timeUs(endUs);
  const signals =
    wants === undefined ? [] : [signalOf('a', 'AAA', { direction: wants, barEndUs: sliceEndUs })];
  const marks = ['AAA', 'BBB'].map((symbol) => ({
    symbol,
    priceNanos: parsePrice(price),
    barEndUs: sliceEndUs,
  }));
  const slices = [sliceOf('a', signals, { sliceEndUs, marks })];
  return core.decideSlice(requestOf(slices));
}

/** Fills what was decided, in whole, at 100. */
function fill(core: AccountCore, { orders }: ReturnType<typeof decide>, atUs: TimeUs = NOON): void {
  for (const order of orders) {
    const sequence = core.lastSequence + 1;
    core.applyFill(fillOf(order, sequence, order.quantity, { eventAtUs: atUs }));
    core.applyOrder(orderOf(order, { state: 'filled', filledQuantity: order.quantity }));
  }
}

const policies = ({ denials }: ReturnType<typeof decide>) => denials.map((one) => one.policy);

describe('what an account counts', () => {
  it('ends the trades of a day, over a restart as well, and begins anew with the next', () => {
    const limits = { maxTradesPerDay: 1 };
    let core = coreOf(limits);
    fill(core, decide(core, NOON, 'long'));
    fill(core, decide(core, NOON + MINUTE, 'flat'));
    core = restarted(core, limits);
    expect(policies(decide(core, NOON + 2 * MINUTE, 'long'))).toEqual(['trades-per-day']);
    core = restarted(core, limits);
    const tomorrow = NOON + 1_440 * MINUTE;
    expect(decide(core, tomorrow, 'long').orders).toHaveLength(1);
  });

  it('begins with the first bar, not with the word of bots that have seen none', () => {
    const core = coreOf({ maxTradesPerDay: 1 });
    expect(policies(decide(core, 0))).toEqual([]);
    expect(decide(core, NOON, 'long').orders).toHaveLength(1);
  });

  it('stops adding once a session has lost its limit, until the next, whatever equity does', () => {
    const limits = { maxDailyLossMicros: parseCash('50') };
    let core = coreOf(limits);
    fill(core, decide(core, NOON, 'long'));
    decide(core, NOON + MINUTE, undefined, '95');
    core = restarted(core, limits);
    decide(core, NOON + 2 * MINUTE, undefined, '100');
    const exit = decide(core, NOON + 3 * MINUTE, 'flat', '100');
    expect(exit.orders).toMatchObject([{ reducing: true }]);
    fill(core, exit);
    expect(policies(decide(core, NOON + 4 * MINUTE, 'long', '100'))).toEqual(['daily-loss']);
    expect(decide(core, NOON + 1_440 * MINUTE, 'long').orders).toHaveLength(1);
  });

  it('holds equity against its peak, and cash that leaves for no loss', () => {
    const core = coreOf({ maxDrawdownFraction: 0.01 });
    decide(core, NOON);
    const withdrawal: CashEvent = {
      cashEventId: 'out',
      kind: 'withdrawal',
      accountId: 'paper',
      botId: HOUSE,
      amountMicros: -parseCash('5000') as CashEvent['amountMicros'],
      eventAtUs: NOON,
      accountSequence: 1,
    };
    core.applyCash(withdrawal);
    const entry = decide(core, NOON + MINUTE, 'long');
    expect(entry.orders).toHaveLength(1);
    fill(core, entry);
    expect(policies(decide(core, NOON + 2 * MINUTE, 'short', '95.01'))).toEqual([]);
    const other = coreOf({ maxDrawdownFraction: 0.005 });
    fill(other, decide(other, NOON, 'long'));
    expect(policies(decide(other, NOON + MINUTE, 'short', '95'))).toEqual(['drawdown']);
  });

  it('stops the bot whose profit fell too far from its peak, over a restart, and no other', () => {
    const limits = { scopes: [{ botId: 'a', maxDrawdownFraction: 0.005 }] };
    const core = coreOf(limits);
    const entry = decide(core, NOON, 'long');
    fill(core, entry);
    expect(policies(decide(core, NOON + MINUTE, 'short', '95.01'))).toEqual([]);
    const other = coreOf(limits);
    fill(other, decide(other, NOON, 'long'));
    decide(other, NOON + MINUTE, undefined, '95');
    const again = restarted(other, limits);
    expect(policies(decide(again, NOON + 2 * MINUTE, 'short', '95'))).toEqual(['drawdown']);
  });

  it('pauses a bot in a symbol after a fill', () => {
    const core = coreOf({ cooldownUs: 10 * MINUTE });
    fill(core, decide(core, NOON, 'long'));
    fill(core, decide(core, NOON + MINUTE, 'flat'), timeUs(NOON + 2 * MINUTE));
    expect(policies(decide(core, NOON + 11 * MINUTE, 'long'))).toEqual(['cooldown']);
    expect(decide(core, NOON + 12 * MINUTE, 'short').orders).toHaveLength(1);
  });

  it('pays purchases from what has settled', () => {
    const core = coreOf({ settledCashOnly: true });
    core.fund(HOUSE, parseCash('-9000'));
    fill(core, decide(core, NOON, 'long'));
    fill(core, decide(core, NOON + MINUTE, 'flat'));
    expect(policies(decide(core, NOON + 2 * MINUTE, 'long'))).toEqual(['settled-cash']);
    expect(decide(core, NOON + 1_440 * MINUTE, 'long').orders).toHaveLength(1);
  });
});

describe('limits that change', () => {
  it('count from the next decision on; what cannot be used leaves those that hold', () => {
    const core = coreOf({});
    const { limits } = core;
    expect(() => core.setLimits({ ...limits, maxPositions: -1 })).toThrow('maxPositions is -1');
    expect(core.limits).toBe(limits);
    core.setLimits({ ...limits, blockedSymbols: ['AAA'] });
    expect(policies(decide(core, NOON, 'long'))).toEqual(['blocked-symbol']);
  });
});

describe('closing before the close', () => {
  const limits = { flatBeforeCloseMinutes: 5 };
  const last = CLOSE - 5 * MINUTE;

  it('sells what is held as a reducing order of the schedule, once', () => {
    const core = coreOf(limits);
    fill(core, decide(core, NOON, 'long'));
    expect(decide(core, last - MINUTE).orders).toEqual([]);
    const closing = decide(core, last);
    expect(closing.intents).toMatchObject([{ causeKind: 'schedule', reducing: true }]);
    expect(closing.orders).toMatchObject([{ side: 'sell', quantity: 10, type: 'market' }]);
    expect(decide(core, last + MINUTE).orders).toEqual([]);
    fill(core, closing);
    expect(decide(core, last + 2 * MINUTE).orders).toEqual([]);
  });

  it('goes before what the bot wants, and nothing is added any more', () => {
    const core = coreOf(limits);
    fill(core, decide(core, NOON, 'short'));
    const both = decide(core, last, 'long');
    expect(both.orders).toMatchObject([{ side: 'buy', quantity: 10, reducing: true }]);
    expect(policies(both)).toEqual(['session-window']);
  });

  it('cancels what was to close at a price that has not come, and closes at the market', () => {
    const core = coreOf(limits);
    fill(core, decide(core, NOON, 'long'));
    const signal = signalOf('a', 'AAA', { direction: 'flat', limitPriceNanos: parsePrice('120') });
    const [exit] = core.decideSlice(requestOf([sliceOf('a', [signal])])).orders;
    if (exit === undefined) throw new Error('expected an order');
    const again = restarted(core, limits);
    const closing = decide(again, last);
    expect([closing.orders, closing.cancelOrderIds]).toEqual([[], [exit.orderId]]);
    again.applyOrder(orderOf(exit, { state: 'cancelled' }));
    const [market] = decide(again, last + MINUTE).orders;
    expect(market).toMatchObject({ side: 'sell', quantity: 10, type: 'market', reducing: true });
  });

  it('cancels what may still open, and closes it where it fills all the same', () => {
    const core = coreOf(limits);
    const entry = decide(core, last - MINUTE, 'long');
    const [order] = entry.orders;
    expect(decide(core, last).cancelOrderIds).toEqual([order?.orderId]);
    fill(core, entry);
    expect(decide(core, last + MINUTE).orders).toMatchObject([{ side: 'sell', quantity: 10 }]);
  });

  describe('in the closing auction', () => {
    const auction = { ...limits, flatBy: 'onClose' } as const;
    const forces = ({ orders }: ReturnType<typeof decide>) =>
      orders.map(({ timeInForce }) => timeInForce);

    it('sends one order there, another where that is refused, and the last minutes take the market', () => {
      const core = coreOf(auction);
      fill(core, decide(core, NOON, 'long'));
      for (const minutes of [5, 4, 3]) {
        const closing = decide(core, CLOSE - minutes * MINUTE);
        expect(forces(closing)).toEqual(['onClose']);
        for (const order of closing.orders) core.applyOrder(orderOf(order, { state: 'rejected' }));
      }
      expect(forces(decide(core, CLOSE - 2 * MINUTE))).toEqual(['day']);
      const waiting = coreOf(auction);
      fill(waiting, decide(waiting, NOON, 'long'));
      expect(forces(decide(waiting, last))).toEqual(['onClose']);
      for (const minutes of [4, 2, 1]) {
        expect(forces(decide(waiting, CLOSE - minutes * MINUTE))).toEqual([]);
      }
    });

    it('is not where exits may stand at the venue, over a restart, until the bot has been flat', () => {
      const exits = { stopPriceNanos: parsePrice('90') };
      const enter = (core: AccountCore, endUs: number, of: object = {}) => {
        const sliceEndUs = timeUs(endUs);
        const signal = signalOf('a', 'AAA', { direction: 'long', barEndUs: sliceEndUs, ...of });
        return core.decideSlice(requestOf([sliceOf('a', [signal], { sliceEndUs })]));
      };
      const core = coreOf(auction);
      fill(core, enter(core, NOON, exits));
      const again = restarted(core, auction);
      expect(forces(decide(again, last))).toEqual(['day']);
      fill(core, decide(core, NOON + MINUTE, 'flat'));
      fill(core, enter(core, NOON + 2 * MINUTE));
      expect(forces(decide(core, last))).toEqual(['onClose']);
    });

    it('is not for a kill time, which does not wait', () => {
      const core = coreOf({ ...auction, killTime: '15:55' });
      fill(core, decide(core, NOON, 'long'));
      expect(forces(decide(core, last))).toEqual(['day']);
    });
  });

  it('does nothing once the market is closed, nor for a part that has no such limit', () => {
    const core = coreOf(limits);
    fill(core, decide(core, NOON, 'long'));
    expect(decide(core, CLOSE).orders).toEqual([]);
    const other = coreOf({ scopes: [{ botId: 'b', flatBeforeCloseMinutes: 5 }] });
    fill(other, decide(other, NOON, 'long'));
    expect(decide(other, last).orders).toEqual([]);
    const own = coreOf({ scopes: [{ botId: 'a', killTime: '15:00' }] });
    fill(own, decide(own, NOON, 'long'));
    expect(decide(own, last).orders).toHaveLength(1);
  });
});

it('is not asked for a day before the first bar of a feed', () => {
  const core = coreOf({ flatBeforeCloseMinutes: 5 });
  const nothing = { intents: [], denials: [], orders: [], cancelOrderIds: [], crosses: [] };
  expect(decide(core, 0)).toEqual(nothing);
  expect(decide(core, NOON, 'long').orders).toHaveLength(1);
});
