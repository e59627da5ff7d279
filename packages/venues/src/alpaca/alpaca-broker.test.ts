import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  InstrumentBook,
  type OrderTerms,
  orderId,
  parsePrice,
  quantity,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { MemoryLog } from '@capstan/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { RequestBudget } from '../requests/request-budget.ts';
import { AlpacaBroker } from './alpaca-broker.ts';
import { alpacaEndpoints } from './connection.ts';
import { readAlpacaCredentials } from './credentials.ts';
import { CALL_TIMEOUT_MS } from './limits.ts';

const CANARY = 'canary-secret-key';
const folder = mkdtempSync(join(tmpdir(), 'alpaca-broker-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clock = {
  nowUs: () => timeUs(1_767_713_400_000_000),
  monotonicMs: () => performance.now(),
  /** Waits between tries are over at once; nothing takes so long that it is given up. */
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (ms < CALL_TIMEOUT_MS) resolve();
      else signal?.addEventListener('abort', () => resolve());
    }),
};

/** A broker whose requests are answered by a test. */
function brokerOf(
  answer: (url: URL, init: RequestInit) => Response | Promise<Response>,
  environment: Readonly<Record<string, string>> = {},
  budget = new RequestBudget(clock, { perMinute: 100_000 }),
) {
  const log = new MemoryLog();
  const seen: { readonly url: URL; readonly init: RequestInit }[] = [];
  const send = async (url: string, init: RequestInit): Promise<Response> => {
    seen.push({ url: new URL(url), init });
    return await answer(new URL(url), init);
  };
  const keys = { ALPACA_KEY_ID: 'PKTEST', ALPACA_SECRET_KEY: CANARY, ...environment };
  const broker = new AlpacaBroker(
    { clock, log, budget, send },
    {
      endpoints: alpacaEndpoints(keys, 'paper'),
      credentials: readAlpacaCredentials(keys),
      instruments: new InstrumentBook([
        usEquity('SPY'),
        { ...usEquity('FRAC'), instrumentId: 'frac', quantityScale: 3 },
      ]),
    },
  );
  return { broker, log, seen };
}

const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

const rowOf = (id: number, of: Readonly<Record<string, unknown>> = {}) => ({
  id: `v${id}`,
  client_order_id: `client-${id}`,
  symbol: 'SPY',
  side: 'buy',
  qty: '10',
  filled_qty: '0',
  status: 'new',
  submitted_at: new Date(1_767_700_000_000 + id * 1_000).toISOString(),
  ...of,
});

const terms: OrderTerms = {
  ...{ orderId: orderId({ intentId: 'i', leg: 0, attempt: 1 }), intentId: 'i', leg: 0, attempt: 1 },
  ...{ runId: 'live', accountId: 'main', botId: 'b', symbol: 'FRAC', side: 'sell' },
  ...{ quantity: quantity(1_500), type: 'stopLimit', timeInForce: 'onClose', reducing: true },
  ...{ limitPriceNanos: parsePrice('0.9875'), stopPriceNanos: parsePrice('101.5') },
  ...{ decidedAtUs: timeUs(1), expiresAtUs: timeUs(2) },
};

describe('what is asked', () => {
  it('is the order as Alpaca writes it: decimals as texts, its own words', async () => {
    const { broker, seen } = brokerOf(() => json(rowOf(1)));
    expect(await broker.submit(terms)).toEqual({ kind: 'accepted', venueOrderId: 'v1' });
    const body: unknown = JSON.parse(String(seen[0]?.init.body));
    expect(body).toEqual({
      ...{ symbol: 'FRAC', side: 'sell', qty: '1.5', type: 'stop_limit', time_in_force: 'cls' },
      ...{ limit_price: '0.9875', stop_price: '101.5', client_order_id: terms.orderId },
    });
  });

  it('is not what cannot be said to Alpaca', async () => {
    const { broker, seen } = brokerOf(() => json(rowOf(1)));
    const trail = { ...terms, type: 'trailingStop', trailBps: 50 } as const;
    const activated = { ...trail, activationPriceNanos: parsePrice('5') };
    expect(await broker.submit(activated)).toMatchObject({ kind: 'rejected' });
    expect(await broker.submit({ ...terms, exits: { trailBps: 1 } })).toMatchObject({
      kind: 'rejected',
    });
    expect(seen).toEqual([]);
  });
});

it.each([
  [422, { code: 40010001, message: 'client_order_id must be unique' }, { kind: 'duplicate' }],
  [
    403,
    { code: 40310000, message: 'insufficient buying power' },
    { kind: 'rejected', reason: 'Alpaca refused it (403): insufficient buying power' },
  ],
  [422, { code: 42210000, message: 'sub-penny increment' }, { kind: 'rejected' }],
  [403, { message: 'forbidden.' }, { kind: 'rejected', noAccess: true }],
  [401, { message: 'unauthorized.' }, { kind: 'rejected', noAccess: true }],
])('takes %i %j for what it is', async (status, body, answer) => {
  const { broker } = brokerOf(() => json(body, status));
  expect(await broker.submit(terms)).toMatchObject(answer);
});

it.each([
  ['429', () => json({ code: 42910000, message: 'rate limit exceeded' }, 429)],
  ['500', () => json({}, 500)],
  ['503 that is no JSON', () => new Response('<html>', { status: 503 })],
  ['an answer that is no order', () => json({ hello: 1 })],
  ['an answer that is cut off', () => new Response('{"id":"v1","clie')],
  ['no answer', () => Promise.reject(new TypeError('fetch failed'))],
])('%s to a send is unclear, and is sent once', async (_what, answer) => {
  const { broker, seen } = brokerOf(answer);
  await expect(broker.submit(terms)).rejects.toMatchObject({ code: 'VENUE.UNAVAILABLE' });
  expect(seen).toHaveLength(1);
});

it('sends nothing whose decision expired while it waited for the rate', async () => {
  const budget = new RequestBudget(clock, { perMinute: 100_000 });
  const { broker, seen } = brokerOf(() => json(rowOf(1)), {}, budget);
  budget.pause('trading', CALL_TIMEOUT_MS);
  const soon = { ...terms, expiresAtUs: timeUs(clock.nowUs() + 1_000_000) };
  await expect(broker.submit(soon)).rejects.toMatchObject({
    code: 'VENUE.UNAVAILABLE',
    message: expect.stringContaining('its decision expired before it was sent'),
  });
  expect([seen.length, budget.open]).toEqual([0, 0]);
});

it('lists open orders of all pages, also where a page ends within a moment', async () => {
  const all = Array.from({ length: 1_203 }, (_, index) =>
    rowOf(Math.floor(index / 3), { id: `v${index}` }),
  );
  const { broker, seen } = brokerOf((url) => {
    const after = url.searchParams.get('after');
    const limit = Number(url.searchParams.get('limit'));
    const from = after === null ? all : all.filter((row) => row.submitted_at > after);
    return json(from.slice(0, limit));
  });
  const orders = await broker.openOrders();
  expect(orders.map(({ venueOrderId }) => venueOrderId)).toEqual(all.map(({ id }) => id));
  expect(seen.length).toBeGreaterThan(2);
});

describe('an exit that Alpaca made', () => {
  const head = rowOf(1, {
    ...{ client_order_id: terms.orderId, order_class: 'bracket', status: 'filled' },
    legs: [
      rowOf(2, { type: 'limit', order_class: 'bracket' }),
      rowOf(3, { type: 'stop', order_class: 'bracket', status: 'held' }),
    ],
  });
  const target = rowOf(2, { type: 'limit', order_class: 'bracket' });

  it('is told with its entry where nobody here has that, the held one too, and asked for once', async () => {
    const { broker, seen } = brokerOf((url) =>
      json(url.searchParams.get('nested') === 'true' ? [head] : [target]),
    );
    for (const _ of [1, 2]) {
      expect(await broker.openOrders()).toMatchObject([
        { orderId: 'client-2', exitOf: { orderId: terms.orderId, leg: 2 } },
        { orderId: 'client-3', exitOf: { orderId: terms.orderId, leg: 1 } },
      ]);
    }
    expect(seen).toHaveLength(3);
  });

  it('of a stranger’s entry is a stranger’s', async () => {
    const other = { ...head, client_order_id: 'a person' };
    const { broker } = brokerOf((url) =>
      json(url.searchParams.get('nested') === 'true' ? [other] : [target]),
    );
    for (const one of await broker.openOrders()) expect(one.exitOf).toBe(undefined);
  });
});

it('does not take a list for whole that goes on with the same page', async () => {
  const page = Array.from({ length: 500 }, (_, index) => rowOf(1, { id: `v${index}` }));
  const { broker } = brokerOf(() => json(page));
  await expect(broker.openOrders()).rejects.toThrow(/does not go on after a full page/);
});

it('reads an account: short positions below zero, fractions at the scale of the instrument', async () => {
  const { broker } = brokerOf((url) =>
    url.pathname.endsWith('/positions')
      ? json([
          { symbol: 'SPY', qty: '-7', side: 'short', cost_basis: '-700.5' },
          { symbol: 'FRAC', qty: '1.5', side: 'long', cost_basis: '15' },
          { symbol: 'OTHER', qty: '0.25', side: 'long', cost_basis: '3' },
        ])
      : json({ cash: '-12.345678', currency: 'USD' }),
  );
  expect(await broker.account('main')).toEqual({
    ...{ accountId: 'main', currency: 'USD', cashMicros: -12_345_678, sequence: 0 },
    positions: [
      { symbol: 'FRAC', quantity: 1_500, costMicros: 15_000_000 },
      { symbol: 'SPY', quantity: -7, costMicros: -700_500_000 },
    ],
  });
});

describe('activities', () => {
  const rows = [
    { id: 'a1', activity_type: 'CSD', net_amount: '100', date: '2026-01-02' },
    { id: 'a2', activity_type: 'FILL', net_amount: '5' },
    {
      ...{ id: 'a3', activity_type: 'DIV', symbol: 'SPY', net_amount: '15.1' },
      ...{ per_share_amount: '1.51', date: '2026-01-05' },
    },
    { id: 'a4', activity_type: 'DIVNRA', symbol: 'SPY', net_amount: '-2.27' },
    { id: 'a5', activity_type: 'FEE', net_amount: '-0.03', date: '2026-01-05' },
    { id: 'a6', activity_type: 'JNLC', net_amount: '7' },
    { id: 'a7', activity_type: 'SPLIT', symbol: 'SPY', qty: '30' },
  ];

  it('begin with the oldest, and go on after the last one taken', async () => {
    const { broker, log } = brokerOf((url) => {
      const token = url.searchParams.get('page_token');
      if (!url.pathname.endsWith('/activities')) return json({});
      expect(url.searchParams.get('direction')).toBe('asc');
      return json(rows.slice(rows.findIndex(({ id }) => id === token) + 1));
    });
    expect((await broker.activities('main', ''))[0]).toMatchObject({
      ...{ activityId: 'a1', kind: 'deposit', amountMicros: 100_000_000 },
    });
    const told = await broker.activities('main', 'a1');
    expect(told).toMatchObject([
      {
        ...{ activityId: 'a3', kind: 'dividend', symbol: 'SPY', amountMicros: 15_100_000 },
        ...{ perUnitNanos: 1_510_000_000, eventAtUs: Date.UTC(2026, 0, 5) * 1_000 },
      },
      { activityId: 'a4', kind: 'dividend', amountMicros: -2_270_000 },
      { activityId: 'a5', kind: 'charge', amountMicros: -30_000 },
      { activityId: 'a6', kind: 'transfer', amountMicros: 7_000_000 },
      { activityId: 'a7', kind: 'transfer', amountMicros: 0 },
    ]);
    expect(JSON.stringify(log.lines)).toContain('shares changed, and not how');
  });
});

describe('keys', () => {
  it('that are refused are read again, and a call is made once more by those of a rotated file', async () => {
    const path = join(folder, 'secret');
    writeFileSync(path, 'old');
    const { broker, seen } = brokerOf(
      (_url, init) => {
        const isNew = new Headers(init.headers).get('apca-api-secret-key') === 'new';
        return isNew ? json(rowOf(1)) : json({ message: 'unauthorized.' }, 401);
      },
      { ALPACA_SECRET_KEY: '', ALPACA_SECRET_KEY_FILE: path },
    );
    await expect(broker.find('main', terms.orderId)).rejects.toMatchObject({
      code: 'VENUE.CREDENTIALS',
    });
    expect(seen).toHaveLength(1);
    writeFileSync(path, 'new');
    expect(await broker.find('main', terms.orderId)).toMatchObject({ venueOrderId: 'v1' });
    expect(seen).toHaveLength(3);
  });

  it('are in no message, also where Alpaca repeats what it was sent', async () => {
    const { broker } = brokerOf(() => json({ message: 'unauthorized.' }, 401));
    const failure: unknown = await broker.account('main').catch((error: unknown) => error);
    const { why, fix, stack } = failure as Error & { why: string; fix: string };
    expect(`${why} ${fix} ${stack}`).toContain('PKTE…');
    expect(`${why} ${fix} ${stack}`).not.toMatch(/canary|PKTEST/);
  });
});
