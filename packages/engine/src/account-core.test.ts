import { cashMicros, deriveId, parseCash, parsePrice, quantity, timeUs } from '@capstan/domain';
import { isApproved, KILL_OFF } from '@capstan/risk';
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

function fundedCore(cash = '10000', limits = {}) {
  const core = new AccountCore(configOf(limits));
  core.fund(HOUSE, parseCash(cash));
  core.takeChanges();
  return core;
}

function onlyOrder(core: AccountCore, botId = 'a', symbol = 'AAA') {
  const { orders } = core.decideSlice(requestOf([sliceOf(botId, [signalOf(botId, symbol)])]));
  const [order] = orders;
  if (order === undefined || orders.length > 1) throw new Error('expected one order');
  return order;
}

describe('AccountCore.decideSlice', () => {
  it('says that an account is not open until the cash of its broker is booked', () => {
    const reasons = (core: AccountCore) => {
      const sizingOf = () => ({ kind: 'equityFraction', fraction: 0.15 }) as const;
      const slices = [sliceOf('a', [signalOf('a', 'AAA')])];
      const { denials } = core.decideSlice(requestOf(slices, { sizingOf }));
      return denials.map(({ policy, reason }) => `${policy}: ${reason}`);
    };
    const lot = 'at strength 1 and price 100.00 is less than one lot of 1';
    expect(reasons(fundedCore('0'))).toEqual([`sizing: 0.15 of equity 0.00 ${lot}`]);
    const core = new AccountCore({ ...configOf(), opensByEntry: true });
    core.fund(HOUSE, parseCash('0'));
    expect(reasons(core)).toEqual([
      `sizing: the account is not open yet, as its broker's cash is not booked (\`capstan status\` says what it waits for): 0.15 of equity 0.00 ${lot}`,
    ]);
    core.applyCash({
      ...{
        cashEventId: 'opening',
        activityId: 'opening',
        accountId: 'paper',
        botId: HOUSE,
        eventAtUs: NOON,
      },
      ...{ kind: 'transfer', amountMicros: parseCash('1'), accountSequence: 1 },
    });
    expect(reasons(core)).toEqual([`sizing: 0.15 of equity 1.00 ${lot}`]);
  });

  it('approves and reserves what the limits let pass', () => {
    const core = fundedCore();
    const order = onlyOrder(core);
    expect(isApproved(order)).toBe(true);
    expect(order).toMatchObject({ side: 'buy', quantity: 10, decidedAtUs: NOON });
    expect(core.takeChanges()).toEqual({
      positions: [],
      cash: [],
      reservations: [
        {
          orderId: order.orderId,
          accountId: 'paper',
          botId: 'a',
          symbol: 'AAA',
          side: 'buy',
          openQuantity: 10,
          priceNanos: parsePrice('100'),
          reducing: false,
        },
      ],
    });
    expect(core.takeChanges().reservations).toEqual([]);
  });

  it('decides in the order of bot and symbol, later ones seeing what earlier ones reserved', () => {
    const core = fundedCore('2100');
    const decision = core.decideSlice(
      requestOf([
        sliceOf('b', [signalOf('b', 'AAA')]),
        sliceOf('a', [signalOf('a', 'BBB'), signalOf('a', 'AAA')]),
      ]),
    );
    expect(decision.intents.map((one) => [one.botId, one.symbol])).toEqual([
      ['a', 'AAA'],
      ['a', 'BBB'],
      ['b', 'AAA'],
    ]);
    expect(decision.orders.map((one) => [one.botId, one.symbol])).toEqual([
      ['a', 'AAA'],
      ['a', 'BBB'],
    ]);
    expect(decision.denials).toMatchObject([
      { botId: 'b', policy: 'buying-power', intentId: decision.intents[2]?.intentId },
    ]);
  });

  it('does not order again what is out', () => {
    const core = fundedCore();
    onlyOrder(core);
    const later = timeUs(NOON + 60_000_000);
    const again = signalOf('a', 'AAA', { barEndUs: later });
    const slice = sliceOf('a', [again], { sliceEndUs: later });
    expect(core.decideSlice(requestOf([slice]))).toEqual({
      ...{ intents: [], denials: [], orders: [], cancelOrderIds: [], crosses: [] },
    });
  });

  it('sizes by the equity of the whole account at the last marks', () => {
    const core = fundedCore('10000');
    const order = onlyOrder(core, 'b');
    core.applyFill(fillOf(order, 1, 10));
    core.applyOrder(orderOf(order, { state: 'filled', filledQuantity: quantity(10) }));
    core.mark([{ symbol: 'AAA', priceNanos: parsePrice('200'), barEndUs: NOON }]);
    core.mark([{ symbol: 'AAA', priceNanos: parsePrice('1'), barEndUs: timeUs(NOON - 1) }]);
    expect(core.view(KILL_OFF).equityMicros).toBe(parseCash('11000'));
    const { orders } = core.decideSlice(
      requestOf([sliceOf('a', [signalOf('a', 'BBB')], { marks: [] })], {
        sizingOf: () => ({ kind: 'equityFraction', fraction: 0.5 }),
      }),
    );
    expect(orders[0]?.quantity).toBe(55);
  });

  it('denies before there is an intent what cannot be sized', () => {
    const core = fundedCore();
    const unknown = core.decideSlice(
      requestOf([sliceOf('a', [signalOf('a', 'AAA')])], { sizingOf: () => undefined }),
    );
    expect(unknown.intents).toEqual([]);
    expect(unknown.denials).toEqual([
      {
        denialId: deriveId('denial', `a-AAA-${NOON}`, 'sizing'),
        runId: 'run',
        accountId: 'paper',
        botId: 'a',
        symbol: 'AAA',
        causeKind: 'signal',
        causeId: `a-AAA-${NOON}`,
        policy: 'sizing',
        reason: "bot 'a' is not known",
        decidedAtUs: NOON,
      },
    ]);
    const nowhere = core.decideSlice(requestOf([sliceOf('a', [signalOf('a', 'ZZZ')])]));
    expect(nowhere.denials).toMatchObject([{ reason: "no instrument named 'ZZZ'" }]);
  });

  it('denies adding while the kill switch is thrown, and lets positions be closed', () => {
    const core = fundedCore();
    core.applyFill(fillOf(onlyOrder(core), 1, 10));
    const killSwitch = { mode: 'soft', actor: 'ana', reason: 'drill' } as const;
    const later = timeUs(NOON + 60_000_000);
    const signals = [
      signalOf('a', 'AAA', { direction: 'flat', barEndUs: later }),
      signalOf('a', 'BBB', { barEndUs: later }),
    ];
    const slice = sliceOf('a', signals, { sliceEndUs: later });
    const { orders, denials } = core.decideSlice(requestOf([slice], { killSwitch }));
    expect(orders).toMatchObject([{ symbol: 'AAA', side: 'sell', quantity: 10, reducing: true }]);
    expect(denials).toMatchObject([{ symbol: 'BBB', policy: 'kill-switch' }]);
  });
});

describe('AccountCore reservations', () => {
  const open = (core: AccountCore) => {
    const { openBuyQuantity, openSellQuantity, positionQuantity } = core
      .view(KILL_OFF)
      .exposure('a', 'AAA');
    return { position: positionQuantity, buys: openBuyQuantity, sells: openSellQuantity };
  };

  it('shrink by fills, and close with the last', () => {
    const core = fundedCore();
    const order = onlyOrder(core);
    core.takeChanges();
    expect(core.applyFill(fillOf(order, 1, 4))).toBe(true);
    expect(open(core)).toEqual({ position: 4, buys: 6, sells: 0 });
    expect(core.applyFill(fillOf(order, 1, 4))).toBe(false);
    expect(core.state().reservations.partly).toEqual([
      { orderId: order.orderId, appliedQuantity: 4, ended: false },
    ]);
    core.applyFill(fillOf(order, 2, 6));
    expect(open(core)).toEqual({ position: 10, buys: 0, sells: 0 });
    const changes = core.takeChanges();
    expect(changes.reservations).toMatchObject([{ orderId: order.orderId, openQuantity: 0 }]);
    expect(changes.positions).toMatchObject([{ botId: 'a', symbol: 'AAA', quantity: 10 }]);
    expect(changes.cash).toEqual([
      { accountId: 'paper', botId: 'a', cashMicros: parseCash('-1000') },
    ]);
  });

  it('stay through UNKNOWN and everything else that is no end', () => {
    const core = fundedCore();
    const order = onlyOrder(core);
    for (const state of ['submitting', 'unknown', 'accepted', 'cancelling'] as const) {
      core.applyOrder(orderOf(order, { state }));
      expect(open(core).buys).toBe(10);
    }
    core.applyOrder(orderOf(order, { state: 'rejected' }));
    expect(open(core).buys).toBe(0);
  });

  it('shrink once the venue has replaced their order by less, and not while it is only asked', () => {
    const core = fundedCore();
    const order = onlyOrder(core);
    core.applyFill(fillOf(order, 1, 2));
    const [approved, asked] = [{ quantity: quantity(10) }, { quantity: quantity(6) }];
    const replaces = { count: 1, approved };
    core.applyOrder(orderOf(order, { state: 'replacing', replaces: { ...replaces, asked } }));
    expect(open(core)).toEqual({ position: 2, buys: 8, sells: 0 });
    core.applyOrder(orderOf(order, { state: 'partiallyFilled', replaces, ...asked }));
    expect(open(core)).toEqual({ position: 2, buys: 4, sells: 0 });
    core.applyFill(fillOf(order, 2, 4));
    expect(open(core)).toEqual({ position: 6, buys: 0, sells: 0 });
  });

  it('keep what an ended order has filled until those fills are applied', () => {
    const core = fundedCore();
    const order = onlyOrder(core);
    core.applyFill(fillOf(order, 1, 2));
    const ended = orderOf(order, { state: 'cancelled', filledQuantity: quantity(7) });
    core.applyOrder(ended);
    expect(open(core)).toEqual({ position: 2, buys: 5, sells: 0 });
    core.applyOrder(ended);
    expect(open(core).buys).toBe(5);
    core.applyFill(fillOf(order, 2, 5));
    expect(open(core)).toEqual({ position: 7, buys: 0, sells: 0 });
    expect(core.state().reservations).toEqual({ partly: [], filled: [] });
  });

  it('do not come back by late word of an order that fills have closed', () => {
    const core = fundedCore();
    const order = onlyOrder(core);
    core.applyFill(fillOf(order, 1, 10));
    expect(core.state().reservations.filled).toEqual([order.orderId]);
    core.applyOrder(orderOf(order, { state: 'accepted' }));
    expect(open(core).buys).toBe(0);
    core.applyOrder(orderOf(order, { state: 'filled', filledQuantity: quantity(10) }));
    expect(core.state().reservations.filled).toEqual([]);
  });

  it('grow again by what a bust takes back from a working order', () => {
    const core = fundedCore();
    const order = onlyOrder(core);
    core.applyFill(fillOf(order, 1, 4));
    core.applyFill(fillOf(order, 2, 4, { kind: 'bust', refersTo: 'fill-1' }));
    expect(open(core)).toEqual({ position: 0, buys: 10, sells: 0 });
    core.applyFill(fillOf(order, 3, 3));
    core.applyFill(fillOf(order, 4, 2, { kind: 'correction', refersTo: 'fill-3' }));
    expect(open(core)).toEqual({ position: 2, buys: 8, sells: 0 });
    core.applyOrder(orderOf(order, { state: 'cancelled', filledQuantity: quantity(2) }));
    core.applyFill(fillOf(order, 5, 2, { kind: 'bust', refersTo: 'fill-3' }));
    expect(open(core)).toEqual({ position: 0, buys: 0, sells: 0 });
  });

  it('are made for working orders that risk did not approve', () => {
    const core = fundedCore();
    const order = onlyOrder(core);
    const foreign = orderOf(order, {
      orderId: 'flatten-1',
      side: 'sell',
      state: 'partiallyFilled',
      filledQuantity: quantity(4),
      reducing: true,
    });
    core.applyOrder(foreign);
    expect(open(core)).toEqual({ position: 0, buys: 10, sells: 6 });
    core.applyOrder({ ...foreign, state: 'filled', filledQuantity: quantity(10) });
    expect(open(core).sells).toBe(6);
    core.applyFill(fillOf(foreign, 1, 6));
    expect(open(core)).toEqual({ position: -6, buys: 10, sells: 0 });
    core.applyOrder({ ...foreign, orderId: 'flatten-2', state: 'accepted', quantity: quantity(4) });
    expect(open(core).sells).toBe(0);
  });
});

describe('AccountCore inputs', () => {
  it('refuses a fill before its turn, a foreign order and bad limits', () => {
    const core = fundedCore();
    const order = onlyOrder(core);
    expect(() => core.applyFill(fillOf(order, 2, 1))).toThrow('fill 2 came before 1');
    expect(() => core.applyOrder(orderOf(order, { accountId: 'other' }))).toThrow('order of other');
    expect(() => new AccountCore(configOf({ bufferBps: -1 }))).toThrow(
      expect.objectContaining({ code: 'RISK.LIMITS' }),
    );
  });

  it('values what it holds at cost where a mark is missing', () => {
    const core = fundedCore();
    core.applyFill(fillOf(onlyOrder(core), 1, 10, { feeMicros: cashMicros(1_000_000) }));
    const { positions } = core.takeChanges();
    const cash = [HOUSE, 'a'].map((botId) => core.ledger.cashRow(botId));
    const state = { ...core.state(), marks: [] };
    const restored = AccountCore.restore(configOf(), { positions, cash, reservations: [] }, state);
    expect(restored.view(KILL_OFF).equityMicros).toBe(parseCash('9999'));
    expect(restored.view(KILL_OFF).symbolMicros('AAA')).toBe(parseCash('1000'));
    expect(restored.lastSequence).toBe(1);
  });
});
