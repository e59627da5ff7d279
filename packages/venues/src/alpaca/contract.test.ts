import { readFileSync } from 'node:fs';
import { type OrderTerms, priceNanos, quantity, timeUs } from '@capstan/domain';
import { EMULATOR_KEYS } from '@capstan/emulators';
import type { OptionsRequest } from '@capstan/ports';
import { MemoryLog } from '@capstan/testkit';
import { afterEach, expect, it } from 'vitest';
import { Bench } from '../acceptance/bench.ts';
import { RequestBudget } from '../requests/request-budget.ts';
import { emulatorClock, openAlpaca } from './alpaca-harness.fixture.ts';
import { alpacaEndpoints } from './connection.ts';
import { readAlpacaCredentials } from './credentials.ts';
import { AlpacaData } from './data/alpaca-data.ts';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { readonly name: string }[];
  readonly body?: { readonly properties?: Readonly<Record<string, unknown>> };
}

const operations = ['trading', 'market-data'].flatMap((name) => {
  const file = new URL(`../../../emulators/src/alpaca/${name}-contract.json`, import.meta.url);
  const contract = JSON.parse(readFileSync(file, 'utf8')) as { operations: object };
  return Object.values(contract.operations) as readonly Operation[];
});

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}

/** Returns what of a request the vendor's documents do not have: its path, names of its query and of its body. */
function problemsOf({ method, url, body }: Asked): readonly string[] {
  const { pathname, searchParams } = new URL(url, 'http://vendor');
  const parts = pathname.split('/');
  const fits = operations.filter((one) => {
    const template = one.path.split('/');
    const isPart = (part: string, at: number) => part.startsWith('{') || part === parts[at];
    return one.method === method && template.length === parts.length && template.every(isPart);
  });
  const [found] = fits.sort((a, b) => a.path.split('{').length - b.path.split('{').length);
  if (found === undefined) return [`${method} ${pathname} is in no document`];
  const parameters = new Set(found.parameters.map(({ name }) => name));
  const fields = found.body?.properties ?? {};
  return [
    ...[...searchParams.keys()].filter((name) => !parameters.has(name)),
    ...Object.keys(body ?? {}).filter((name) => !(name in fields)),
  ].map((name) => `${method} ${found.path} knows no '${name}'`);
}

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

it("asks for nothing that Alpaca's own documents do not have", async () => {
  const harness = await openAlpaca();
  ends.push(() => harness.close());
  await trade(harness);
  await read(harness);
  const asked = harness.emulator.control.requests();
  expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['GET', 'POST', 'DELETE']));
  expect(asked.length).toBeGreaterThan(30);
  expect([...new Set(asked.flatMap(problemsOf))]).toEqual([]);
  const wrong = { method: 'POST', url: '/v2/orders?a=1', body: { symbol: 'SPY', sides: 'hold' } };
  expect(problemsOf(wrong)).toHaveLength(2);
});
