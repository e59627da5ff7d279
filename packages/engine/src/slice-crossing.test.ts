import {
  type Fill,
  InstrumentBook,
  parseCash,
  parsePrice,
  quantity,
  type Signal,
  timeUs,
  usEquity,
} from '@capstan/domain';
import type { SizingRule } from '@capstan/portfolio';
import { isApproved, KILL_OFF, type RiskLimits } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import type { AccountConfig } from './account-config.ts';
import {
  configOf,
  fillOf,
  HUNDRED,
  NOON,
  orderOf,
  requestOf,
  signalOf,
  sliceOf,
} from './account-core.fixture.ts';
import { AccountCore, HOUSE } from './account-core.ts';
import type { SliceDecision, SliceRequest } from './account-slice.ts';

const INTERNAL: Partial<RiskLimits> = { crossing: 'internal', bufferBps: 0 };

interface Wanted {
  readonly botId: string;
  readonly direction: Signal['direction'];
  readonly units: number;
  readonly signal?: Partial<Signal>;
}

function coreOf(limits: Partial<RiskLimits> = INTERNAL, config: Partial<AccountConfig> = {}) {
  const core = new AccountCore({ ...configOf(limits), ...config });
  core.fund(HOUSE, parseCash('1000000'));
  return core;
}

/** Decides a slice in which each bot wants so many units of AAA. */
function decide(
  core: AccountCore,
  wanted: readonly Wanted[],
  changes: Partial<SliceRequest> & { readonly marks?: ReturnType<typeof sliceOf>['marks'] } = {},
): SliceDecision {
  const sliceEndUs = changes.sliceEndUs ?? NOON;
  const sizes = new Map(wanted.map(({ botId, units }) => [botId, units]));
  const { marks, ...rest } = changes;
  const slices = wanted.map(({ botId, direction, signal }) =>
    sliceOf(botId, [signalOf(botId, 'AAA', { direction, barEndUs: sliceEndUs, ...signal })], {
      sliceEndUs,
      ...(marks === undefined ? {} : { marks }),
    }),
  );
  const sizingOf = (botId: string): SizingRule => ({
    kind: 'fixedQuantity',
    quantity: sizes.get(botId) ?? 0,
  });
  return core.decideSlice(requestOf(slices, { sizingOf, ...rest }));
}

/** Lets a bot hold so much, long or short. */
function hold(core: AccountCore, botId: string, units: number): void {
  const direction = units > 0 ? 'long' : 'short';
  const sliceEndUs = timeUs(NOON - 60_000_000);
  const [order] = decide(core, [{ botId, direction, units: Math.abs(units) }], {
    sliceEndUs,
  }).orders;
  if (order === undefined) throw new Error('expected an order');
  core.applyFill(fillOf(order, core.lastSequence + 1, order.quantity));
  core.applyOrder(orderOf(order, { state: 'filled', filledQuantity: order.quantity }));
}

const told = ({ orders, crosses, denials }: SliceDecision) => ({
  orders: orders.map(({ botId, side, quantity: units, attempt }) => [botId, side, units, attempt]),
  crosses: crosses.map(({ buyOrderId, sellOrderId }) => {
    const at = (id: string) => orders.findIndex(({ orderId }) => orderId === id);
    return [at(buyOrderId), at(sellOrderId)];
  }),
  denials: denials.map(({ botId, policy }) => [botId, policy]),
});

const long = (botId: string, units: number): Wanted => ({ botId, direction: 'long', units });
const short = (botId: string, units: number): Wanted => ({ botId, direction: 'short', units });
const flat = (botId: string): Wanted => ({ botId, direction: 'flat', units: 1 });

describe('crossing inside an account', () => {
  it('fills the orders of two bots by each other at the close of the slice', () => {
    const decision = decide(coreOf(), [long('a', 10), short('b', 10)]);
    expect(told(decision)).toEqual({
      orders: [
        ['a', 'buy', 10, 1],
        ['b', 'sell', 10, 1],
      ],
      crosses: [[0, 1]],
      denials: [],
    });
    expect(decision.crosses[0]?.priceNanos).toBe(HUNDRED);
  });

  it('sends what is left of the larger one, as an approved order of its own', () => {
    const core = coreOf();
    const decision = decide(core, [long('a', 10), short('b', 4)]);
    expect(told(decision)).toEqual({
      orders: [
        ['a', 'buy', 4, 1],
        ['a', 'buy', 6, 2],
        ['b', 'sell', 4, 1],
      ],
      crosses: [[0, 2]],
      denials: [],
    });
    expect(decision.orders.every(isApproved)).toBe(true);
    expect(core.view(KILL_OFF).exposure('a', 'AAA').openBuyQuantity).toBe(10);
    const open = core.takeChanges().reservations;
    expect(open.map((one) => [one.orderId, one.openQuantity]).sort()).toEqual(
      decision.orders.map((order) => [order.orderId, order.quantity]).sort(),
    );
  });

  it('goes on with the next bot, so that orders of one side alone reach the venue', () => {
    const decision = decide(coreOf(), [long('a', 10), short('b', 6), short('c', 7)]);
    expect(told(decision)).toEqual({
      orders: [
        ['a', 'buy', 6, 1],
        ['a', 'buy', 4, 2],
        ['b', 'sell', 6, 1],
        ['c', 'sell', 4, 1],
        ['c', 'sell', 3, 2],
      ],
      crosses: [
        [0, 2],
        [1, 3],
      ],
      denials: [],
    });
  });

  it('lets out what adds against orders that are all crossed', () => {
    const limit = { ...long('c', 5), signal: { limitPriceNanos: parsePrice('99') } };
    expect(told(decide(coreOf(), [long('a', 4), short('b', 4), limit]))).toMatchObject({
      ...{ crosses: [[0, 1]], denials: [] },
    });
    expect(told(decide(coreOf(), [long('a', 4), short('b', 5), limit]))).toMatchObject({
      ...{ crosses: [[0, 1]], denials: [['c', 'would-cross']] },
    });
  });

  it('crosses what closes with what opens, and with what closes the other side', () => {
    const core = coreOf();
    hold(core, 'a', 10);
    hold(core, 'c', -8);
    expect(told(decide(core, [flat('a'), long('b', 3), flat('c')]))).toEqual({
      orders: [
        ['a', 'sell', 3, 1],
        ['a', 'sell', 7, 2],
        ['b', 'buy', 3, 1],
        ['c', 'buy', 7, 1],
        ['c', 'buy', 1, 2],
      ],
      crosses: [
        [2, 0],
        [3, 1],
      ],
      denials: [],
    });
  });

  it('is asked of the limits as any order: what they deny is not crossed', () => {
    const limits = { ...INTERNAL, scopes: [{ botId: 'b', longOnly: true }] };
    const decision = decide(coreOf(limits), [long('a', 10), short('b', 10)]);
    expect(told(decision)).toEqual({
      ...{ orders: [['a', 'buy', 10, 1]], crosses: [], denials: [['b', 'long-only']] },
    });
  });

  it('crosses only what a cap leaves of an order', () => {
    const limits = { ...INTERNAL, resize: true, scopes: [{ botId: 'b', maxPositionUnits: 3 }] };
    const decision = decide(coreOf(limits), [long('a', 10), short('b', 10)]);
    expect(told(decision)).toMatchObject({
      orders: [
        ['a', 'buy', 3, 1],
        ['a', 'buy', 7, 2],
        ['b', 'sell', 3, 1],
      ],
      crosses: [[0, 2]],
    });
  });

  it('stands in the account’s state: a restored one goes on as this one', () => {
    const core = coreOf();
    const decision = decide(core, [long('a', 10), short('b', 4)]);
    const state = JSON.parse(JSON.stringify(core.state())) as ReturnType<AccountCore['state']>;
    const restored = AccountCore.restore(configOf(INTERNAL), core.takeChanges(), state);
    for (const [index, { orderId }] of decision.crosses
      .flatMap(({ buyOrderId, sellOrderId }) => [buyOrderId, sellOrderId])
      .map((orderId) => ({ orderId }))
      .entries()) {
      const order = decision.orders.find((one) => one.orderId === orderId);
      if (order === undefined) throw new Error('expected an order');
      const fill: Fill = fillOf(order, index + 1, order.quantity);
      for (const one of [core, restored]) {
        one.applyFill(fill);
        one.applyOrder(orderOf(order, { state: 'filled', filledQuantity: order.quantity }));
      }
    }
    expect(restored.state()).toEqual(core.state());
    const { positionQuantity, openBuyQuantity } = core.view(KILL_OFF).exposure('a', 'AAA');
    expect([positionQuantity, openBuyQuantity]).toEqual([4, 6]);
  });

  describe('leaves to would-cross', () => {
    const refusal = { orders: [['a', 'buy', 10, 1]], crosses: [], denials: [['b', 'would-cross']] };
    const pair = [long('a', 10), short('b', 10)];

    it('every pair, where crossing is denied', () => {
      expect(told(decide(coreOf({ bufferBps: 0 }), pair))).toEqual(refusal);
    });

    it('an order with a price, or with exits', () => {
      const limit = { limitPriceNanos: HUNDRED };
      const stop = { stopPriceNanos: parsePrice('120') };
      for (const signal of [limit, stop]) {
        const priced = { ...short('b', 10), signal };
        expect(told(decide(coreOf(), [long('a', 10), priced]))).toEqual(refusal);
      }
    });

    it('an order for an auction', () => {
      const atClose = { ...short('b', 10), signal: { timeInForce: 'onClose' } as const };
      expect(told(decide(coreOf(), [long('a', 10), atClose]))).toEqual(refusal);
    });

    it('a bot that may have exits at the venue for what it holds', () => {
      const core = coreOf();
      const signal = { stopPriceNanos: parsePrice('90') };
      const [entry] = decide(core, [{ ...long('b', 5), signal }]).orders;
      if (entry === undefined) throw new Error('expected an order');
      core.applyFill(fillOf(entry, 1, 5));
      core.applyOrder(orderOf(entry, { state: 'filled', filledQuantity: quantity(5) }));
      const sliceEndUs = timeUs(NOON + 60_000_000);
      expect(told(decide(core, [long('a', 10), flat('b')], { sliceEndUs }))).toEqual({
        orders: [
          ['a', 'buy', 10, 1],
          ['b', 'sell', 5, 1],
        ],
        crosses: [],
        denials: [],
      });
    });

    it('a bot with something else out in the symbol', () => {
      const core = coreOf();
      decide(core, [{ ...short('b', 4), signal: { limitPriceNanos: parsePrice('101') } }]);
      const sliceEndUs = timeUs(NOON + 60_000_000);
      const decision = decide(core, [long('a', 10), short('b', 10)], { sliceEndUs });
      expect(told(decision)).toMatchObject({ crosses: [], denials: [['a', 'would-cross']] });
    });

    it('what is against more than can be crossed', () => {
      const core = coreOf();
      decide(core, [{ ...long('c', 4), signal: { limitPriceNanos: parsePrice('99') } }]);
      const sliceEndUs = timeUs(NOON + 60_000_000);
      expect(told(decide(core, pair, { sliceEndUs }))).toEqual(refusal);
    });

    it('a symbol without a bar of the slice, or whose market is closed', () => {
      const old = timeUs(NOON - 60_000_000);
      const marks = [{ symbol: 'AAA', priceNanos: HUNDRED, barEndUs: old }];
      expect(told(decide(coreOf(), pair, { marks }))).toEqual(refusal);
      const night = timeUs(NOON + 10 * 3_600_000_000);
      const limits = { ...INTERNAL, entryTiming: 'nextOpen' } as const;
      expect(told(decide(coreOf(limits), pair, { sliceEndUs: night }))).toEqual(refusal);
    });

    it('what is no share', () => {
      const future = { ...usEquity('AAA'), assetClass: 'future' } as const;
      const instruments = new InstrumentBook([future, usEquity('BBB')]);
      expect(told(decide(coreOf(INTERNAL, { instruments }), pair))).toEqual(refusal);
    });
  });
});
