import { type OrderTerms, priceNanos, quantity, timeUs } from '@capstan/domain';
import { EMULATOR_KEYS } from '@capstan/emulators';
import type { OptionsRequest } from '@capstan/ports';
import { MemoryLog } from '@capstan/testkit';
import { afterEach, expect, it } from 'vitest';
import { problemsOf } from '../../../emulators/src/alpaca/contract.test-support.ts';
import { Bench } from '../acceptance/bench.ts';
import { RequestBudget } from '../requests/request-budget.ts';
import { emulatorClock, openAlpaca } from './alpaca-harness.fixture.ts';
import { alpacaEndpoints } from './connection.ts';
import { readAlpacaCredentials } from './credentials.ts';
import { AlpacaData } from './data/alpaca-data.ts';

type Opened = Awaited<ReturnType<typeof openAlpaca>>;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Asks all that the adapter of a broker asks. */
async function trade(harness: Opened): Promise<void> {
  const { venue, accountId } = harness;
  const bench = new Bench(harness, 'contract');
  ends.push(() => bench.close());
  const watch = await bench.watch();
  const market = bench.terms();
  await bench.accepted(market);
  await harness.pass();
  await watch.untilFilled(market.orderId, 10);
  const limitPriceNanos = await bench.price(0.5);
  const stopPriceNanos = await bench.price(1.5);
  const trailNanos = priceNanos((await bench.price(0.1)) as number);
  const rest: readonly Partial<OrderTerms>[] = [
    { type: 'limit', limitPriceNanos, timeInForce: 'gtc' },
    { type: 'stop', stopPriceNanos },
    { type: 'stopLimit', stopPriceNanos, limitPriceNanos: stopPriceNanos },
    { type: 'trailingStop', trailNanos },
    { type: 'trailingStop', trailBps: 250 },
    { symbol: harness.fractional ?? harness.symbol, quantity: quantity(1_500) },
  ];
  for (const one of rest) {
    const terms = bench.terms(one);
    await bench.accepted(terms);
    await venue.find(accountId, terms.orderId);
    await venue.cancel(accountId, terms.orderId);
  }
  await venue.openOrders(accountId);
  await venue.account(accountId);
  await venue.activities(accountId, '');
  await venue.conditions?.();
}

async function all(pages: AsyncIterable<readonly unknown[]>): Promise<void> {
  for await (const page of pages) void page;
}

/** Asks all that the adapter of market data asks. */
async function read({ emulator }: Opened): Promise<void> {
  const environment = {
    ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
    ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey,
    ALPACA_BASE_URL: emulator.url,
    ALPACA_DATA_URL: emulator.url,
  };
  const clock = emulatorClock(emulator);
  const data = new AlpacaData(
    { clock, log: new MemoryLog(), budget: new RequestBudget(clock, { perMinute: 60_000 }) },
    {
      endpoints: alpacaEndpoints(environment, 'paper'),
      credentials: readAlpacaCredentials(environment),
      ...{ feed: 'sip', optionsFeed: 'indicative', stream: 'poll' },
    },
  );
  const toUs = timeUs(emulator.control.nowUs());
  const span = { symbols: ['AAPL', 'SPY'], fromUs: timeUs(toUs - 600_000_000), toUs };
  for (const timeframe of ['1m', '5m', '15m', '30m', '1h', '1d'] as const) {
    await all(data.bars({ ...span, timeframe, adjustment: 'raw' }));
  }
  for (const adjustment of ['split', 'all'] as const) {
    await all(data.bars({ ...span, timeframe: '1d', adjustment }));
  }
  await all(data.trades(span));
  await all(data.quotes(span));
  const days = { fromDate: '2025-01-01', toDate: '2026-01-06' };
  await all(data.actions({ symbols: span.symbols, ...days }));
  const chain: OptionsRequest = {
    underlying: 'SPY',
    ...{ right: 'call', fromExpiration: '2026-01-06' },
    ...{ toExpiration: '2026-01-31', fromStrikeNanos: priceNanos(1e9) },
    toStrikeNanos: priceNanos(1e13),
  };
  await all(data.optionContracts(chain));
  await all(data.optionChain(chain));
  await data.sessions('2026-01-01', '2026-01-31');
  await data.nowUs();
  await data.check();
}

it("asks for nothing that Alpaca's own documents do not have, and says it as they do", async () => {
  const harness = await openAlpaca();
  ends.push(() => harness.close());
  await trade(harness);
  await read(harness);
  const asked = harness.emulator.control
    .requests()
    .map(({ method, url, body }) => ({ method, url, body, status: 0, answer: undefined }));
  expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['GET', 'POST', 'DELETE']));
  expect(asked.length).toBeGreaterThan(30);
  expect([...new Set(asked.flatMap(problemsOf))]).toEqual([]);
  const [first] = asked.filter(({ method }) => method === 'POST');
  const wrong = { ...first, url: '/v2/orders', body: { symbol: 'SPY', side: 'hold' } };
  expect(problemsOf({ ...wrong, method: 'POST', status: 0, answer: undefined })).not.toEqual([]);
});
