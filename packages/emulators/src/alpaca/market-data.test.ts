import { TimeFrame } from '@alpacahq/alpaca-trade-api';
import { afterEach, expect, it } from 'vitest';
import type { AlpacaEmulator } from './alpaca-emulator.ts';
import { sdkOf, startAt, TEN_O_CLOCK_US } from './alpaca-sdk.test-support.ts';

let emulator: AlpacaEmulator;
afterEach(() => emulator.close());

const at = (us: number): Date => new Date(us / 1_000);
const HOUR_US = 3_600_000_000;

it('pages bars by symbol and then time, so that the SDK collects them all once', async () => {
  emulator = await startAt({ symbols: ['MSFT', 'AAPL', 'QQQ'], extendedHours: false });
  const { marketData } = sdkOf(emulator);
  const asked = {
    symbols: ['QQQ', 'AAPL', 'MSFT'],
    timeframe: TimeFrame.Minute,
    start: at(TEN_O_CLOCK_US - 24 * 4 * HOUR_US),
    end: at(TEN_O_CLOCK_US),
  };
  const inOne = await marketData.collectStockBarsBySymbol({ ...asked, limit: 10_000 });
  const inMany = await marketData.collectStockBarsBySymbol({ ...asked, limit: 97 });
  expect(inMany).toEqual(inOne);
  // One whole session, and the half hour since today's open.
  for (const bars of Object.values(inOne)) expect(bars).toHaveLength(390 + 30);
  const starts = (inOne.AAPL ?? []).map(({ t }) => new Date(t).getTime());
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
});

it('tells in history what the stream told', async () => {
  emulator = await startAt({ symbols: ['AAPL', 'SPY'] });
  const { marketData } = sdkOf(emulator);
  const stream = marketData.stockStream({ url: `${emulator.dataStreamUrl}/v2/sip` });
  const bars: object[] = [];
  const trades: object[] = [];
  const told = new Promise<void>((resolve) => {
    stream.onBar(({ symbol, timestamp, open, high, low, close, volume }) => {
      bars.push({ symbol, timestamp, open, high, low, close, volume });
      if (bars.length === 4) resolve();
    });
  });
  stream.onTrade(({ symbol, timestampRaw, price, size }) => {
    trades.push({ symbol, at: new Date(timestampRaw ?? ''), price, size });
  });
  stream.onConnect(() => {
    stream.subscribeForBars(['*']);
    stream.subscribeForTrades(['AAPL']);
  });
  await connected(stream, 2);
  emulator.control.step({ minutes: 2 });
  await told;
  stream.disconnect();
  const asked = { symbols: ['AAPL', 'SPY'], start: at(TEN_O_CLOCK_US) };
  const timeframe = TimeFrame.Minute;
  const history = await marketData.collectStockBarsBySymbol({ ...asked, timeframe });
  const rows = Object.entries(history).flatMap(([symbol, list]) =>
    list.map(({ t, o: open, h: high, l: low, c: close, v: volume }) => {
      return { symbol, timestamp: new Date(t), open, high, low, close, volume };
    }),
  );
  const byTime = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  expect(rows.toSorted(byTime)).toEqual(bars.toSorted(byTime));
  const ticks = await marketData.collectStockTradesBySymbol({
    symbols: ['AAPL'],
    start: at(TEN_O_CLOCK_US),
  });
  expect(trades).toHaveLength(20);
  const symbol = 'AAPL';
  const past = (ticks.AAPL ?? []).map(({ t, p: price, s: size }) => ({
    symbol,
    at: new Date(t),
    price,
    size,
  }));
  expect(past).toEqual(trades);
});

/** Resolves when a stream has been told so often what it is subscribed to. */
function connected(
  stream: { on(event: string, listener: () => void): unknown; connect(): void },
  subscriptions: number,
): Promise<void> {
  return new Promise((resolve) => {
    let left = subscriptions;
    stream.on('subscription', () => {
      left -= 1;
      if (left === 0) resolve();
    });
    stream.connect();
  });
}
