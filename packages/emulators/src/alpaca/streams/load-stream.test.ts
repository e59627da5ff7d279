import { streaming } from '@alpacahq/alpaca-trade-api';
import { afterEach, expect, it, vi } from 'vitest';
import { LoadStream } from './load-stream.ts';

let load: LoadStream;
afterEach(() => load.close());

const SYMBOLS = Array.from({ length: 500 }, (_, index) => `S${index}`);
const START_US = Date.parse('2026-01-05T15:00:00Z') * 1_000;

it("says to the vendor's client what it is told to, stamped as it is sent, and may be away", async () => {
  load = await LoadStream.start();
  const client = new streaming.StockDataStream({
    url: `${load.url}/v2/sip`,
    credentials: { keyId: 'any', secret: 'any' },
    reconnect: false,
  });
  const quotes: streaming.StreamQuote[] = [];
  const bars: streaming.StreamBar[] = [];
  client.onQuote((quote) => quotes.push(quote)).onBar((bar) => bars.push(bar));
  const ended = new Promise<void>((resolve) => client.onDisconnect(() => resolve()));
  client.connect();
  expect(await client.whenAuthenticated()).toMatchObject({ authenticated: true });
  client.subscribeForQuotes(SYMBOLS);
  client.subscribeForBars(['S1']);
  await vi.waitFor(() =>
    expect([load.listened('quotes'), load.listened('bars')]).toEqual([500, 1]),
  );
  const beforeMs = Date.now();
  const sent = load.quotes(SYMBOLS, 10);
  load.bars(['S1'], START_US);
  await load.drained(0);
  await vi.waitFor(() => expect([quotes.length, bars.length]).toEqual([500, 1]));
  expect(sent).toMatchObject({ messages: 500, sentUs: { length: 2 } });
  expect(quotes.map(({ symbol }) => symbol)).toEqual(SYMBOLS);
  expect(Math.abs(Number(quotes[0]?.timestamp) - beforeMs)).toBeLessThan(10_000);
  expect(Number(bars[0]?.timestamp) * 1_000).toBe(START_US);
  load.away(true);
  await ended;
  await vi.waitFor(() => expect(load.listened('quotes')).toBe(0));
  const again = new streaming.StockDataStream({
    url: `${load.url}/v2/sip`,
    credentials: { keyId: 'any', secret: 'any' },
    reconnect: false,
  });
  again.connect();
  expect(await again.whenAuthenticated()).toMatchObject({ authenticated: false });
});
