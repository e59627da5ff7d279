import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { renderFills, renderOrders, renderPositions, scalesIn } from './commands/trading-tables.ts';
import { GatewayClient, listIn, pathOf } from './gateway-client.ts';

let server: Server;
let url: string;
let seen: { method: string; url: string; authorization: string; body: string }[];
let answer: { status: number; text: string };

beforeEach(async () => {
  seen = [];
  answer = { status: 200, text: '{"bots":[{"botId":"a"}]}' };
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += String(piece);
    });
    request.on('end', () => {
      const { method = '', headers } = request;
      seen.push({
        method,
        url: request.url ?? '',
        authorization: headers.authorization ?? '',
        body,
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text);
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const client = (): GatewayClient => new GatewayClient({ url, token: 'secret' });

test('asks with the token and the fields that are there', async () => {
  const got = await client().get('/api/orders', { bot: 'a b', account: undefined, limit: 3 });
  expect(listIn(got, 'bots')).toEqual([{ botId: 'a' }]);
  expect(listIn(got, 'orders')).toEqual([]);
  await client().post(pathOf('bots', 'a/b', 'pause'), { commandId: '1' });
  expect(seen).toEqual([
    { method: 'GET', url: '/api/orders?bot=a+b&limit=3', authorization: 'Bearer secret', body: '' },
    {
      method: 'POST',
      url: '/api/bots/a%2Fb/pause',
      authorization: 'Bearer secret',
      body: '{"commandId":"1"}',
    },
  ]);
});

test('passes on why the gateway refused, and what to do', async () => {
  answer = {
    status: 409,
    text: '{"code":"GATEWAY.REFUSED","why":"it is stopped.","fix":"Resume it."}',
  };
  await expect(client().post('/api/x')).rejects.toMatchObject({
    code: 'CLI.GATEWAY',
    message: 'It is stopped. Resume it.',
  });
  answer = { status: 401, text: '{"why":"the token is not known."}' };
  await expect(client().get('/api/x')).rejects.toMatchObject({ code: 'CLI.TOKEN' });
  answer = { status: 502, text: 'not json' };
  await expect(client().get('/api/x')).rejects.toThrow('The gateway answered 502.');
});

test('says so when nobody answers', async () => {
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
  await expect(client().get('/api/bots')).rejects.toMatchObject({ code: 'CLI.NOT_RUNNING' });
});

test('writes orders, fills and positions with exact figures', () => {
  const scales = scalesIn({ instruments: [{ symbol: 'COIN', quantityScale: 3 }] });
  const order = {
    decidedAtUs: 1_767_623_400_000_000,
    botId: 'trend',
    symbol: 'COIN',
    side: 'buy',
    quantity: 1_500,
    filledQuantity: 250,
    type: 'market',
    state: 'partiallyFilled',
    orderId: 'x1',
  };
  expect(renderOrders({ orders: [order] }, scales)).toMatch(
    /2026-01-05 14:30:00 +trend +COIN +buy +1\.5 +0\.25 +market +partiallyFilled +x1/,
  );
  const fill = {
    ...order,
    eventAtUs: order.decidedAtUs,
    priceNanos: 600_120_000_000,
    feeMicros: 1_000_000,
    kind: 'fill',
  };
  expect(renderFills({ fills: [fill] }, scales)).toMatch(/1\.5 +600\.12 +1\.00 +fill +x1/);
  const inside = { ...fill, fillId: 'internal/x2', feeMicros: 0 };
  expect(renderFills({ fills: [inside] }, scales)).toMatch(/0\.00 +fill +internal +x1/);
  const text = renderPositions(
    {
      positions: [
        { accountId: 'paper', botId: 'trend', symbol: 'SPY', quantity: -25, feesMicros: 0 },
      ],
      accounts: [{ accountId: 'paper', currency: 'USD', equityMicros: 100_574_630_000 }],
    },
    scales,
  );
  expect(text).toMatch(/trend +SPY +-25/);
  expect(text).toMatch(/paper +USD +100,574\.63/);
  expect(renderOrders({}, scales)).toContain('no orders');
});
