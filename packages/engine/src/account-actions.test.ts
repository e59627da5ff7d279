import { parseCash, parsePrice, priceNanos, quantity, timeUs } from '@capstan/domain';
import { foreignCash, KILL_OFF } from '@capstan/risk';
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

/** An account of 10,000 whose bot `a` holds 10 AAA at 100 and has 15 more on order. */
function heldCore() {
  const core = new AccountCore(configOf());
  core.fund(HOUSE, parseCash('10000'));
  const first = core.decideSlice(requestOf([sliceOf('a', [signalOf('a', 'AAA')])])).orders[0];
  if (first === undefined) throw new Error('expected an order');
  core.applyFill(fillOf(first, 1, 10));
  core.applyOrder(orderOf(first, { state: 'filled', filledQuantity: quantity(10) }));
  const later = timeUs(NOON + 60_000_000);
  const slice = sliceOf('a', [signalOf('a', 'AAA', { barEndUs: later })], { sliceEndUs: later });
  const sizingOf = () => ({ kind: 'fixedQuantity', quantity: 25 }) as const;
  const [second] = core.decideSlice(requestOf([slice], { sizingOf })).orders;
  if (second === undefined) throw new Error('expected an order');
  return { core, second };
}

describe('a split', () => {
  it('restates what is held, out and marked, and pays what is less than a lot', () => {
    const { core, second } = heldCore();
    const split = { newShares: 3, oldShares: 4, closeNanos: parsePrice('100') };
    core.takeChanges();
    const paid = core.applySplit('AAA', split, [
      { orderId: second.orderId, openQuantity: quantity(11) },
    ]);
    expect(paid).toEqual([{ botId: 'a', fractionMicros: 66_666_667 }]);
    const view = core.view(KILL_OFF);
    expect(view.exposure('a', 'AAA')).toMatchObject({
      positionQuantity: 7,
      openBuyQuantity: 11,
      priceNanos: priceNanos(133_333_333_333),
    });
    const changes = core.takeChanges();
    expect(changes.positions).toMatchObject([{ botId: 'a', symbol: 'AAA', quantity: 7 }]);
    expect(changes.cash).toMatchObject([{ botId: 'a' }]);
    expect(changes.reservations).toMatchObject([{ openQuantity: 11 }]);
    core.applySplit('BBB', split, [{ orderId: 'unknown', openQuantity: quantity(1) }]);
    expect(core.takeChanges().positions).toEqual([]);
  });
});

describe('cash without a trade', () => {
  const dividend = {
    cashEventId: 'dividend',
    kind: 'dividend' as const,
    accountId: 'paper',
    botId: 'a',
    amountMicros: parseCash('5'),
    eventAtUs: NOON,
    accountSequence: 2,
  };

  it('counts once, in the sequence of the fills', () => {
    const { core } = heldCore();
    const before = core.ledger.totalCashMicros();
    expect(core.applyCash(dividend)).toBe(true);
    expect(core.applyCash(dividend)).toBe(false);
    expect(core.ledger.totalCashMicros()).toBe(before + 5_000_000);
    expect(() => core.applyCash({ ...dividend, accountSequence: 4 })).toThrow('came before 3');
  });

  it('is in equity and not in free cash while it is accrued', () => {
    const sized = (accrued: string) => {
      const sizingOf = () => ({ kind: 'equityFraction', fraction: 0.5 }) as const;
      const request = requestOf([sliceOf('b', [signalOf('b', 'BBB')])], { sizingOf });
      const { intents } = heldCore().core.decideSlice({
        ...request,
        accruedMicros: parseCash(accrued),
      });
      return intents[0]?.quantity;
    };
    expect(sized('0')).toBe(50);
    expect(sized('1000')).toBe(55);
    expect(heldCore().core.view(KILL_OFF).freeCashMicros).toBe(parseCash('7500'));
  });

  it('that trades of others took is not there to buy by', () => {
    const decided = (tookMicros: number) => {
      const sizingOf = () => ({ kind: 'fixedQuantity', quantity: 70 }) as const;
      const request = requestOf([sliceOf('b', [signalOf('b', 'BBB')])], { sizingOf });
      return heldCore().core.decideSlice({ ...request, drifts: foreignCash(-tookMicros) });
    };
    expect(decided(0).orders[0]?.quantity).toBe(70);
    expect(decided(7_000_000_000).denials).toMatchObject([{ policy: 'buying-power' }]);
  });

  it('that trades of others took makes what is sized by cash smaller', () => {
    const sized = (tookMicros: number) => {
      const sizingOf = () => ({ kind: 'cashFraction', fraction: 1, feeBps: 0 }) as const;
      const request = requestOf([sliceOf('b', [signalOf('b', 'BBB')])], { sizingOf });
      const core = heldCore().core.decideSlice({ ...request, drifts: foreignCash(-tookMicros) });
      return core.intents[0]?.quantity;
    };
    expect([sized(0), sized(7_000_000_000)]).toEqual([75, 5]);
  });
});
