import { getCalendar } from '@capstan/calendar';
import { timeUs, US_PER_MINUTE } from '@capstan/domain';
import { restClient, websocketClient } from '@polygon.io/client-js';
import { afterEach, describe, expect, it } from 'vitest';
import { type PolygonEmulator, startPolygonEmulator } from './polygon-emulator.ts';
import { tradesOf } from './world.ts';

const KEY = 'test-key';
const calendar = getCalendar('XNYS');
const session = calendar.session('2026-01-06');
const NOW_US = timeUs((session?.openUs ?? 0) + 60 * US_PER_MINUTE);

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(): Promise<PolygonEmulator> {
  const emulator = await startPolygonEmulator({
    nowUs: NOW_US,
    keys: [KEY],
    world: {
      seed: 7,
      calendar,
      startDate: '2026-01-02',
      symbols: [
        { symbol: 'QQQ', startPrice: 500 },
        { symbol: 'BRK.B', startPrice: 480 },
        { symbol: 'I:NDX', startPrice: 20_000 },
      ],
      splits: [{ symbol: 'BRK.B', exDate: '2026-01-06', newUnits: 2, oldUnits: 1 }],
      dividends: [{ symbol: 'QQQ', exDate: '2026-01-05', payDate: '2026-01-12', cash: 0.75 }],
      optionable: ['QQQ'],
    },
  });
  open.push(emulator);
  return emulator;
}

describe("the emulator's REST with the vendor's client", () => {
  it('gives the minutes of its market, extended hours too, in pages at its own address', async () => {
    const { url, world } = await start();
    const client = restClient(KEY, url);
    const first = await client.getStocksAggregates(
      'QQQ',
      1,
      'minute' as never,
      '2026-01-02',
      '2026-01-02',
      false,
      'asc' as never,
      300,
    );
    expect(first).toMatchObject({ status: 'OK', ticker: 'QQQ', adjusted: false, queryCount: 300 });
    expect(new URL(String(first.next_url)).origin).toBe(url);
    expect(first.next_url).not.toContain(KEY);
    const rest = (await (await fetch(`${first.next_url}&apiKey=${KEY}`)).json()) as typeof first;
    const rows = [...(first.results ?? []), ...(rest.results ?? [])];
    expect(rest.next_url).toBeUndefined();
    const day = calendar.session('2026-01-02');
    const [openUs, closeUs] = [day?.openUs ?? 0, day?.closeUs ?? 0];
    const bars = world.minutes('QQQ', openUs - 60 * US_PER_MINUTE, closeUs + 60 * US_PER_MINUTE);
    expect(rows.map(({ t }) => t)).toEqual(bars.map(({ startUs }) => startUs / 1000));
    expect(rows).toHaveLength(392);
  });

  it('counts scanned minutes against the limit and never cuts a row', async () => {
    const { url } = await start();
    const client = restClient(KEY, url);
    const ask = (limit: number) =>
      client.getStocksAggregates(
        'QQQ',
        5,
        'minute' as never,
        '2026-01-02',
        '2026-01-02',
        false,
        'asc' as never,
        limit,
      );
    const whole = await ask(50_000);
    const page = await ask(52);
    expect(page.results?.length).toBeLessThan(14);
    expect(page.results).toEqual(whole.results?.slice(0, page.results?.length));
    expect(page.next_url).toBeDefined();
  });

  it('restates by splits that have happened, and only if asked to', async () => {
    const { url } = await start();
    const client = restClient(KEY, url);
    const ask = async (isAdjusted: boolean) =>
      (
        await client.getStocksAggregates(
          'BRK.B',
          1,
          'day' as never,
          '2026-01-02',
          '2026-01-05',
          isAdjusted,
        )
      ).results ?? [];
    const [raw, adjusted] = [await ask(false), await ask(true)];
    expect(raw).toHaveLength(2);
    expect(adjusted.map(({ c, v }) => [c, v])).toEqual(
      raw.map(({ c, v }) => [Math.round((c / 2) * 1e9) / 1e9, v * 2]),
    );
  });

  it('leaves results out where there are none, and knows nothing of the time to come', async () => {
    const { url } = await start();
    const client = restClient(KEY, url);
    const answer = await client.getStocksAggregates(
      'QQQ',
      1,
      'minute' as never,
      '2026-01-07',
      '2026-01-08',
    );
    expect(answer).toMatchObject({ status: 'OK', resultsCount: 0 });
    expect('results' in answer).toBe(false);
  });

  it('has trades that make the bars, by nanoseconds of nineteen digits', async () => {
    const { url, world } = await start();
    const text = await (
      await fetch(`${url}/v3/trades/QQQ?timestamp=2026-01-05&order=asc&limit=8&apiKey=${KEY}`)
    ).text();
    const rows = (JSON.parse(text) as { results: { price: number; size: number }[] }).results;
    const day = calendar.session('2026-01-05');
    const bars = world.minutes('QQQ', 0, day?.closeUs ?? 0);
    const at = bars.findIndex(({ startUs }) => startUs === day?.openUs);
    const trades = bars.slice(at - 1, at + 1).flatMap(tradesOf);
    expect(rows.map(({ price, size }) => [price * 1e9, size])).toEqual(
      trades.map(({ priceNanos, size }) => [priceNanos, size]),
    );
    for (const { atUs } of trades) expect(text).toContain(`"sip_timestamp":${atUs}000`);
  });

  it('lists contracts and the chain with greeks, page by page', async () => {
    const { url } = await start();
    const client = restClient(KEY, url);
    const contracts = await client.listOptionsContracts('QQQ');
    expect(contracts.results).toHaveLength(10);
    const chain = await client.getOptionsChain('QQQ', undefined, '2026-01-06');
    expect(chain.results?.[0]?.details.ticker).toMatch(/^O:QQQ260106C00\d{6}$/);
    expect(chain.next_url).toBeDefined();
  });

  it('tells splits, dividends and the market', async () => {
    const { url } = await start();
    const client = restClient(KEY, url);
    expect((await client.listStockSplits('BRK.B')).results).toMatchObject([
      { split_from: 1, split_to: 2, execution_date: '2026-01-06' },
    ]);
    expect((await client.listDividends('QQQ')).results).toMatchObject([{ cash_amount: 0.75 }]);
    expect(await client.getMarketStatus()).toMatchObject({
      market: 'open',
      serverTime: '2026-01-06T15:30:00.000Z',
    });
  });
});

describe('what can be made to go wrong', () => {
  it.each([
    [401, 'Unknown API Key'],
    [403, 'not entitled'],
    [429, 'exceeded'],
  ] as const)('answers %i as the vendor does', async (status, text) => {
    const { url, control } = await start();
    control.inject({ fault: { kind: 'status', status }, path: '/v3/trades' });
    const failed = restClient(KEY, url).getStocksTrades('QQQ');
    await expect(failed).rejects.toMatchObject({ response: { status } });
    const again = await restClient(KEY, url).getStocksTrades('QQQ');
    expect(again.status).toBe('OK');
    control.inject({ fault: { kind: 'status', status } });
    expect(await (await fetch(`${url}/v3/trades/QQQ?apiKey=${KEY}`)).text()).toContain(text);
  });

  it('refuses a wrong key, and takes the key out of what it remembers', async () => {
    const { url, control } = await start();
    const failed = restClient('wrong', url).getMarketStatus();
    await expect(failed).rejects.toMatchObject({ response: { status: 401 } });
    expect(control.requests).toEqual(['/v1/marketstatus/now']);
  });

  it('cuts JSON, and leaves results out of a page that goes on', async () => {
    const { url, control } = await start();
    const path = `${url}/v3/quotes/QQQ?limit=5&apiKey=${KEY}`;
    control.inject({ fault: { kind: 'truncated' } });
    const cut = await (await fetch(path)).text();
    expect(() => JSON.parse(cut)).toThrow();
    control.inject({ fault: { kind: 'noResults' } });
    const page = (await (await fetch(path)).json()) as Record<string, unknown>;
    expect(Object.keys(page).sort()).toEqual(['next_url', 'request_id', 'status']);
  });
});

describe('the control over HTTP', () => {
  it('does what a test in the process does, and says what it does not understand', async () => {
    const { url, control } = await start();
    const post = (path: string, body: object) =>
      fetch(`${url}/_control/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect(await (await post('step', { minutes: 2 })).json()).toEqual({
      now: '2026-01-06T15:32:00.000Z',
    });
    await post('faults', { kind: 'status', status: 403, path: '/v3/trades', times: 2 });
    const trades = `${url}/v3/trades/QQQ?limit=1&apiKey=${KEY}`;
    expect((await fetch(trades)).status).toBe(403);
    await fetch(`${url}/_control/faults`, { method: 'DELETE' });
    expect((await fetch(trades)).status).toBe(200);
    await post('plan', { delayed: true });
    expect(await (await fetch(trades)).json()).toMatchObject({ status: 'DELAYED' });
    await post('streams', { cluster: 'stocks', act: 'silence' });
    expect(control.stream('stocks').isSilent).toBe(true);
    await post('keys', { key: KEY, good: false });
    expect((await fetch(trades)).status).toBe(401);
    const asked = await fetch(`${url}/_control/requests?containing=/v3/trades`);
    expect(await asked.json()).toHaveLength(4);
    const wrong = await post('faults', { kind: 'stauts' });
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('kind')]);
  });
});

/** Frames that a socket of the vendor's client has got, and the wait for more. */
function frames(socket: ReturnType<ReturnType<typeof websocketClient>['stocks']>) {
  const got: Record<string, unknown>[] = [];
  let wake: () => void = () => undefined;
  socket.onmessage = ({ data }: { readonly data: unknown }) => {
    got.push(...(JSON.parse(String(data)) as Record<string, unknown>[]));
    wake();
  };
  const until = async (what: (message: Record<string, unknown>) => boolean) => {
    while (!got.some(what)) await new Promise<void>((resolve) => (wake = resolve));
  };
  open.push(socket);
  return { got, until };
}

describe("the emulator's streams with the vendor's client", () => {
  it('says connected, authenticates, confirms each channel, then streams', async () => {
    const { streamUrl, control } = await start();
    const socket = websocketClient(KEY, streamUrl).stocks();
    const { got, until } = frames(socket);
    await until(({ status }) => status === 'auth_success');
    socket.send(JSON.stringify({ action: 'subscribe', params: 'AM.QQQ,T.BRK.B,Q.QQQ,X.QQQ' }));
    await until(({ message }) => String(message).includes('X.QQQ'));
    expect(got.map(({ status, message }) => `${status}: ${message}`)).toEqual([
      'connected: Connected Successfully',
      'auth_success: authenticated',
      'success: subscribed to: AM.QQQ',
      'success: subscribed to: T.BRK.B',
      'success: subscribed to: Q.QQQ',
      'error: Could not subscribe to: X.QQQ',
    ]);
    control.advance(1);
    await until(({ ev }) => ev === 'AM');
    const kinds = got.map(({ ev, sym }) => `${ev} ${sym}`).slice(6);
    expect(kinds.filter((one) => one === 'T BRK.B')).toHaveLength(4);
    expect(kinds.filter((one) => one === 'Q QQQ')).toHaveLength(4);
    expect(kinds.at(-1)).toBe('AM QQQ');
    expect(got.at(-1)).toMatchObject({ s: NOW_US / 1000, e: NOW_US / 1000 + 60_000 });
  });

  it('lets the newest of a key in and sends the oldest away', async () => {
    const { streamUrl } = await start();
    const first = frames(websocketClient(KEY, streamUrl).stocks());
    await first.until(({ status }) => status === 'auth_success');
    const second = frames(websocketClient(KEY, streamUrl).stocks());
    await second.until(({ status }) => status === 'auth_success');
    await first.until(({ status }) => status === 'max_connections');
    const other = frames(websocketClient(KEY, streamUrl).options());
    await other.until(({ status }) => status === 'auth_success');
    expect(second.got.map(({ status }) => status)).not.toContain('max_connections');
  });

  it('streams values of indices and quotes of options', async () => {
    const { streamUrl, control } = await start();
    const indices = websocketClient(KEY, streamUrl).indices();
    const values = frames(indices);
    await values.until(({ status }) => status === 'auth_success');
    indices.send(JSON.stringify({ action: 'subscribe', params: 'V.I:NDX' }));
    await values.until(({ status }) => status === 'success');
    const options = websocketClient(KEY, streamUrl).options();
    const quotes = frames(options);
    await quotes.until(({ status }) => status === 'auth_success');
    options.send(JSON.stringify({ action: 'subscribe', params: 'Q.O:QQQ260106C00500000,Q.*' }));
    await quotes.until(({ status }) => status === 'error');
    control.advance(1);
    await values.until(({ ev }) => ev === 'V');
    await quotes.until(({ ev }) => ev === 'Q');
    expect(quotes.got.at(-1)).toMatchObject({ sym: 'O:QQQ260106C00500000', bs: 200 });
  });

  it.each([
    ['late', ['AM 0', 'AM 1', 'AM 0']],
    ['duplicate', ['AM 0', 'AM 0', 'AM 1']],
  ] as const)('can send bars %s', async (kind, expected) => {
    const { streamUrl, control } = await start();
    const socket = websocketClient(KEY, streamUrl).stocks();
    const { got, until } = frames(socket);
    await until(({ status }) => status === 'auth_success');
    socket.send(JSON.stringify({ action: 'subscribe', params: 'AM.QQQ' }));
    await until(({ status }) => status === 'success');
    control.stream('stocks').inject({ kind });
    control.advance(2);
    await until(({ s }) => s === NOW_US / 1000 + 60_000);
    const bars = got.filter(({ ev }) => ev === 'AM');
    const minutes = bars.map(({ s }) => `AM ${(Number(s) - NOW_US / 1000) / 60_000}`);
    expect(minutes).toEqual(kind === 'late' ? expected.slice(1) : expected);
  });

  it('drops without a word, and is silent, where told so', async () => {
    const { streamUrl, control } = await start();
    const socket = websocketClient(KEY, streamUrl).stocks();
    const { until } = frames(socket);
    const closed = new Promise<number>((resolve) => {
      socket.onclose = ({ code }: { readonly code: number }) => resolve(code);
    });
    await until(({ status }) => status === 'auth_success');
    control.stream('stocks').drop();
    expect(await closed).toBe(1006);
  });
});
