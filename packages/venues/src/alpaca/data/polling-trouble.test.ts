import { type MarketEvent, timeUs, US_PER_MINUTE } from '@capstan/domain';
import {
  type AlpacaEmulator,
  EMULATOR_KEYS,
  type Fault,
  startAlpacaEmulator,
} from '@capstan/emulators';
import type { MarketStream } from '@capstan/ports';
import { MemoryLog } from '@capstan/testkit';
import { afterEach, expect, it } from 'vitest';
import { RequestBudget } from '../../requests/request-budget.ts';
import { TestClock } from '../../requests/test-clock.ts';
import { alpacaEndpoints } from '../connection.ts';
import { readAlpacaCredentials } from '../credentials.ts';
import { AlpacaData } from './alpaca-data.ts';

/** 10:00 in New York on a Monday with a session. */
const TEN_US = timeUs(Date.parse('2026-01-05T15:00:00Z') * 1_000);
const BARS = '/v2/stocks/bars';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A stream that polls an emulated Alpaca by its own client, in a time that a test moves. */
async function polled() {
  const emulator: AlpacaEmulator = await startAlpacaEmulator({
    clock: { kind: 'stepped', startUs: TEN_US },
    symbols: ['AAPL', 'SPY'],
  });
  ends.push(() => emulator.close());
  const environment = {
    ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
    ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey,
    ALPACA_BASE_URL: emulator.url,
    ALPACA_DATA_URL: emulator.url,
  };
  const clock = new TestClock(TEN_US);
  const data = new AlpacaData(
    { clock, log: new MemoryLog(), budget: new RequestBudget(clock, { perMinute: 60_000 }) },
    {
      endpoints: alpacaEndpoints(environment, 'paper'),
      credentials: readAlpacaCredentials(environment),
      ...{ feed: 'sip', optionsFeed: 'indicative', stream: 'poll', settleMs: 1_000 },
    },
  );
  const stream = await data.subscribe({ bars: ['AAPL', 'SPY'], trades: [], quotes: [] });
  ends.push(() => stream.close());
  return { stream, clock, control: emulator.control };
}

/** Reads until an event of a kind has come, so often. */
async function until(stream: MarketStream, kind: MarketEvent['kind'], count: number) {
  const events: MarketEvent[] = [];
  while (events.filter((event) => event.kind === kind).length < count) {
    const came = await stream.next();
    if (came.length === 0) throw new Error('the stream was closed');
    events.push(...came);
  }
  return events;
}

const barsIn = (events: readonly MarketEvent[]) =>
  events.flatMap((event) => (event.kind === 'bar' ? [event.bar] : []));

const passing: readonly Fault[] = [
  { kind: 'status', status: 429, retryAfterSeconds: 2, path: BARS },
  { kind: 'status', status: 500, path: BARS, times: 2 },
  { kind: 'truncatedPage', path: BARS },
  { kind: 'truncatedJson', path: BARS },
  { kind: 'emptyPage', path: BARS },
  { kind: 'dropBefore', path: BARS },
];

it.each(passing)('a poll goes on past what passes, and tells each bar once: %o', async (fault) => {
  const { stream, clock, control } = await polled();
  await until(stream, 'connected', 1);
  control.step({ minutes: 2 });
  control.fault(fault);
  clock.pass(61_000);
  const events = await until(stream, 'bar', 2);
  expect(events.every(({ kind }) => kind === 'bar')).toBe(true);
  expect(barsIn(events).map(({ symbol, startUs }) => [symbol, startUs])).toEqual([
    ['AAPL', TEN_US],
    ['SPY', TEN_US],
  ]);
  expect(control.faults()).toEqual([]);
});

it('polls that fail for minutes say so, and bring all of those minutes when they succeed', async () => {
  const { stream, clock, control } = await polled();
  await until(stream, 'connected', 1);
  control.step({ minutes: 4 });
  control.fault({ kind: 'status', status: 503, path: BARS, times: 999 });
  clock.pass(181_000);
  const lost = await until(stream, 'disconnected', 1);
  expect(lost).toEqual([{ kind: 'disconnected', reason: expect.stringMatching(/itself \(503\)/) }]);
  control.clear();
  const found = await until(stream, 'bar', 6);
  expect(found[0]).toEqual({ kind: 'connected' });
  const starts = barsIn(found).map(({ symbol, startUs }) => `${symbol} ${startUs - TEN_US}`);
  expect(new Set(starts).size).toBe(starts.length);
  for (const minute of [0, 1, 2]) {
    for (const symbol of ['AAPL', 'SPY']) {
      expect(starts).toContain(`${symbol} ${minute * US_PER_MINUTE}`);
    }
  }
});

it('a key that dies ends the polls, by its name', async () => {
  const { stream, clock, control } = await polled();
  await until(stream, 'connected', 1);
  control.step({ minutes: 2 });
  control.fault({ kind: 'deadKey' });
  clock.pass(61_000);
  await expect(stream.next()).rejects.toMatchObject({ code: 'MARKET.CREDENTIALS' });
});
