import { getCalendar } from '@capstan/calendar';
import { timeUs, US_PER_MINUTE } from '@capstan/domain';
import { startPolygonEmulator } from '@capstan/emulators';
import { openMarketData } from '@capstan/venues';
import { afterEach, expect, it } from 'vitest';
import { SALE_RULES } from './live/sale-conditions.ts';
import { numbersOf, TEN_US, VendorFeed } from './vendor-feed.fixture.ts';

const SYMBOLS = ['BRK.B', 'QQQ'];

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function open(from: 'bars' | 'seconds') {
  const emulator = await startPolygonEmulator({
    nowUs: TEN_US,
    world: {
      ...{ seed: 11, calendar: getCalendar('XNYS'), startDate: '2026-01-02' },
      symbols: SYMBOLS.map((symbol) => ({ symbol, startPrice: 500 })),
    },
  });
  ends.push(() => emulator.close());
  const environment = {
    ...{ POLYGON_API_KEY: 'demo-key', POLYGON_BASE_URL: emulator.url },
    POLYGON_STOCK_WS_URL: `${emulator.streamUrl}/stocks`,
  };
  const { control } = emulator;
  const feed = new VendorFeed({
    open: (ports) => openMarketData('polygon', environment, { requestsPerMinute: 600_000 }, ports),
    moveTo: (us) => control.advance((us - control.nowUs) / US_PER_MINUTE),
    drop: () => control.stream('stocks').drop(),
  });
  await feed.start(SYMBOLS, { from, sales: SALE_RULES.polygon });
  ends.push(() => feed.close());
  return { emulator, feed };
}

it.each(['bars', 'seconds'] as const)(
  "publishes what Polygon's own client hears of %s, fills the gap of a broken stream from its history, and ends with its minutes",
  async (from) => {
    const { emulator, feed } = await open(from);
    await feed.published(0);
    await feed.connected(true);
    for (const minute of [1, 2]) await feed.published(minute);
    const channel = from === 'bars' ? 'AM' : 'A';
    const channels = SYMBOLS.flatMap((symbol) => [`${channel}.${symbol}`, `Q.${symbol}`]).sort();
    expect(emulator.control.stream('stocks').channels()).toEqual(channels);
    await feed.drop();
    await feed.published(3);
    await feed.connected(true);
    for (const minute of [4, 5]) await feed.published(minute);

    const minutes = [0, 1, 2, 3, 4, 5];
    expect(feed.slices()).toEqual(['-1 ', ...minutes.map((minute) => `${minute} BRK.B,QQQ`)]);
    const toUs = timeUs(TEN_US + 5 * US_PER_MINUTE);
    const history = SYMBOLS.flatMap((symbol) =>
      emulator.world.minutes(symbol, timeUs(TEN_US - US_PER_MINUTE), toUs),
    );
    expect(feed.bars().map(numbersOf).sort()).toEqual(history.map(numbersOf).sort());
    // A session and a half hour before ten, and what came since.
    expect(await feed.journaled('QQQ')).toHaveLength(390 + 30 + 5);
    expect(feed.quoted()).toEqual(SYMBOLS);
    expect(emulator.control.stream('stocks').logins).toBeGreaterThan(1);
  },
  30_000,
);
