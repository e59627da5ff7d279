import { getCalendar } from '@capstan/calendar';
import {
  type Bar,
  type MarketQuote,
  type OptionContract,
  priceNanos,
  timeUs,
} from '@capstan/domain';
import type { BarsRequest, Labels } from '@capstan/ports';
import { drained, MemoryLog, portErrors, VirtualClock } from '@capstan/testkit';
import { NearMoneyTracker } from '@capstan/venues';
import { expect, it } from 'vitest';
import { barEvent, minuteBar } from './live/market-script.fixture.ts';
import { NearMoneyGuest } from './near-money-guest.ts';

const TEN_US = timeUs(Date.parse('2026-01-05T15:00:00Z') * 1_000);

const contract = (strike: number, right: 'call' | 'put'): OptionContract => ({
  ...{ underlying: 'QQQ', right, expiration: '2026-01-05', multiplier: 100, style: 'american' },
  symbol: `QQQ260105${right === 'call' ? 'C' : 'P'}${String(strike * 1_000).padStart(8, '0')}`,
  strikeNanos: priceNanos(strike * 1e9),
});
const LISTED = [96, 97, 98, 99, 100, 101, 102, 103, 104].flatMap((strike) => [
  contract(strike, 'call'),
  contract(strike, 'put'),
]);

function guest(failures = 0, past: readonly Bar[] = []) {
  const clock = new VirtualClock(TEN_US);
  const sent: string[] = [];
  let asked = 0;
  const venue = {
    async *optionContracts() {
      asked += 1;
      if (asked <= failures) throw portErrors.marketUnavailable('not now.');
      yield LISTED;
    },
    async *bars({ fromUs, toUs }: BarsRequest) {
      yield past.filter(({ startUs }) => startUs >= fromUs && startUs < toUs);
    },
  };
  const gauges: Record<string, number> = {};
  const meter = {
    gauge: (_name: string, value: number, labels: Labels = {}) => {
      gauges[`${labels.underlying} ${labels.value}`] = value;
    },
  };
  const quotes = {
    offer: (quote: MarketQuote, underlying?: string) =>
      void sent.push(`${underlying} ${quote.symbol}`),
  };
  const crash = (error: unknown) => {
    throw error;
  };
  const tracker = new NearMoneyTracker(getCalendar('XNYS'), { underlying: 'QQQ', strikes: 1 });
  const ports = { venue, clock, log: new MemoryLog(), meter, quotes, crash };
  const made = new NearMoneyGuest(ports, tracker, 'polygon');
  let changes = 0;
  made.onWish(() => {
    changes += 1;
  });
  return { made, clock, sent, gauges, changes: () => changes, asked: () => asked };
}

const at = (minute: number, price: number) =>
  barEvent(minuteBar('QQQ', TEN_US + minute * 60_000_000, price - 0.5));
const quoteOf = (symbol: string) =>
  ({
    kind: 'quote',
    quote: {
      ...{ symbol, atUs: TEN_US, bidNanos: priceNanos(1e9), bidSize: 1 },
      ...{ askNanos: priceNanos(2e9), askSize: 1 },
    },
  }) as const;

it('asks for the options around the money, passes their quotes on, and follows the price', async () => {
  const { made, sent, changes } = guest();
  expect(made.wish).toMatchObject({ bars: ['QQQ'], quotes: [] });
  made.hear(at(1, 100));
  await drained();
  expect(changes()).toBe(1);
  const first = made.wish.quotes;
  expect(first).toContain('QQQ260105C00100000');
  made.hear(quoteOf('QQQ260105C00100000'));
  made.hear(quoteOf('QQQ260105C00104000'));
  made.hear(quoteOf('QQQ'));
  expect(sent).toEqual(['QQQ QQQ260105C00100000']);
  made.hear(at(2, 103));
  expect(changes()).toBe(2);
  expect(made.wish.quotes).toContain('QQQ260105C00103000');
});

it('lists its options again after a while where that failed', async () => {
  const { made, clock, asked, changes } = guest(1);
  made.hear(at(1, 100));
  await drained();
  made.hear(at(2, 100));
  expect([asked(), changes()]).toEqual([1, 0]);
  await clock.advance(30_000);
  made.hear(at(3, 100));
  await drained();
  expect([asked(), changes()]).toEqual([2, 1]);
});

it('measures the underlying over the minutes of before the stream and of its breaks too', async () => {
  const minutes = Array.from({ length: 30 }, (_, nth) =>
    minuteBar('QQQ', TEN_US + (nth - 19) * 60_000_000, 100 + nth),
  );
  const { made, clock, gauges } = guest(0, minutes);
  const mean = (bars: readonly Bar[]) =>
    bars.slice(-9).reduce((sum, { closeNanos }) => sum + closeNanos / 9e9, 0);
  made.hear({ kind: 'connected' });
  // A minute that comes before the past has come is no reason to forget it.
  const bar = minutes[19] as Bar;
  made.hear({ kind: 'bar', bar });
  await drained();
  expect(gauges['QQQ ma9']).toBeCloseTo(mean(minutes.slice(0, 20)), 9);
  const session = minutes.slice(0, 20);
  const typical = ({ highNanos, lowNanos, closeNanos }: Bar) =>
    (highNanos + lowNanos + closeNanos) / 3e9;
  const volume = session.reduce((sum, one) => sum + one.volume, 0);
  const vwap = session.reduce((sum, one) => sum + (typical(one) * one.volume) / volume, 0);
  expect(gauges['QQQ vwap']).toBeCloseTo(vwap, 8);
  made.hear({ kind: 'disconnected', reason: 'the line is dead' });
  await clock.advance(11 * 60_000);
  made.hear({ kind: 'connected' });
  await drained();
  expect(gauges['QQQ ma9']).toBeCloseTo(mean(minutes), 9);
  expect(gauges['QQQ close']).toBeCloseTo((minutes[29]?.closeNanos ?? 0) / 1e9, 9);
});
