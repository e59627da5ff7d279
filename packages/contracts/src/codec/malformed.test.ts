import { cashMicros, type Order, priceNanos, quantity, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import * as orderWire from '../gen/capstan/execution/v1/order.ts';
import * as exchange from '../gen/capstan/execution/v1/paper_exchange_service.ts';
import * as positionWire from '../gen/capstan/position/v1/position.ts';
import * as botWire from '../gen/capstan/signal/v1/signal_service.ts';
import * as enums from './enums.ts';
import {
  decodeFillEvent,
  decodeOrderEvent,
  encodeOrderEvent,
  orderFromWire,
  orderToWire,
} from './order.ts';
import { decodeSnapshot } from './position.ts';
import { botFromWire, parameterFromWire, parameterToWire } from './signal.ts';
import { venueEventFromWire, venueUpdatesFromWire } from './venue.ts';
import { int64, type WireEnum } from './wire.ts';

const MALFORMED = expect.objectContaining({ code: 'CONTRACTS.MALFORMED', retry: 'final' });

const ORDER: Order = {
  orderId: 'o',
  intentId: 'i',
  runId: 'live',
  accountId: 'a',
  botId: 'b',
  symbol: 'SPY',
  side: 'buy',
  quantity: quantity(1),
  type: 'limit',
  limitPriceNanos: priceNanos(1),
  timeInForce: 'day',
  reducing: false,
  leg: 0,
  attempt: 1,
  decidedAtUs: timeUs(1),
  expiresAtUs: timeUs(2),
  state: 'accepted',
  filledQuantity: quantity(0),
  filledNotionalMicros: cashMicros(0),
  version: 1,
  updatedAtUs: timeUs(1),
};

describe('an enum', () => {
  const all = Object.entries(enums) as [string, WireEnum<string, number>][];

  it.each(all)('%s has no word for the unspecified, the unknown and the negative', (_, table) => {
    for (const value of [0, 99, -1]) {
      expect(() => table.fromWire(value)).toThrow(MALFORMED);
    }
    expect(table.optionalFromWire(0)).toBeUndefined();
    expect(() => table.optionalFromWire(99)).toThrow(MALFORMED);
  });

  it.each(all)('%s gives each word a number of its own', (_, table) => {
    const words: string[] = [];
    for (let value = 1; value < 20; value += 1) {
      try {
        words.push(table.fromWire(value));
      } catch {
        break;
      }
    }
    expect(words.length).toBeGreaterThan(1);
    expect(words.map((word) => table.toWire(word))).toEqual(words.map((_word, index) => index + 1));
  });
});

describe('a message that means nothing is refused as malformed', () => {
  const wire = orderToWire(ORDER);
  const { terms } = wire;
  if (terms === undefined) throw new Error('no terms');

  it.each([
    ['an order without terms', { ...wire, terms: undefined }],
    ['an order of no state', { ...wire, state: 0 as const }],
    ['an order of no side', { ...wire, terms: { ...terms, side: 0 as const } }],
    ['a quantity beyond 2^53', { ...wire, filledQuantity: 2n ** 53n }],
    [
      'a negative price beyond 2^53',
      { ...wire, terms: { ...terms, limitPriceNanos: -(2n ** 60n) } },
    ],
  ])('%s', (_, order) => {
    const data = orderWire.OrderEvent.encode({
      accountId: 'a',
      runId: 'live',
      orders: [order],
      sliceDone: undefined,
    }).finish();
    expect(() => decodeOrderEvent(data)).toThrow(MALFORMED);
    expect(() => orderFromWire(order)).toThrow(MALFORMED);
  });

  it('a time beyond 2^53', () => {
    const snapshot = positionWire.Snapshot.encode({
      snapshotId: 's',
      accountId: 'a',
      takenAtUs: 2n ** 62n,
      venueSequence: 0n,
      cashMicros: 0n,
      positions: [],
    }).finish();
    expect(() => decodeSnapshot(snapshot)).toThrow(MALFORMED);
  });

  it('an event of a venue that says nothing', () => {
    expect(() => venueUpdatesFromWire({ update: undefined, more: [] })).toThrow(MALFORMED);
    const event = exchange.VenueEvent.decode(new Uint8Array());
    expect(() => venueEventFromWire(event)).toThrow(MALFORMED);
  });

  it('a bot without sizing, with another shutdown rule, with a parameter of no kind', () => {
    const bot: botWire.Bot = {
      ...botWire.Bot.decode(new Uint8Array()),
      timeframe: 1,
      state: 1,
      onShutdown: 'leave',
      sizing: { rule: { $case: 'equityFraction', value: 0.5 } },
    };
    expect(botFromWire(bot)).toMatchObject({ onShutdown: 'leave' });
    expect(() => botFromWire({ ...bot, sizing: undefined })).toThrow(MALFORMED);
    expect(() => botFromWire({ ...bot, sizing: { rule: undefined } })).toThrow(MALFORMED);
    const tooMuch = { rule: { $case: 'equityFraction' as const, value: 101 } };
    expect(() => botFromWire({ ...bot, sizing: tooMuch })).toThrow(/sizing.fraction/);
    const noRisk = { risk: undefined, atrBars: 14, atrMultiple: 2, maxFraction: 1 };
    const without = { rule: { $case: 'atrRisk' as const, value: noRisk } };
    expect(() => botFromWire({ ...bot, sizing: without })).toThrow(/sizing.riskFraction/);
    expect(() => botFromWire({ ...bot, onShutdown: 'explode' })).toThrow(MALFORMED);
    const bounds = { days: [], atEnd: '', start: undefined, end: undefined, timeZone: undefined };
    const schedule = { ...bounds, afterOpenMinutes: 5, beforeCloseMinutes: undefined };
    expect(botFromWire({ ...bot, schedule })).toMatchObject({
      schedule: { afterOpenMinutes: 5, atEnd: 'hold' },
    });
    const backwards = { ...schedule, start: '9:35' };
    expect(() => botFromWire({ ...bot, schedule: backwards })).toThrow(MALFORMED);
    const nothing = { ...schedule, afterOpenMinutes: undefined };
    expect(() => botFromWire({ ...bot, schedule: nothing })).toThrow(MALFORMED);
    expect(() => parameterFromWire({ value: undefined })).toThrow(MALFORMED);
    expect(parameterFromWire(parameterToWire(false))).toBe(false);
  });

  it('bytes that are no message', () => {
    const whole = encodeOrderEvent({ accountId: 'a', runId: 'live', orders: [ORDER] });
    expect(() => decodeOrderEvent(whole.slice(0, -3))).toThrow(MALFORMED);
    expect(() => decodeFillEvent(Uint8Array.of(255, 255, 255))).toThrow(MALFORMED);
  });
});

it('integers of the wire are told apart from numbers', () => {
  expect(int64.of(5)).toBe(5n);
  expect(int64.optional(undefined)).toBeUndefined();
  expect(int64.optional(7)).toBe(7n);
  expect(() => int64.number(2n ** 53n)).toThrow(MALFORMED);
  expect(int64.number(2n ** 53n - 1n)).toBe(Number.MAX_SAFE_INTEGER);
});
