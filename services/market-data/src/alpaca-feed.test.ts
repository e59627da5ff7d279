import { setTimeout as sleep } from 'node:timers/promises';
import { CalendarBook } from '@capstan/calendar';
import { decodeBar, decodeBarsClosed, decodeQuote, subjects } from '@capstan/contracts';
import { type Bar, timeUs, US_PER_MINUTE } from '@capstan/domain';
import { type AlpacaEmulator, EMULATOR_KEYS, startAlpacaEmulator } from '@capstan/emulators';
import { KeyedOwner } from '@capstan/journal';
import type { Clock } from '@capstan/ports';
import {
  MemoryBus,
  MemoryKv,
  MemoryLog,
  MemoryStore,
  nullMeter,
  VirtualClock,
} from '@capstan/testkit';
import { openMarketData } from '@capstan/venues';
import { afterEach, expect, it, vi } from 'vitest';
import { LiveFeedOwner, type LiveStatus } from './live/live-feed-owner.ts';
import { QuotePublisher } from './live/quote-publisher.ts';
import { SALE_RULES } from './live/sale-conditions.ts';

/** 10:00 in New York on a Monday with a session. */
const TEN_US = timeUs(Date.parse('2026-01-05T15:00:00Z') * 1_000);
const SYMBOLS = ['AAPL', 'SPY'];
const NYSE = { calendar: new CalendarBook().get('XNYS'), hours: 'regular' } as const;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A feed of the vendor's own client at an emulator, in a time that a test moves. */
async function open() {
  const emulator = await startAlpacaEmulator({
    clock: { kind: 'stepped', startUs: TEN_US },
    symbols: SYMBOLS,
  });
  ends.push(() => emulator.close());
  const clock = new VirtualClock(TEN_US);
  // Waits for sockets are real, and short.
  const wall: Clock = {
    nowUs: () => clock.nowUs(),
    monotonicMs: () => performance.now(),
    sleep: async (ms, signal) => {
      await sleep(ms / 20, undefined, signal === undefined ? {} : { signal }).catch(
        () => undefined,
      );
    },
  };
  const log = new MemoryLog();
  const venue = await openMarketData(
    'alpaca',
    {
      ...{ ALPACA_KEY_ID: EMULATOR_KEYS.keyId, ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey },
      ...{ ALPACA_BASE_URL: emulator.url, ALPACA_DATA_URL: emulator.url },
      ALPACA_DATA_STREAM_URL: emulator.dataStreamUrl,
    },
    { feed: 'sip', requestsPerMinute: 600_000 },
    { clock: wall, log },
  );
  const [store, bus, kv] = [new MemoryStore(), new MemoryBus(clock), new MemoryKv(clock)];
  const named = { feed: 'live', venue: 'ALPACA', runId: 'run' };
  const quotes = new QuotePublisher(
    { bus, clock, log, meter: nullMeter },
    { ...named, everyMs: 250 },
  );
  void quotes.run();
  let status: LiveStatus | undefined;
  const settings = {
    ...named,
    rules: {
      ...{ feed: 'live', from: 'bars' as const, sales: SALE_RULES.alpaca, historySessions: 1 },
      ...{ graceUs: 30_000_000, settleUs: 2_000_000, staleUs: 120_000_000 },
      marketOf: () => NYSE,
      onQuote: quotes.offer.bind(quotes),
    },
    wantedOf: () => new Map(SYMBOLS.map((symbol) => [symbol, []])),
    onStatus: (now: LiveStatus) => {
      status = now;
    },
  };
  const ports = { store, bus, kv, clock, log, meter: nullMeter };
  const owner = new KeyedOwner(
    ports,
    'feed/live',
    'life',
    () => new LiveFeedOwner({ ...ports, venue }, settings),
  );
  void owner.run();
  const flying = clock;
  ends.push(async () => {
    quotes.close();
    const stopped = owner.stop();
    void flying.fly();
    await stopped;
    venue.close();
  });
  const closings = () =>
    bus
      .messages('MARKET')
      .filter(({ subject }) => subject === subjects.barsClosed('live'))
      .map(({ data }) => decodeBarsClosed(data));
  return { emulator, clock, bus, store, log, closings, status: () => status };
}

type World = Awaited<ReturnType<typeof open>>;

/** Lets market time pass for emulator and feed alike. */
async function pass(
  { emulator, clock }: { emulator: AlpacaEmulator; clock: VirtualClock },
  ms: number,
) {
  emulator.control.stepTo(clock.nowUs() + ms * 1_000);
  await clock.advance(ms);
}

/** Waits until a minute after ten is published; time goes on a little where the feed waits for it. */
async function published(world: World, minute: number): Promise<void> {
  const endUs = TEN_US + minute * US_PER_MINUTE;
  const leftUs = endUs + 500_000 - world.clock.nowUs();
  if (leftUs > 0) await pass(world, leftUs / 1_000);
  await vi.waitFor(
    async () => {
      if (world.closings().at(-1)?.endUs === endUs) return;
      await pass(world, 20);
      throw new Error(`minute ${minute} is not there: ${JSON.stringify(world.status())}`);
    },
    { timeout: 20_000, interval: 5 },
  );
}

const connected = (world: World, is: boolean) =>
  vi.waitFor(
    async () => {
      if (world.status()?.state?.connected === is) return;
      await pass(world, 20);
      throw new Error(`connected is not ${is}`);
    },
    { timeout: 20_000, interval: 5 },
  );

it("publishes what Alpaca's own client hears, fills the gap of a broken stream from its history, and ends with the bars of both", async () => {
  const world = await open();
  await published(world, 0);
  await connected(world, true);
  for (const minute of [1, 2]) await published(world, minute);
  world.emulator.control.dropStreams('data');
  await connected(world, false);
  await published(world, 3);
  await connected(world, true);
  for (const minute of [4, 5]) await published(world, minute);

  const ends = world.closings().map(({ endUs }) => (endUs - TEN_US) / US_PER_MINUTE);
  expect(ends).toEqual([-1, 0, 1, 2, 3, 4, 5]);
  for (const { symbols } of world.closings().slice(1)) expect(symbols).toEqual(SYMBOLS);
  const bars = world.bus
    .messages('MARKET')
    .filter(({ subject }) => subject.startsWith('market.bar.'))
    .map(({ data }) => decodeBar(data));
  expect(bars).toHaveLength(12);
  const history = await historyOf(world, bars);
  expect(bars.map(numbers)).toEqual(history.map(numbers));
  // A session and a half hour before ten, and what came since.
  const journal = await world.store.bars({
    ...{ runId: 'run', feed: 'live', symbols: ['SPY'], timeframe: '1m', limit: 10_000 },
    ...{ afterUs: timeUs(0), throughUs: timeUs(TEN_US * 2) },
  });
  expect(journal).toHaveLength(390 + 30 + 5);
  const quotes = world.bus.messages('QUOTES').map(({ data }) => decodeQuote(data));
  expect(new Set(quotes.map(({ symbol }) => symbol))).toEqual(new Set(SYMBOLS));
}, 30_000);

const numbers = ({ symbol, endUs, openNanos, highNanos, lowNanos, closeNanos, volume }: Bar) =>
  [symbol, endUs, openNanos, highNanos, lowNanos, closeNanos, volume].join(' ');

/** The same bars as the vendor's history has them. */
async function historyOf({ emulator }: World, bars: readonly Bar[]): Promise<readonly Bar[]> {
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
