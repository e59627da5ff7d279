import {
  type Bar,
  type MarketEvent,
  type PriceNanos,
  type TimeUs,
  timeUs,
  US_PER_MINUTE,
  US_PER_SECOND,
} from '@capstan/domain';
import type { BarsRequest, StreamWish } from '@capstan/ports';
import { drained, MemoryLog, VirtualClock } from '@capstan/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { marketFailure } from '../../requests/market-failure.ts';
import { AlpacaPolling } from './polling.ts';

const START_US = timeUs(1_700_000_000 * US_PER_SECOND - (1_700_000_000 % 60) * US_PER_SECOND);
const wish = (...bars: string[]): StreamWish => ({ bars, trades: [], quotes: [] });
const bar = (symbol: string, startUs: number): Bar => ({
  symbol,
  timeframe: '1m',
  startUs: startUs as TimeUs,
  endUs: (startUs + US_PER_MINUTE) as TimeUs,
  revision: 0,
  openNanos: 1 as PriceNanos,
  highNanos: 1 as PriceNanos,
  lowNanos: 1 as PriceNanos,
  closeNanos: 1 as PriceNanos,
  volume: 1,
});

const open: AlpacaPolling[] = [];
afterEach(async () => {
  for (const polling of open.splice(0)) await polling.close();
});

/** A vendor with a bar of every symbol in every minute, whose clock is off by some. */
async function polled(options: { offsetUs?: number; wish?: StreamWish } = {}) {
  const time = new VirtualClock(START_US);
  /** By what our wall clock was set, and the other one was stopped. */
  const own = { setUs: 0, stoodMs: 0 };
  const clock = {
    nowUs: () => timeUs(time.nowUs() + own.setUs),
    monotonicMs: () => time.monotonicMs() - own.stoodMs,
    sleep: (ms: number, signal?: AbortSignal) => time.sleep(ms, signal),
    advance: (ms: number) => time.advance(ms),
  };
  const asked: BarsRequest[] = [];
  const state: { failure: unknown } = { failure: undefined };
  const bars = async function* (request: BarsRequest): AsyncIterable<readonly Bar[]> {
    asked.push(request);
    const { fromUs, toUs, symbols } = request;
    for (const symbol of symbols) {
      for (let at: number = fromUs; at < toUs; at += US_PER_MINUTE) {
        yield [bar(symbol, at)];
        if (state.failure !== undefined) throw state.failure;
      }
    }
  };
  const nowUs = async () => timeUs(time.nowUs() + (options.offsetUs ?? 0));
  const ports = { clock, log: new MemoryLog(), bars, nowUs };
  const polling = await AlpacaPolling.open(ports, {}, options.wish ?? wish('B', 'A'));
  open.push(polling);
  const events: MarketEvent[] = [];
  void (async () => {
    for (;;) {
      const came = await polling.next();
      if (came.length === 0) return;
      events.push(...came);
    }
  })().catch(() => undefined);
  await drained();
  return { clock, own, asked, state, polling, events };
}

const barsOf = (events: readonly MarketEvent[]) =>
  events.flatMap((event) => (event.kind === 'bar' ? [event.bar] : []));

describe('polling', () => {
  it('asks once a minute, after it has settled, for all symbols at once', async () => {
    const { clock, asked, events } = await polled();
    await clock.advance(64_999);
    expect(asked).toEqual([]);
    await clock.advance(1);
    expect(asked).toMatchObject([
      { symbols: ['A', 'B'], fromUs: START_US, toUs: START_US + US_PER_MINUTE, timeframe: '1m' },
    ]);
    expect(barsOf(events).map(({ symbol }) => symbol)).toEqual(['A', 'B']);
    await clock.advance(180_000);
    expect(asked).toHaveLength(4);
    const starts = barsOf(events).map(({ startUs }) => startUs);
    expect(new Set(starts).size).toBe(4);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });

  it('goes by the clock of the vendor, however far off the own one is', async () => {
    const offsetUs = 7 * US_PER_MINUTE + 30 * US_PER_SECOND;
    const { clock, asked } = await polled({ offsetUs });
    await clock.advance(34_999);
    expect(asked).toEqual([]);
    await clock.advance(1);
    expect(asked[0]?.fromUs).toBe(START_US + 7 * US_PER_MINUTE);
  });

  it.each([1, -1])('takes no minute for over as our clock is set (%d)', async (sign) => {
    const { clock, own, asked } = await polled();
    await clock.advance(65_000);
    own.setUs = sign * 40 * US_PER_SECOND;
    await clock.advance(59_999);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    expect(asked[1]).toMatchObject({
      fromUs: START_US + US_PER_MINUTE,
      toUs: START_US + 2 * US_PER_MINUTE,
    });
  });

  it('asks for all minutes in which the machine slept', async () => {
    const { clock, own, asked } = await polled();
    await clock.advance(65_000);
    own.stoodMs = 600_000;
    await clock.advance(660_000);
    expect(asked.at(-1)).toMatchObject({
      fromUs: START_US + US_PER_MINUTE,
      toUs: START_US + 12 * US_PER_MINUTE,
    });
  });

  it('tells nothing twice and misses nothing where polls fail', async () => {
    const { clock, asked, state, events } = await polled();
    await clock.advance(65_000);
    state.failure = marketFailure('MARKET.UNAVAILABLE', { why: 'down.' });
    await clock.advance(120_000);
    state.failure = undefined;
    await clock.advance(60_000);
    expect(asked.length).toBeGreaterThan(4);
    const kinds = events.filter(({ kind }) => kind !== 'bar').map(({ kind }) => kind);
    expect(kinds).toEqual(['connected', 'disconnected', 'connected']);
    const told = barsOf(events).map(({ symbol, startUs }) => `${symbol} ${startUs}`);
    expect(new Set(told).size).toBe(told.length);
    expect(told).toHaveLength(8);
  });

  it('asks for what is wanted now', async () => {
    const { clock, asked, polling } = await polled({ wish: wish() });
    await clock.advance(65_000);
    expect(asked).toEqual([]);
    await polling.want(wish('C'));
    await clock.advance(60_000);
    expect(asked.map(({ symbols }) => symbols)).toEqual([['C']]);
    const more = polling.want({ bars: [], trades: ['C'], quotes: [] });
    await expect(more).rejects.toMatchObject({ code: 'MARKET.ENTITLEMENT' });
  });

  it('ends where the keys are refused', async () => {
    const { clock, state, polling } = await polled();
    state.failure = marketFailure('MARKET.CREDENTIALS', { why: 'refused.' });
    await clock.advance(65_000);
    await expect(polling.next()).rejects.toMatchObject({ code: 'MARKET.CREDENTIALS' });
  });
});
