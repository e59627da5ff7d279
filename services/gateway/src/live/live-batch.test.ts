import {
  encodeBar,
  encodeBarsClosed,
  encodeBotSlice,
  encodeDeniedSlice,
  encodeDrift,
  encodeFillEvent,
  encodeOrderEvent,
  subjects,
} from '@capstan/contracts';
import { timeUs } from '@capstan/domain';
import type { BusMessage } from '@capstan/ports';
import { expect, test } from 'vitest';
import { bar, denial, drift, fill, order, signal, T } from '../gateway.fixture.ts';
import { LIMITS } from '../limits.ts';
import { LiveBatch } from './live-batch.ts';

const message = (subject: string, data: Uint8Array): BusMessage => ({
  stream: 'ANY',
  sequence: 1,
  subject,
  data,
  headers: {},
  storedAtUs: T,
});
const barMessage = (endUs: number = T) =>
  message(subjects.bar('SYNTHETIC', 'SPY', '1m'), encodeBar({ ...bar, endUs: timeUs(endUs) }));
const slice = {
  runId: 'live',
  botId: 'sma',
  accountId: 'paper',
  feed: 'demo',
  sliceEndUs: T,
  state: 'running',
  signals: [signal],
  marks: [],
} as const;
const orders = (version: number) =>
  message(
    subjects.order('paper'),
    encodeOrderEvent({ accountId: 'paper', runId: 'live', orders: [{ ...order, version }] }),
  );

const read = (batch: LiveBatch) =>
  batch.take().map(({ name, data }) => [name, JSON.parse(data) as unknown] as const);

test('names everything that came, in the order in which one thing causes the next', () => {
  const batch = new LiveBatch();
  const closed = { runId: 'live', feed: 'demo', endUs: T, symbols: ['SPY'], last: false };
  const fills = { accountId: 'paper', runId: 'live', fills: [fill] };
  const denied = { runId: 'live', accountId: 'paper', sliceEndUs: T, denials: [denial] };
  batch.add(message(subjects.drift('paper'), encodeDrift(drift)));
  batch.add(message(subjects.fill('paper'), encodeFillEvent(fills)));
  batch.add(orders(4));
  batch.add(message(subjects.denied('paper'), encodeDeniedSlice(denied)));
  batch.add(message(subjects.signal('sma'), encodeBotSlice(slice)));
  expect(batch.add(barMessage())).toEqual(bar);
  batch.add(message(subjects.barsClosed('demo'), encodeBarsClosed(closed)));
  const told = read(batch);
  expect(told.map(([name]) => name)).toEqual([
    'bar',
    'bot',
    'signal',
    'denied',
    'orders',
    'fills',
    'drift',
    'slice',
  ]);
  expect(Object.fromEntries(told)).toEqual({
    bar: [bar],
    bot: [{ botId: 'sma', accountId: 'paper', state: 'running', lastSliceEndUs: T }],
    signal: [signal],
    denied: [denial],
    orders: [order],
    fills: [fill],
    drift: [drift],
    slice: [{ feed: 'demo', runId: 'live', endUs: T, last: false }],
  });
  expect(read(batch)).toEqual([]);
});

test('keeps every bar, but of an order, a bot and a feed only the newest', () => {
  const batch = new LiveBatch();
  batch.add(barMessage(T));
  batch.add(barMessage(T + 60e6));
  batch.add(orders(1));
  batch.add(orders(2));
  batch.add(message(subjects.signal('sma'), encodeBotSlice({ ...slice, signals: [] })));
  const told = Object.fromEntries(read(batch));
  expect(told.bar).toHaveLength(2);
  expect(told.orders).toMatchObject([{ version: 2 }]);
  expect(told).not.toHaveProperty('signal');
});

test('passes over what viewers do not need', () => {
  const batch = new LiveBatch();
  expect(batch.add(message('trading.approved.paper', new Uint8Array([255])))).toBeUndefined();
  expect(read(batch)).toEqual([]);
});

test('never holds more than its limit: viewers are told to read anew', () => {
  const batch = new LiveBatch();
  for (let index = 0; index <= LIMITS.batchRowsMax; index += 1) batch.add(barMessage(T + index));
  expect(read(batch)).toEqual([['resync', { why: 'more came than can be shown' }]]);
  batch.add(barMessage());
  expect(read(batch)).toEqual([['bar', [bar]]]);
});
