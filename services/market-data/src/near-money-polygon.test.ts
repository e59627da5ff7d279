import { setTimeout as sleep } from 'node:timers/promises';
import { getCalendar } from '@capstan/calendar';
import { timeUs, US_PER_MINUTE } from '@capstan/domain';
import { type PolygonEmulator, startPolygonEmulator } from '@capstan/emulators';
import type { Clock, Labels, MarketStream } from '@capstan/ports';
import { MemoryLog } from '@capstan/testkit';
import { NearMoneyTracker, openMarketData } from '@capstan/venues';
import { afterEach, expect, it } from 'vitest';
import { NearMoneyGuest } from './near-money-guest.ts';

const calendar = getCalendar('XNYS');
/** An hour into a session. */
const NOW_US = timeUs((calendar.session('2026-01-06')?.openUs ?? 0) + 60 * US_PER_MINUTE);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A guest on a stream of the vendor's own protocol that it has to itself. */
async function open() {
  const emulator = await startPolygonEmulator({
    nowUs: NOW_US,
    world: {
      ...{ seed: 11, calendar, startDate: '2026-01-02', optionable: ['QQQ'] },
      symbols: [{ symbol: 'QQQ', startPrice: 500 }],
    },
  });
  ends.push(() => emulator.close());
  // Waits for sockets are real and short; time-outs never come.
  const never = (signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
  const clock: Clock = {
    nowUs: () => emulator.control.nowUs,
    monotonicMs: () => performance.now(),
    sleep: (ms, signal) =>
      ms < 10_000
        ? sleep(ms / 20, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
        : never(signal),
  };
  const log = new MemoryLog();
  const venue = await openMarketData('polygon', environmentOf(emulator), {}, { clock, log });
  ends.push(() => venue.close());
  const gauges: Record<string, number> = {};
  const quoted = new Set<string>();
  const guest = new NearMoneyGuest(
    {
      ...{ venue, clock, log },
      meter: {
        gauge: (_name: string, value: number, labels: Labels = {}) => {
          gauges[labels.value ?? ''] = value;
        },
      },
      quotes: { offer: ({ symbol }) => void quoted.add(symbol) },
      crash: (error: unknown) => {
        throw error;
      },
    },
    new NearMoneyTracker(calendar, { strikes: 2 }),
    'polygon',
  );
  const stream = await venue.subscribe(guest.wish);
  const nextOrNothing = patient(stream);
  let isChanged = false;
  guest.onWish(() => {
    isChanged = true;
  });
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      const events = await nextOrNothing();
      for (const event of events) guest.hear(event);
      if (isChanged) await stream.want(guest.wish);
      isChanged = false;
    }
  };
  return { emulator, guest, gauges, quoted, until };
}

/** Gives a stream's next events, none where it has nothing for a moment: what was asked beside it may have come. */
function patient(stream: MarketStream) {
  let pending: ReturnType<MarketStream['next']> | undefined;
  return () => {
    pending ??= stream.next().finally(() => {
      pending = undefined;
    });
    return Promise.race([pending, sleep(5).then(() => [])]);
  };
}

const environmentOf = ({ url, streamUrl }: PolygonEmulator) => ({
  POLYGON_API_KEY: 'demo-key',
  POLYGON_BASE_URL: url,
  POLYGON_STOCK_WS_URL: `${streamUrl}/stocks`,
  POLYGON_OPTIONS_WS_URL: `${streamUrl}/options`,
});

it("follows a price at Polygon: its nearest options' quotes, its session's VWAP and its mean", async () => {
  const { emulator, guest, gauges, quoted, until } = await open();
  const { control, world } = emulator;
  await until(() => guest.wish.quotes.length === 10 && gauges.vwap !== undefined);
  const channels = guest.wish.quotes.map((symbol) => `Q.O:${symbol}`).sort();
  await until(() => control.stream('options').channels().length === 10);
  expect(control.stream('options').channels()).toEqual(channels);
  control.advance(1);
  await until(() => guest.wish.quotes.every((symbol) => quoted.has(symbol)));
  // Far enough that the price is somewhere else.
  control.advance(200);
  const spot = () => (world.priceAt('QQQ', control.nowUs) ?? 0) / 1e9;
  await until(() => gauges.close === spot());
  await until(() => control.stream('options').channels().join() !== channels.join());
  const strikes = guest.wish.quotes.map((symbol) => Number(symbol.slice(-8)) / 1e3);
  const middle = strikes.reduce((sum, strike) => sum + strike, 0) / strikes.length;
  expect(Math.abs(middle - spot())).toBeLessThanOrEqual(0.75);
  const session = world.minutes('QQQ', calendar.session('2026-01-06')?.openUs ?? 0, control.nowUs);
  const volume = session.reduce((sum, bar) => sum + bar.volume, 0);
  const vwap = session.reduce((sum, { highNanos, lowNanos, closeNanos, volume: units }) => {
    return sum + ((highNanos + lowNanos + closeNanos) / 3e9) * (units / volume);
  }, 0);
  expect(gauges.vwap).toBeCloseTo(vwap, 6);
  const mean = session.slice(-9).reduce((sum, { closeNanos }) => sum + closeNanos / 9e9, 0);
  expect(gauges.ma9).toBeCloseTo(mean, 6);
});
