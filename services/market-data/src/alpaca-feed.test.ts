import type { Bar } from '@capstan/domain';
import { type AlpacaEmulator, EMULATOR_KEYS, startAlpacaEmulator } from '@capstan/emulators';
import { openMarketData } from '@capstan/venues';
import { afterEach, expect, it } from 'vitest';
import { SALE_RULES } from './live/sale-conditions.ts';
import { numbersOf, TEN_US, VendorFeed } from './vendor-feed.fixture.ts';

const SYMBOLS = ['AAPL', 'SPY'];

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function open() {
  const emulator = await startAlpacaEmulator({
    clock: { kind: 'stepped', startUs: TEN_US },
    symbols: SYMBOLS,
  });
  ends.push(() => emulator.close());
  const environment = {
    ...{ ALPACA_KEY_ID: EMULATOR_KEYS.keyId, ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey },
    ...{ ALPACA_BASE_URL: emulator.url, ALPACA_DATA_URL: emulator.url },
    ALPACA_DATA_STREAM_URL: emulator.dataStreamUrl,
  };
  const asked = { feed: 'sip', requestsPerMinute: 600_000 };
  const feed = new VendorFeed({
    open: (ports) => openMarketData('alpaca', environment, asked, ports),
    moveTo: (us) => emulator.control.stepTo(us),
    drop: () => emulator.control.dropStreams('data'),
  });
  await feed.start(SYMBOLS, { from: 'bars', sales: SALE_RULES.alpaca });
  ends.push(() => feed.close());
  return { emulator, feed };
}

it("publishes what Alpaca's own client hears, fills the gap of a broken stream from its history, and ends with the bars of both", async () => {
  const { emulator, feed } = await open();
  await feed.published(0);
  await feed.connected(true);
  for (const minute of [1, 2]) await feed.published(minute);
  await feed.drop();
  await feed.published(3);
  await feed.connected(true);
  for (const minute of [4, 5]) await feed.published(minute);

  expect(feed.slices()).toEqual([
    '-1 ',
    ...[0, 1, 2, 3, 4, 5].map((minute) => `${minute} AAPL,SPY`),
  ]);
  const bars = feed.bars();
  expect(bars).toHaveLength(12);
  const history = await historyOf(emulator, bars);
  expect(bars.map(numbersOf)).toEqual(history.map(numbersOf));
  // A session and a half hour before ten, and what came since.
  expect(await feed.journaled('SPY')).toHaveLength(390 + 30 + 5);
  expect(feed.quoted()).toEqual(SYMBOLS);
}, 30_000);

/** The same bars as the vendor's history has them. */
async function historyOf(emulator: AlpacaEmulator, bars: readonly Bar[]): Promise<readonly Bar[]> {
  const answer = await fetch(
    `${emulator.url}/v2/stocks/bars?symbols=${SYMBOLS.join(',')}&timeframe=1Min&start=2026-01-05T14:50:00Z&limit=1000&feed=sip`,
    {
      headers: {
        'APCA-API-KEY-ID': EMULATOR_KEYS.keyId,
        'APCA-API-SECRET-KEY': EMULATOR_KEYS.secretKey,
      },
    },
  );
  const { bars: rows } = (await answer.json()) as {
    bars: Record<string, { t: string; o: number; h: number; l: number; c: number; v: number }[]>;
  };
  return bars.map((bar) => {
    const row = rows[bar.symbol]?.find(({ t }) => Date.parse(t) * 1_000 === bar.startUs);
    if (row === undefined) throw new Error(`history has no ${bar.symbol} at ${bar.startUs}`);
    const nanos = (value: number) => Math.round(value * 1e9) as Bar['openNanos'];
    return {
      ...bar,
      ...{ openNanos: nanos(row.o), highNanos: nanos(row.h), lowNanos: nanos(row.l) },
      ...{ closeNanos: nanos(row.c), volume: row.v },
    };
  });
}
