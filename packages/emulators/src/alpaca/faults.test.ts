import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlpacaEmulator } from './alpaca-emulator.ts';
import { askerOf, sdkOf, startAt, updatesOf } from './alpaca-sdk.test-support.ts';

let emulator: AlpacaEmulator;
let ask: ReturnType<typeof askerOf>;
beforeEach(async () => {
  emulator = await startAt({ symbols: ['AAPL', 'SPY'] });
  ask = askerOf(emulator);
});
afterEach(() => emulator.close());

const MARKET = { symbol: 'AAPL', qty: '2', side: 'buy', type: 'market', time_in_force: 'day' };
const FAR = { ...MARKET, type: 'limit', limit_price: '1' };

describe('requests', () => {
  it('fail by a status so often, and the SDK tries reads again at the time it is told', async () => {
    const { trading } = sdkOf(emulator);
    const fault = { kind: 'status', status: 429, retryAfterSeconds: 0, times: 2 } as const;
    emulator.control.fault(fault);
    expect((await trading.account.getAccount()).cash).toBe('100000');
    const statuses = emulator.control.requests('/v2/account').map(({ status }) => status);
    expect(statuses).toEqual([429, 429, 200]);
    emulator.control.fault({ kind: 'status', status: 503, path: '/v2/orders', method: 'POST' });
    await expect(
      trading.orders.market({ symbol: 'AAPL', side: 'buy', qty: 1 }),
    ).rejects.toMatchObject({ status: 503 });
    expect(emulator.control.faults()).toEqual([]);
  });

  it('drop before or after an order is accepted, which only a look at it tells apart', async () => {
    emulator.control.fault({ kind: 'dropBefore', path: '/v2/orders' });
    const before = { ...FAR, client_order_id: 'before' };
    await expect(ask('POST', '/v2/orders', before)).rejects.toThrow();
    emulator.control.fault({ kind: 'dropAfter', path: '/v2/orders' });
    const after = { ...FAR, client_order_id: 'after' };
    await expect(ask('POST', '/v2/orders', after)).rejects.toThrow();
    const find = (id: string) => ask('GET', `/v2/orders:by_client_order_id?client_order_id=${id}`);
    expect((await find('before')).status).toBe(404);
    expect((await find('after')).status).toBe(200);
    emulator.control.fault({ kind: 'hiddenByClientId', times: 1 });
    expect([(await find('after')).status, (await find('after')).status]).toEqual([404, 200]);
  });

  it('are answered by JSON that is cut, by half a page, and by a page without rows', async () => {
    const path = '/v2/stocks/bars?symbols=AAPL&timeframe=1Min&start=2026-01-05&limit=5';
    emulator.control.fault({ kind: 'truncatedJson' });
    await expect(ask('GET', path)).rejects.toThrow(SyntaxError);
    emulator.control.fault({ kind: 'truncatedPage' });
    await expect(ask('GET', path)).rejects.toThrow(TypeError);
    emulator.control.fault({ kind: 'emptyPage' });
    const empty = (await ask('GET', path)).body;
    expect(empty.bars).toEqual({});
    const next = (await ask('GET', `${path}&page_token=${empty.next_page_token}`)).body;
    expect(next).toEqual((await ask('GET', path)).body);
    expect(next.bars.AAPL).toHaveLength(5);
  });

  it('are answered late', async () => {
    const delayMs = 60;
    emulator.control.fault({ kind: 'slow', delayMs, path: '/v2/clock' });
    const askedMs = performance.now();
    await ask('GET', '/v2/clock');
    expect(performance.now() - askedMs).toBeGreaterThanOrEqual(delayMs - 1);
  });

  it('find their keys dead, until they are good again', async () => {
    emulator.control.fault({ kind: 'deadKey' });
    expect((await ask('GET', '/v2/account')).status).toBe(401);
    await expect(updatesOf(emulator)).rejects.toThrow('unauthorized');
    emulator.control.clear('deadKey');
    expect((await ask('GET', '/v2/account')).status).toBe(200);
  });

  it('are told a time that is off by minutes', async () => {
    emulator.control.fault({ kind: 'clockOffset', offsetSeconds: -180 });
    expect((await ask('GET', '/v2/clock')).body.timestamp).toBe('2026-01-05T09:57:00-05:00');
  });
});

describe('orders', () => {
  it('fill while they are cancelled', async () => {
    const updates = await updatesOf(emulator);
    const { body } = await ask('POST', '/v2/orders', FAR);
    emulator.control.fault({ kind: 'cancelFillRace' });
    expect((await ask('DELETE', `/v2/orders/${body.id}`)).status).toBe(204);
    const told = await updates.until('fill');
    expect(told.map(({ event }) => event)).toEqual([
      'pending_new',
      'new',
      'pending_cancel',
      'fill',
    ]);
    expect((await ask('GET', '/v2/positions/AAPL')).body.qty).toBe('2');
  });

  it('keep their terms where the venue refuses a replace', async () => {
    const updates = await updatesOf(emulator);
    const { body } = await ask('POST', '/v2/orders', FAR);
    emulator.control.fault({ kind: 'replaceRejected', symbol: 'AAPL' });
    const next = await ask('PATCH', `/v2/orders/${body.id}`, { limit_price: '2' });
    expect(next.status).toBe(200);
    await updates.until('order_replace_rejected');
    const kept = (await ask('GET', `/v2/orders/${body.id}`)).body;
    expect([kept.status, kept.limit_price]).toEqual(['new', '1']);
    expect((await ask('GET', `/v2/orders/${next.body.id}`)).body.status).toBe('rejected');
  });

  it('of a halted symbol wait until it trades again', async () => {
    emulator.control.fault({ kind: 'halted', symbol: 'AAPL' });
    const { body } = await ask('POST', '/v2/orders', MARKET);
    emulator.control.step({ minutes: 3 });
    expect((await ask('GET', `/v2/orders/${body.id}`)).body.status).toBe('new');
    emulator.control.clear('halted');
    emulator.control.step({ seconds: 6 });
    expect((await ask('GET', `/v2/orders/${body.id}`)).body.status).toBe('filled');
  });
});

describe('the stream of order updates', () => {
  it('leaves out a fill that the activities have, tells things twice, and breaks off', async () => {
    const updates = await updatesOf(emulator);
    emulator.control.fault({ kind: 'loseFill' });
    await ask('POST', '/v2/orders', MARKET);
    emulator.control.step({ seconds: 6 });
    emulator.control.fault({ kind: 'duplicateFrames' });
    await ask('POST', '/v2/orders', FAR);
    const told = await updates.until('pending_new');
    await ask('DELETE', '/v2/orders');
    await updates.until('canceled');
    expect(told.map(({ event }) => event)).toEqual([
      ...['pending_new', 'new', 'pending_new', 'pending_new', 'new', 'canceled'],
    ]);
    expect((await ask('GET', '/v2/account/activities/FILL')).body).toHaveLength(1);
    emulator.control.dropStreams('trading');
    await updates.closed;
  });

  it('hangs without a word, while pings are answered', async () => {
    const updates = await updatesOf(emulator);
    emulator.control.fault({ kind: 'hangStream', stream: 'trading' });
    await ask('POST', '/v2/orders', FAR);
    await updates.ping();
    expect(updates.told).toEqual([]);
    emulator.control.clear();
    await ask('DELETE', '/v2/orders');
    await updates.until('canceled');
  });
});

describe('the control endpoint', () => {
  const control = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${emulator.url}/_control${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as never };
  };

  it('does over HTTP what the handle does', async () => {
    await control('POST', '/faults', { kind: 'status', status: 500, times: 1 });
    expect((await ask('GET', '/v2/account')).status).toBe(500);
    await ask('GET', '/v2/clock');
    const { body: seen } = await control('GET', '/requests?containing=account');
    expect(seen).toMatchObject([{ method: 'GET', url: '/v2/account', status: 500 }]);
    const { body: state } = await control('POST', '/step', { minutes: 2 });
    expect(state).toMatchObject({ now: '2026-01-05T15:02:00Z' });
    await control('POST', '/post', { kind: 'cash', type: 'CSD', amount: 250.5 });
    expect((await ask('GET', '/v2/account')).body.cash).toBe('100250.5');
    expect((await ask('GET', '/v2/account/activities/CSD')).body).toMatchObject([
      { net_amount: '250.5' },
    ]);
  });

  it('says what is wrong with what it is told', async () => {
    const wrong = await control('POST', '/faults', { kind: 'status', status: 200 });
    expect(wrong).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/status/) },
    });
    const unknown = await control('POST', '/faults', { kind: 'gremlins' });
    expect(unknown.status).toBe(400);
  });
});

it('outlives a client that dies in the middle of a request', async () => {
  const { hostname, port } = new URL(emulator.url);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write('POST /v2/orders HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{"symbol"');
  socket.destroy();
  expect((await ask('GET', '/v2/clock')).status).toBe(200);
});
