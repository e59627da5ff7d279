import { InvariantError } from '@capstan/domain';
import { JetStreamApiError } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { Arrivals } from './arrivals.ts';
import { asBusError } from './bus-error.ts';
import { deliveryOf } from './delivery.ts';
import { BUS_ERRORS } from './error-codes.ts';
import { fromNats, toNats } from './headers.ts';
import { timeOfNanos, timeOfRfc3339 } from './stored-time.ts';

test('reads both forms of a delivery', () => {
  const expected = {
    stream: 'S',
    consumer: 'C',
    delivered: 2,
    streamSequence: 17,
    consumerSequence: 5,
    storedAtUs: 1_700_000_000_123_456,
    pending: 3,
  };
  expect(deliveryOf('$JS.ACK.S.C.2.17.5.1700000000123456789.3')).toEqual(expected);
  expect(deliveryOf('$JS.ACK.hub.acc.S.C.2.17.5.1700000000123456789.3.rnd')).toEqual(expected);
  expect(() => deliveryOf('_INBOX.x')).toThrow(InvariantError);
});

test('reads the server’s times down to the microsecond', () => {
  expect(timeOfRfc3339('2023-11-14T22:13:20.123456789Z')).toBe(1_700_000_000_123_456);
  expect(timeOfRfc3339('2023-11-14T22:13:20Z')).toBe(1_700_000_000_000_000);
  expect(timeOfRfc3339('2023-11-15T00:13:20.5+02:00')).toBe(1_700_000_000_500_000);
  expect(timeOfNanos('1700000000123456789')).toBe(1_700_000_000_123_456);
  expect(() => timeOfRfc3339('yesterday')).toThrow(InvariantError);
});

test('carries headers as they are and refuses what would break the protocol', () => {
  const headers = { traceparent: '00-ab', 'capstan-note': 'größer: als' };
  expect(fromNats(toNats(headers, 'id'))).toEqual(headers);
  expect(toNats({})).toBeUndefined();
  expect(() => toNats({ a: 'b\r\nx: y' })).toThrow(InvariantError);
  expect(() => toNats({ Upper: 'x' })).toThrow(InvariantError);
  expect(() => toNats({ 'nats-msg-id': 'x' })).toThrow(InvariantError);
  expect(() => toNats({}, 'a\nb')).toThrow(InvariantError);
});

test('hands out what arrived in order and in batches', async () => {
  const arrivals = new Arrivals<number>();
  const waiting = arrivals.next(10);
  arrivals.push(0);
  arrivals.push(1);
  expect(await waiting).toEqual([0, 1]);
  for (let index = 0; index < 5_000; index += 1) arrivals.push(index);
  arrivals.dropFirst();
  expect(arrivals.take(3)).toEqual([1, 2, 3]);
  expect(arrivals.take(4_000).at(-1)).toBe(4_003);
  expect(arrivals.length).toBe(996);
  arrivals.close();
  arrivals.push(1);
  expect(await arrivals.next(10)).toEqual([]);
});

test.each([
  [404, 10_059, 'stream not found', 'BUS.NO_STREAM'],
  [503, 10_077, 'maximum messages exceeded', 'BUS.FULL'],
  [503, 10_077, 'maximum bytes exceeded', 'BUS.FULL'],
  [500, 10_047, 'insufficient storage resources available', 'BUS.FULL'],
  [503, 10_008, 'JetStream system temporarily unavailable', 'BUS.UNAVAILABLE'],
  [429, 10_167, 'too many requests', 'BUS.UNAVAILABLE'],
  [503, 10_077, 'disk failed', 'BUS.UNAVAILABLE'],
  [400, 10_100, 'filtered consumer not unique on workqueue stream', 'BUS.REFUSED'],
])('names the answer %i %i "%s"', (code, err_code, description, expected) => {
  const error = asBusError('a test', new JetStreamApiError({ code, err_code, description }));
  expect(error.code).toBe(expected);
  expect(error.why).toContain(description);
  expect(BUS_ERRORS.map((row): string => row.code)).toContain(error.code);
});
