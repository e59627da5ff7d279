import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlpacaEmulator } from './alpaca-emulator.ts';
import { askerOf, startAt } from './alpaca-sdk.test-support.ts';

let emulator: AlpacaEmulator;
let ask: ReturnType<typeof askerOf>;
beforeAll(async () => {
  emulator = await startAt({
    symbols: ['AAPL', 'SPY', 'ACME', 'NOFR'],
    requestLimits: { trading: 10_000 },
  });
  ask = askerOf(emulator);
});
afterAll(() => emulator.close());

const BASE = { symbol: 'AAPL', qty: '1', side: 'buy', type: 'market', time_in_force: 'day' };
const LIMIT = { ...BASE, type: 'limit', limit_price: '10' };
const without = (fields: object, key: string) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key));

describe('a new order is refused', () => {
  it.each<[string, object, number, number, RegExp]>([
    ['of an unknown symbol', { ...BASE, symbol: 'NOPE' }, 422, 42210000, /"NOPE" not found/],
    ['without an amount', without(BASE, 'qty'), 422, 42210000, /qty or notional/],
    ['with both amounts', { ...BASE, notional: '10' }, 422, 42210000, /only one of/],
    ['of nothing', { ...BASE, qty: '0' }, 422, 42210000, /qty must be > 0/],
    ['of words', { ...BASE, qty: 'many' }, 422, 42210000, /invalid qty/],
    ['without its limit', without(LIMIT, 'limit_price'), 422, 42210000, /require a limit price/],
    ['at a part of a cent', { ...LIMIT, limit_price: '10.005' }, 422, 42210000, /sub-penny/],
    ['at a part of 1e-4', { ...LIMIT, limit_price: '0.12345' }, 422, 42210000, /sub-penny/],
    [
      'of a fraction, till cancelled',
      { ...BASE, qty: '0.5', time_in_force: 'gtc' },
      422,
      42210000,
      /DAY/,
    ],
    [
      'of market, in extended hours',
      { ...BASE, extended_hours: true },
      422,
      42210000,
      /extended hours/,
    ],
    [
      'of a stop, at once',
      { ...BASE, type: 'stop', stop_price: '1', time_in_force: 'ioc' },
      422,
      42210000,
      /ioc/,
    ],
    ['for an open that has been', { ...BASE, time_in_force: 'opg' }, 422, 42210000, /9:28am/],
    [
      'that trails by two',
      { ...BASE, type: 'trailing_stop', trail_price: '1', trail_percent: '1' },
      422,
      42210000,
      /one of/,
    ],
    [
      'as a bracket without exits',
      { ...BASE, order_class: 'bracket' },
      422,
      42210000,
      /take_profit/,
    ],
    [
      'with exits turned round',
      {
        ...BASE,
        order_class: 'bracket',
        take_profit: { limit_price: '1' },
        stop_loss: { stop_price: '2' },
      },
      422,
      42210000,
      /beyond/,
    ],
    ['beyond buying power', { ...BASE, qty: '100000' }, 403, 40310000, /insufficient buying power/],
    [
      'as a short of a fraction',
      { ...BASE, side: 'sell', qty: '0.5' },
      403,
      40310000,
      /fractional/,
    ],
    [
      'to close what is not there',
      {
        ...LIMIT,
        order_class: 'oco',
        side: 'sell',
        take_profit: { limit_price: '900' },
        stop_loss: { stop_price: '1' },
      },
      422,
      42210000,
      /exit orders/,
    ],
    [
      'of an option, in parts',
      { ...BASE, symbol: 'SPY260116C00260000', qty: '0.5' },
      422,
      42210000,
      /whole qty/,
    ],
    [
      'of an uncovered call',
      { ...BASE, symbol: 'SPY260116C00260000', side: 'sell' },
      403,
      40310000,
      /uncovered/,
    ],
    ['of an expired option', { ...BASE, symbol: 'SPY251219C00260000' }, 422, 42210000, /not found/],
    [
      'with a client id too long',
      { ...BASE, client_order_id: 'x'.repeat(129) },
      422,
      42210000,
      /client_order_id/,
    ],
  ])('%s', async (_what, fields, status, code, message) => {
    const answer = await ask('POST', '/v2/orders', fields);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.message).toMatch(message);
  });

  it('of a client id that was used before, for ever', async () => {
    const fields = { ...LIMIT, client_order_id: 'once' };
    const { body } = await ask('POST', '/v2/orders', fields);
    await ask('DELETE', `/v2/orders/${body.id}`);
    const again = await ask('POST', '/v2/orders', fields);
    expect([again.status, again.body.code]).toEqual([422, 40010001]);
    const found = await ask('GET', '/v2/orders:by_client_order_id?client_order_id=once');
    expect(found.body).toMatchObject({ id: body.id, status: 'canceled' });
  });

  it('that could trade with an own one', async () => {
    const { body } = await ask('POST', '/v2/orders', { ...LIMIT, symbol: 'SPY' });
    const sell = { ...BASE, symbol: 'SPY', side: 'sell' };
    const refused = await ask('POST', '/v2/orders', sell);
    expect(refused.body).toMatchObject({ code: 40310000, existing_order_id: body.id });
    const above = await ask('POST', '/v2/orders', { ...sell, type: 'limit', limit_price: '900' });
    expect(above.status).toBe(200);
    await ask('DELETE', '/v2/orders');
  });
});

it('a short takes whole shares of what can be borrowed, and never turns a long', async () => {
  const sell = { ...BASE, symbol: 'SPY', side: 'sell', qty: '3' };
  expect((await ask('POST', '/v2/orders', sell)).status).toBe(200);
  emulator.control.step({ seconds: 6 });
  const { body } = await ask('GET', '/v2/positions/SPY');
  expect([body.qty, body.side]).toEqual(['-3', 'short']);
  const turn = await ask('POST', '/v2/orders', { ...sell, side: 'buy', qty: '4' });
  expect(turn.body).toMatchObject({ code: 40310000, available: '3' });
  const { body: cover } = await ask('DELETE', '/v2/positions/SPY');
  expect(cover).toMatchObject({ side: 'buy', qty: '3' });
  emulator.control.step({ seconds: 6 });
  expect((await ask('GET', '/v2/positions/SPY')).status).toBe(404);
});

it('an amount of money buys its part of a share', async () => {
  const { body: sent } = await ask('POST', '/v2/orders', {
    ...without(BASE, 'qty'),
    notional: '1000',
  });
  expect([sent.notional, sent.qty]).toEqual(['1000', null]);
  emulator.control.step({ seconds: 12 });
  const { body } = await ask('GET', `/v2/orders/${sent.id}`);
  expect(body.status).toBe('filled');
  const spent = Number(body.filled_qty) * Number(body.filled_avg_price);
  expect(spent).toBeCloseTo(1_000, 4);
  expect(Number(body.filled_qty) % 1).not.toBe(0);
  await ask('DELETE', '/v2/positions');
  emulator.control.step({ seconds: 6 });
});

it('orders and activities are paged by their cursors without a gap or a row twice', async () => {
  for (let count = 0; count < 7; count += 1) {
    await ask('POST', '/v2/orders', { ...BASE, symbol: 'ACME' });
    emulator.control.step({ seconds: 6 });
  }
  const all = (await ask('GET', '/v2/orders?status=all&limit=500&direction=asc')).body;
  const paged = [];
  let after = '2000-01-01T00:00:00Z';
  for (;;) {
    const path = `/v2/orders?status=all&limit=3&direction=asc&after=${after}`;
    const { body } = await ask('GET', path);
    if (body.length === 0) break;
    paged.push(...body);
    after = body.at(-1).submitted_at;
  }
  expect(paged).toEqual(all);
  const rows = (await ask('GET', '/v2/account/activities')).body;
  const seen = [];
  let token = '';
  for (;;) {
    const { body } = await ask('GET', `/v2/account/activities?page_size=2${token}`);
    if (body.length === 0) break;
    seen.push(...body);
    token = `&page_token=${body.at(-1).id}`;
  }
  expect(seen).toEqual(rows);
  const fills = (await ask('GET', '/v2/account/activities/FILL')).body;
  expect(fills).toEqual(
    rows.filter((row: { activity_type: string }) => row.activity_type === 'FILL'),
  );
});

it('every answer says its id and what is left of the minute; more is refused until the next', async () => {
  const few = await startAt({ requestLimits: { trading: 3 } });
  const askFew = askerOf(few);
  const answers = [];
  // A minute of the wall's clock may end in between: then it counts anew.
  for (let count = 0; count < 8; count += 1) answers.push(await askFew('GET', '/v2/clock'));
  const ids = answers.map(({ headers }) => headers.get('x-request-id'));
  expect(new Set(ids).size).toBe(8);
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(2);
  expect(refused[0]?.body.code).toBe(42910000);
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answers[0]?.headers.get('x-ratelimit-limit')).toBe('3');
  await few.close();
});

it('keys open their own account by either style, and wrong ones none', async () => {
  const accounts = [
    { keyId: 'A', secretKey: 'a', token: 'bearer-a', cash: 1_000 },
    { keyId: 'B', secretKey: 'b' },
  ];
  const two = await startAt({ accounts });
  const cashOf = async (headers: Record<string, string>) => {
    const answer = await fetch(`${two.url}/v2/account`, { headers });
    return [answer.status, ((await answer.json()) as { cash?: string }).cash];
  };
  const pair = (id: string, secret: string) => ({
    'APCA-API-KEY-ID': id,
    'APCA-API-SECRET-KEY': secret,
  });
  expect(await cashOf(pair('A', 'a'))).toEqual([200, '1000']);
  expect(await cashOf(pair('B', 'b'))).toEqual([200, '100000']);
  expect(await cashOf({ Authorization: 'Bearer bearer-a' })).toEqual([200, '1000']);
  expect(await cashOf(pair('A', 'b'))).toEqual([401, undefined]);
  expect(await cashOf({})).toEqual([401, undefined]);
  await two.close();
});
