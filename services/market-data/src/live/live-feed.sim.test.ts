import { CalendarBook } from '@capstan/calendar';
import { decodeBar, decodeBarsClosed, subjects } from '@capstan/contracts';
import { type Bar, timeUs, US_PER_MINUTE } from '@capstan/domain';
import { KeyedOwner } from '@capstan/journal';
import type { BarRecord } from '@capstan/ports';
import {
  CALM,
  type MarketScript,
  MemoryMarketVenue,
  Random,
  runSim,
  type SimWorld,
  type Span,
  STORMY,
} from '@capstan/testkit/sim';
import { expect, it } from 'vitest';
import { LiveFeedOwner, type LiveFeedSettings } from './live-feed-owner.ts';
import { drawMarket, drawSpans, keyOf, type ToldMarket } from './market-script.fixture.ts';
import type { Market } from './minute-grid.ts';
import { SALE_RULES } from './sale-conditions.ts';

const SECOND = 1_000_000;
const OPEN_US = 1_767_623_400_000_000;
/** Some of the day before, so that there is a past. */
const START_US = timeUs(OPEN_US + 20 * US_PER_MINUTE);
const MINUTES = 25;
const END_US = START_US + MINUTES * US_PER_MINUTE;
const GRACE_US = 4 * SECOND;
const SYMBOLS = [
  { symbol: 'AAA', share: 0.97 },
  { symbol: 'BBB', share: 0.9 },
  { symbol: 'CCC', share: 0.3 },
];
const NYSE: Market = { calendar: new CalendarBook().get('XNYS'), hours: 'regular' };

const SETTINGS: LiveFeedSettings = {
  feed: 'live',
  venue: 'TEST',
  runId: 'run',
  rules: {
    ...{ feed: 'live', from: 'bars', sales: SALE_RULES.alpaca, historySessions: 0 },
    marketOf: () => NYSE,
    ...{ graceUs: GRACE_US, settleUs: 3 * SECOND, staleUs: 90 * SECOND },
  },
  wantedOf: () => new Map(SYMBOLS.map(({ symbol }) => [symbol, []])),
};

interface Scene {
  readonly market: ToldMarket;
  readonly script: MarketScript;
}

function drawScene(seed: number, isTroubled: boolean): Scene {
  const random = new Random(seed * 7 + 1);
  const market = drawMarket(random, SYMBOLS, { fromUs: OPEN_US, minutes: 20 + MINUTES });
  const { history, events } = market;
  const script = { history, events, historyDelayUs: 2 * SECOND };
  if (!isTroubled) return { market, script };
  const span = [START_US, END_US - 5 * US_PER_MINUTE] as const;
  return {
    market,
    script: {
      ...script,
      broken: drawSpans(random, 3, span, [1, 90]),
      silent: drawSpans(random, 1, span, [30, 240]),
      away: drawSpans(random, 1, span, [5, 60]),
      clockAheadUs: random.integer(-3 * SECOND, 3 * SECOND),
    },
  };
}

/** Two replicas of market-data follow one vendor. */
function build(world: SimWorld, { script }: Scene): void {
  const trueNowUs = () => world.scheduler.nowUs();
  for (const replica of ['a', 'b']) {
    world.process(`market-data-${replica}`, (ports) => {
      const make = () => {
        const venue = new MemoryMarketVenue({ trueNowUs, clock: ports.clock }, script);
        return new LiveFeedOwner({ ...ports, venue }, SETTINGS);
      };
      return new KeyedOwner(ports, 'feed/live', ports.ids.incarnation(), make);
    });
  }
}

/** What was published, as who reads the stream has it: repeats left out, each slice put together whichever part of it comes first. */
function heard(world: SimWorld): {
  readonly slices: ReadonlyMap<number, readonly Bar[]>;
  readonly ends: readonly number[];
} {
  const bySequence = new Map(
    world.bus.messages('MARKET').map((one) => [one.headers['capstan-sequence'], one]),
  );
  const [closings, told] = [[...bySequence.values()], new Map<string, Bar>()];
  for (const { subject, data } of closings) {
    const bar = subject === subjects.barsClosed('live') ? undefined : decodeBar(data);
    if (bar?.revision === 0) told.set(keyOf(bar), bar);
  }
  const closed = closings
    .filter(({ subject }) => subject === subjects.barsClosed('live'))
    .map(({ data }) => decodeBarsClosed(data));
  const barsOf = ({ symbols, endUs }: (typeof closed)[number]) =>
    symbols.map((symbol) => told.get(keyOf({ symbol, endUs })) as Bar);
  return {
    slices: new Map(closed.map((one) => [one.endUs, barsOf(one)])),
    ends: closed.map(({ endUs }) => endUs),
  };
}

const numbers = ({ symbol, endUs, openNanos, highNanos, lowNanos, closeNanos, volume }: Bar) =>
  JSON.stringify([symbol, endUs, openNanos, highNanos, lowNanos, closeNanos, volume]);

async function journaled(world: SimWorld): Promise<readonly BarRecord[]> {
  return world.store.bars({
    ...{ runId: 'run', feed: 'live', symbols: SYMBOLS.map(({ symbol }) => symbol) },
    ...{ timeframe: '1m', afterUs: timeUs(0), throughUs: timeUs(END_US * 2) },
    ...{ limit: 100_000, revisions: 'all' },
  });
}

const within = (spans: readonly Span[] = [], us: number) =>
  spans.some(({ fromUs, toUs }) => us >= fromUs && us < toUs);

async function check(world: SimWorld, { market, script }: Scene): Promise<void> {
  const { slices, ends } = heard(world);
  const [openedUs = 0, ...published] = ends;
  const ahead = script.clockAheadUs ?? 0;
  const minutes = published.map((_, index) => openedUs + (index + 1) * US_PER_MINUTE);
  // In order, each once, none left out, up to now.
  expect(published).toEqual(minutes);
  expect(published.at(-1)).toBeGreaterThanOrEqual(END_US + Math.min(0, ahead) - 2 * US_PER_MINUTE);
  const finals = new Map(market.history.map((bar) => [keyOf(bar), bar]));
  for (const endUs of published) {
    const bars = slices.get(endUs) ?? [];
    for (const bar of bars) {
      const known = [market.told.get(keyOf(bar))?.bar, finals.get(keyOf(bar))];
      expect(known.map((one) => one && numbers(one))).toContain(numbers(bar));
    }
    for (const { symbol } of SYMBOLS) {
      const key = keyOf({ symbol, endUs: timeUs(endUs) });
      const told = market.told.get(key);
      if (told === undefined || bars.some((bar) => bar.symbol === symbol)) continue;
      // It may only be missing where it was told too late, or into a silence that nobody could notice in time.
      const atUs = endUs + told.delayUs;
      const isSilent = within(script.silent, atUs) || within(script.away, atUs);
      expect([key, told.delayUs >= GRACE_US - 10_000 || isSilent]).toEqual([key, true]);
    }
  }
  const rows = await journaled(world);
  const first = rows.filter(({ revision, endUs }) => revision === 0 && endUs > openedUs);
  const bySlice = published.flatMap((endUs) => slices.get(endUs) ?? []);
  expect(first.map(numbers)).toEqual(bySlice.map(numbers));
  for (const bar of rows) {
    const known = [market.told.get(keyOf(bar))?.bar, finals.get(keyOf(bar))];
    expect(known.map((one) => one && numbers(one))).toContain(numbers(bar));
  }
}

const run = (seed: number, scene: Scene, faults: typeof CALM, more = async (_: SimWorld) => {}) =>
  runSim({
    ...{ seed, startUs: START_US, untilMs: (END_US - START_US) / 1_000 },
    faultsUntilMs: (END_US - START_US) / 1_000 - 5 * 60_000,
    faults,
    build: (world) => build(world, scene),
    check: async (world) => {
      await check(world, scene);
      await more(world);
    },
    replay: (which) => `npx vitest run services/market-data/src/live -t "seed ${which})"`,
  });

it.each(Array.from({ length: 4 }, (_, seed) => seed))(
  'slices go out in order, once, as the vendor told or tells them, whatever goes wrong there and here (seed %d)',
  async (seed) => {
    const report = await run(seed, drawScene(seed, true), { ...STORMY, leaseTaken: 0.2 });
    expect(report.faults.crash).toBeGreaterThan(0);
  },
);

it.each([100])(
  'of a vendor without trouble everything is known in the end as its history has it (seed %d)',
  async (seed) => {
    const scene = drawScene(seed, false);
    await run(seed, scene, CALM, async (world) => {
      const newest = new Map((await journaled(world)).map((bar) => [keyOf(bar), bar]));
      const { ends } = heard(world);
      const settledUs = END_US - 2 * US_PER_MINUTE;
      const due = scene.market.history.filter(
        ({ endUs }) => endUs > (ends[0] ?? 0) && endUs <= settledUs,
      );
      expect(due.length).toBeGreaterThan(40);
      expect(due.map((bar) => numbers(newest.get(keyOf(bar)) ?? bar))).toEqual(due.map(numbers));
      expect(due.every((bar) => newest.has(keyOf(bar)))).toBe(true);
    });
  },
);
