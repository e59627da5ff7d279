import {
  type BarSlice,
  type Fill,
  newOrder,
  type Order,
  type OrderTerms,
  parsePrice,
  quantity,
  timeUs,
  US_PER_MINUTE,
  ZERO_CASH,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { configOf, NOON, signalOf, sliceOf, TEN } from '../account-core.fixture.ts';
import { PLAIN_EXCHANGE } from '../exchange-behaviour.ts';
import { AccountReplay } from './account-replay.ts';
import type { Difference } from './difference.ts';
import { VenueReplay } from './venue-replay.ts';

const { instruments, calendarOf } = configOf();
const ACCOUNT = { accountId: 'paper', currency: 'USD', cashMicros: ZERO_CASH };
const at = (minutes: number) => timeUs(NOON + minutes * US_PER_MINUTE);
const price = (text: string) => parsePrice(text);

const TERMS: OrderTerms = {
  ...{ orderId: 'order', intentId: 'intent', runId: 'run', accountId: 'paper', botId: 'a' },
  ...{ symbol: 'AAA', side: 'buy', quantity: quantity(5), type: 'limit', timeInForce: 'day' },
  ...{ limitPriceNanos: price('99'), reducing: false, leg: 0, attempt: 1 },
  ...{ decidedAtUs: NOON, expiresAtUs: at(5) },
};
const told = (changes: Partial<Order>): Order => ({ ...newOrder(TERMS, NOON), ...changes });

/** A bar that trades from 98 to 101, in the minute that ends then. */
function slice(minutes: number): BarSlice {
  const [startUs, endUs] = [at(minutes - 1), at(minutes)];
  const prices = {
    ...{ openNanos: price('100'), highNanos: price('101') },
    ...{ lowNanos: price('98'), closeNanos: price('100') },
  };
  const bar = { symbol: 'AAA', timeframe: '1m', revision: 0, volume: 1_000 } as const;
  return { feed: 'feed', endUs, bars: [{ ...bar, ...prices, startUs, endUs }] };
}

function fillAt(text: string, minutes: number): Fill {
  const { orderId, runId, accountId, botId, symbol, side, quantity: amount } = TERMS;
  return {
    ...{ fillId: 'fill', kind: 'fill', orderId, runId, accountId, botId, symbol, side },
    ...{ quantity: amount, priceNanos: price(text), feeMicros: ZERO_CASH },
    ...{ eventAtUs: at(minutes), accountSequence: 1 },
  };
}

const DECIDED = { isDecided: true, cancels: [] } as const;

/** A venue that has been told of the order in these states, then of the first slice with these fills. */
function play(
  orders: readonly Order[],
  fills: readonly Fill[] = [],
  of: { readonly isDecided: boolean; readonly cancels: readonly string[] } = DECIDED,
): readonly Difference[] {
  const venue = new VenueReplay({
    ...{ behaviour: PLAIN_EXCHANGE, accounts: [ACCOUNT], instruments, calendarOf },
    modelled: new Set(['paper']),
  });
  const decided = { feed: 'feed', sliceEndUs: NOON, cancelOrderIds: of.cancels };
  venue.approve({ ...decided, orders: of.isDecided ? [TERMS] : [] });
  if (!of.isDecided) venue.noteCause('intent', 'command');
  const early = orders.flatMap((order) => venue.take('paper', { orders: [order] }));
  venue.addSlice(slice(1));
  const venueSlice = { feed: 'feed', sliceEndUs: at(1) };
  return [...early, ...venue.take('paper', { entries: fills, venueSlice }), ...venue.settle()];
}

/** A venue that is told of an entry with a stop, which is reached while live's is not, after an order of that bot or another was crossed. */
function stopped(crossedBot: string): readonly Difference[] {
  const venue = new VenueReplay({
    ...{ behaviour: PLAIN_EXCHANGE, accounts: [ACCOUNT], instruments, calendarOf },
    modelled: new Set(['paper']),
  });
  const crossed = { ...TERMS, orderId: 'crossed', botId: crossedBot };
  const entry = { ...TERMS, exits: { stopPriceNanos: price('98.50') } };
  const decided = { feed: 'feed', sliceEndUs: NOON, cancelOrderIds: [] };
  venue.approve({ ...decided, orders: [crossed, entry] });
  const inside = { state: 'filled', venueOrderId: 'internal/other', version: 4 } as const;
  venue.take('paper', { orders: [{ ...newOrder(crossed, NOON), ...inside }] });
  venue.take('paper', { orders: [{ ...newOrder(entry, NOON), state: 'accepted', version: 3 }] });
  for (const minutes of [1, 2]) {
    venue.addSlice(slice(minutes));
    const entries = minutes === 1 ? [fillAt('99', 1)] : [];
    const venueSlice = { feed: 'feed', sliceEndUs: at(minutes) };
    venue.take('paper', { entries, venueSlice });
  }
  return venue.settle();
}

describe('a replay of a venue', () => {
  it('keeps no exits there of a bot that has filled another’s order, as execution watches those', () => {
    expect(stopped('b')).toMatchObject([{ kind: 'fill', live: 'nothing' }]);
    expect(stopped('a')).toEqual([]);
  });

  const accepted = told({ state: 'accepted', version: 3 });

  it('fills what was sent, as the venue did', () => {
    expect(play([accepted], [fillAt('99', 1)])).toEqual([]);
    expect(play([accepted])).toMatchObject([
      { kind: 'fill', live: 'nothing', replay: '5 at 99.00' },
    ]);
  });

  it('fills nothing that was cancelled before', () => {
    expect(play([accepted, told({ state: 'cancelling', version: 4 })])).toEqual([]);
  });

  it('leaves it to a venue that is no model what an exit filled that was placed for what was held', () => {
    const settings = { behaviour: PLAIN_EXCHANGE, accounts: [ACCOUNT], instruments, calendarOf };
    const venue = new VenueReplay({ ...settings, modelled: new Set() });
    const entry = { ...TERMS, exits: { stopPriceNanos: price('90') } };
    const decided = { feed: 'feed', sliceEndUs: NOON, cancelOrderIds: [] };
    venue.approve({ ...decided, orders: [entry] });
    const stop: OrderTerms = {
      ...{ ...TERMS, orderId: 'stop', side: 'sell', type: 'stop', reducing: true },
      ...{ leg: 1, attempt: 1_001, stopPriceNanos: price('98.50') },
    };
    const orders = [entry, stop].map((terms) => told({ ...terms, state: 'accepted', version: 3 }));
    venue.addSlice(slice(1));
    const entries = [
      fillAt('99', 1),
      { ...fillAt('98', 1), fillId: 'out', orderId: 'stop', side: 'sell' } as const,
    ];
    const venueSlice = { feed: 'feed', sliceEndUs: at(1) };
    expect([
      ...venue.take('paper', { orders }),
      ...venue.take('paper', { entries, venueSlice }),
      ...venue.settle(),
    ]).toMatchObject([{ kind: 'fill', orderId: 'stop', cause: 'venue', replay: 'nothing' }]);
  });

  it('leaves it to the venue which bar an order met that was sent between slices, and no price at one bar', () => {
    const byHand = { isDecided: false, cancels: [] } as const;
    const sent = { kind: 'order', cause: 'operator', replay: 'nothing' };
    expect(play([accepted], [fillAt('99', 2)], byHand)).toMatchObject([
      sent,
      { kind: 'timing', cause: 'operator' },
    ]);
    expect(play([accepted], [fillAt('98', 1)], byHand)).toMatchObject([
      sent,
      { kind: 'price', cause: 'unexplained' },
    ]);
    expect(play([accepted], [fillAt('99', 2)])).toMatchObject([
      { kind: 'timing', cause: 'unexplained' },
    ]);
  });

  it('leaves it to the venue whether a cancel by hand came in time, not one that was decided', () => {
    const cancelling = told({ state: 'cancelling', version: 4 });
    const decided = { isDecided: true, cancels: ['order'] } as const;
    const late = { kind: 'fill', live: '5 at 99.00', replay: 'nothing' };
    expect(play([accepted, cancelling], [fillAt('99', 1)])).toMatchObject([
      { ...late, cause: 'operator' },
    ]);
    expect(play([accepted, cancelling], [fillAt('99', 1)], decided)).toMatchObject([
      { ...late, cause: 'unexplained' },
    ]);
  });

  it('fills by the terms that an order was replaced by', () => {
    const [approved, asked] = ['99', '98.5'].map((limit) => ({
      ...{ quantity: TERMS.quantity, limitPriceNanos: price(limit) },
    }));
    if (approved === undefined || asked === undefined) throw new Error('there are two');
    const replacing = told({
      ...{ state: 'replacing', version: 4, replaces: { count: 1, approved, asked } },
    });
    expect(play([accepted, replacing], [fillAt('98.5', 1)])).toEqual([]);
    const replaced = told({
      ...{ ...asked, state: 'accepted', version: 5, replaces: { count: 1, approved } },
    });
    expect(play([replaced], [fillAt('98.5', 1)])).toEqual([]);
  });

  it('tells a refusal that the model does not know, and of an order that was unknown as an outage', () => {
    const rejected = told({ state: 'rejected', reason: 'no funds', version: 4 });
    const about = { kind: 'order', live: 'rejected: no funds', replay: 'accepted' };
    expect(play([rejected])).toMatchObject([{ ...about, cause: 'unexplained' }]);
    const unknown = told({ state: 'unknown', version: 3 });
    expect(play([unknown, rejected])).toMatchObject([{ ...about, cause: 'outage' }]);
  });
});

describe('a replay of an account', () => {
  const replay = () => {
    const one = new AccountReplay(configOf(), ZERO_CASH);
    one.size('a', TEN);
    return one;
  };
  const nothing = { feed: 'demo', sliceEndUs: NOON, orders: [], cancelOrderIds: [] } as const;

  it('knows no fill of a bar after the slice that it decides, though it was told and happened at its open', () => {
    const one = replay();
    one.hearBot(sliceOf('a', [signalOf('a', 'AAA', { direction: 'flat', strength: 0 })]));
    const venueSlice = { feed: 'demo', sliceEndUs: at(1) };
    one.hearExecution({ entries: [fillAt('99', 0)], venueSlice });
    expect(one.decide(nothing)).toEqual([]);
    expect(one.core.ledger.lastSequence).toBe(0);
  });

  it('tells a cancel that it did not want, by whose order it is', () => {
    const one = replay();
    one.hearBot(sliceOf('a', []));
    one.hearExecution({ orders: [told({ state: 'accepted' })] });
    expect(one.decide({ ...nothing, cancelOrderIds: ['order'] })).toMatchObject([
      { kind: 'order', botId: 'a', symbol: 'AAA', live: 'cancels the order', replay: 'nothing' },
    ]);
  });
});
