import { TimeFrame } from '@alpacahq/alpaca-trade-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AlpacaEmulator } from './alpaca-emulator.ts';
import { askerOf, sdkOf, startAt } from './alpaca-sdk.test-support.ts';
import { type Exchange, OPERATIONS, operationOf, problemsOf } from './contract.test-support.ts';

/** A fill fits both kinds of activities in the document, as neither requires anything. */
const TWO_KINDS =
  /activities\/\{activity_type\} answer\/\d+ must match exactly one schema in oneOf/;

let emulator: AlpacaEmulator;
const seen: Exchange[] = [];
beforeAll(async () => {
  emulator = await startAt({ symbols: ['AAPL', 'KO', 'SPY'], requestLimits: { trading: 1_000 } });
  await askThroughSdk();
  await askBarely();
});
afterAll(() => emulator.close());

/** Keeps what goes over the wire. */
const record: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init);
  const url = String(input);
  const text = await answer.clone().text();
  seen.push({
    method: init?.method ?? 'GET',
    url,
    ...(init?.body == null ? {} : { body: JSON.parse(String(init.body)) as unknown }),
    status: answer.status,
    answer: text === '' ? undefined : (JSON.parse(text) as unknown),
  });
  return answer;
};

async function askThroughSdk(): Promise<void> {
  const { trading, marketData } = sdkOf(emulator, undefined, record);
  const { orders } = trading;
  await orders.market({ symbol: 'AAPL', side: 'buy', qty: 2 });
  await orders.market({ symbol: 'SPY', side: 'buy', notional: 100 });
  emulator.control.step({ seconds: 12 });
  const price = 10;
  const limit = { symbol: 'KO', side: 'buy', qty: 1, limitPrice: price } as const;
  const open = await orders.limit({ ...limit, clientOrderId: 'mine' });
  await orders.getOrderByClientOrderId({ clientOrderId: 'mine' });
  await orders.bracket({
    ...{ ...limit, type: 'limit', takeProfit: { limitPrice: 900 }, stopLoss: { stopPrice: 5 } },
  });
  await orders.trailingStop({ symbol: 'KO', side: 'buy', qty: 1, trailPercent: 5 });
  await orders.stopLimit({ symbol: 'KO', side: 'buy', qty: 1, stopPrice: 900, limitPrice: 901 });
  await orders.getAllOrders({ status: 'all', nested: true, limit: 10 });
  const orderId = open.id ?? '';
  const next = await orders.patchOrderByOrderId({ orderId, patchOrderRequest: { qty: '2' } });
  await orders.getOrderByOrderID({ orderId, nested: true });
  await orders.deleteOrderByOrderID({ orderId: next.id ?? '' });
  await orders.deleteAllOrders();
  await trading.account.getAccount();
  await trading.positions.getAllOpenPositions();
  await trading.positions.getOpenPosition({ symbolOrAssetId: 'AAPL' });
  await trading.positions.deleteOpenPosition({ symbolOrAssetId: 'AAPL', qty: 1 });
  emulator.control.step({ seconds: 6 });
  await trading.positions.deleteAllOpenPositions({ cancelOrders: true });
  await trading.collectActivities();
  await trading.collectActivitiesByType({ activityType: 'FILL' });
  await trading.collectOptionsContracts({ underlyingSymbols: 'SPY', type: 'call' });
  const start = new Date('2026-01-05T14:55:00Z');
  const symbols = ['AAPL', 'SPY'];
  await marketData.collectStockBarsBySymbol({
    symbols,
    timeframe: TimeFrame.Minute,
    start,
    limit: 4,
  });
  await marketData.collectStockTradesBySymbol({ symbols, start, limit: 50 });
  await marketData.collectStockQuotesBySymbol({ symbols, start, limit: 50 });
}

/** Asks what is left, as a bare client. */
async function askBarely(): Promise<void> {
  const ask = askerOf(emulator, undefined, record);
  const { body } = await ask('GET', '/v2/options/contracts?underlying_symbols=SPY&limit=3');
  const [{ symbol: option }] = body.option_contracts;
  const start = 'start=2026-01-05T14:50:00Z';
  const paths = [
    ...[`/v2/options/contracts/${option}`, '/v2/assets', '/v2/assets/AAPL', '/v2/clock'],
    '/v2/calendar?start=2025-12-20T00:00:00Z&end=2026-01-10T00:00:00Z',
    '/v3/clock?markets=NYSE,NASDAQ',
    '/v3/calendar/NYSE?start=2026-01-05&end=2026-01-09',
    '/v1/corporate-actions?symbols=AAPL,KO&start=2016-01-01&end=2026-01-05&limit=1000',
    `/v1beta1/options/bars?symbols=${option}&timeframe=5Min&${start}`,
    `/v1beta1/options/trades?symbols=${option}&${start}&limit=20`,
    `/v1beta1/options/quotes/latest?symbols=${option}`,
    `/v1beta1/options/trades/latest?symbols=${option}`,
    `/v1beta1/options/snapshots?symbols=${option}`,
    '/v1beta1/options/snapshots/SPY?type=put&limit=20',
    ...['bars', 'trades', 'quotes'].flatMap((name) => [
      `/v2/stocks/${name}/latest?symbols=AAPL,SPY&feed=iex`,
      `/v2/stocks/AAPL/${name}/latest`,
      `/v2/stocks/AAPL/${name}?${start}&limit=20${name === 'bars' ? '&timeframe=1Day' : ''}`,
    ]),
    ...['/v2/stocks/snapshots?symbols=AAPL,SPY', '/v2/stocks/AAPL/snapshot'],
  ];
  for (const path of paths) await ask('GET', path);
}

it('has an answer to every operation of the documents that concern an adapter', () => {
  const asked = seen.map(({ method, url }) => {
    const operation = operationOf(method, url);
    return operation === undefined ? url : `${operation.method} ${operation.path}`;
  });
  expect([...new Set(asked)].sort()).toEqual(OPERATIONS);
});

it('answers what the documents say, to requests that they allow', () => {
  expect(seen.filter(({ status }) => status >= 400)).toEqual([]);
  const problems = new Set(seen.flatMap(problemsOf).filter((one) => !TWO_KINDS.test(one)));
  expect([...problems]).toEqual([]);
});

it('finds what is wrong', () => {
  const url = '/v2/orders?limit=many&status=open';
  const answer = [{ id: 'x', notional: null, type: 'market', time_in_force: 'never' }];
  const problems = problemsOf({ method: 'GET', url, status: 200, answer });
  expect(problems.join('\n')).toMatch(/'limit' is 'many'/);
  expect(problems.join('\n')).toMatch(/answer\/0\/time_in_force/);
  expect(problems.join('\n')).toMatch(/answer\/0\/id/);
});
