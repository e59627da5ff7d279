import type { SeenFeed } from '@capstan/alerts';
import { getCalendar } from '@capstan/calendar';
import { cashMicros, timeUs, US_PER_SECOND } from '@capstan/domain';
import type { DriftRecord, SnapshotRecord } from '@capstan/ports';
import { MemoryKv, VirtualClock } from '@capstan/testkit';
import { beforeEach, expect, it } from 'vitest';
import { notReady } from './readiness.ts';

const NOW = timeUs(Date.parse('2026-11-24T14:00:00Z') * 1_000);
const LAST_CLOSE = Date.parse('2026-11-23T21:00:00Z') * 1_000;
const SCOPE = { calendar: getCalendar('XNYS'), feeds: ['a'], accounts: ['paper'] };

let clock: VirtualClock;
let kv: MemoryKv;
let feeds: readonly SeenFeed[] | undefined;
let snapshots: readonly SnapshotRecord[];
let drifts: readonly DriftRecord[];
beforeEach(() => {
  clock = new VirtualClock(NOW);
  kv = new MemoryKv(clock);
  feeds = [feed({})];
  snapshots = [heard(15)];
  drifts = [];
});

const feed = (of: Partial<SeenFeed>): SeenFeed => ({
  ...{ feed: 'a', slices: 1, finished: false, intervalUs: 0, endUs: LAST_CLOSE, calendars: [] },
  ...of,
});
const heard = (secondsAgo: number): SnapshotRecord => ({
  ...{ snapshotId: 's', accountId: 'paper', venueSequence: 1, positions: [] },
  takenAtUs: timeUs(NOW - secondsAgo * US_PER_SECOND),
  cashMicros: cashMicros(0),
});
const asked = (runNowUs: number = NOW) =>
  notReady(
    {
      ...{ kv, clock, feeds: async () => feeds },
      store: { snapshots: async () => snapshots, drifts: async () => drifts },
    },
    SCOPE,
    runNowUs,
  );

it('finds nothing where the feed went on to the last close and the broker was heard', async () => {
  expect(await asked()).toEqual([]);
});

it.each([
  [undefined, 'market data does not answer'],
  [[], 'feed a has given no bar'],
  [[feed({ finished: true })], 'feed a has ended'],
  [[feed({ endUs: LAST_CLOSE - 1 })], 'feed a has given no bar since before the last close'],
])('tells of feeds: %j', async (seen, problem) => {
  feeds = seen;
  expect(await asked()).toEqual([problem]);
});

it('tells of a broker of whom nothing was heard for a minute, or ever', async () => {
  snapshots = [heard(60)];
  expect(await asked()).toEqual([]);
  snapshots = [heard(61)];
  expect(await asked()).toEqual(['paper: no word of the broker for 61 s']);
  snapshots = [];
  expect(await asked()).toEqual(['paper: no word of the broker yet']);
});

it('tells of a clock that is behind the market, not of one that is ahead of a playback', async () => {
  expect(await asked(NOW + 2 * US_PER_SECOND)).toEqual([]);
  expect(await asked(NOW + 3 * US_PER_SECOND)).toEqual(['our clock is 3 s behind the market']);
});

it('tells of what keeps an account from adding', async () => {
  const put = (key: string, value: object) =>
    kv.put('switches', `${key}/paper`, new TextEncoder().encode(JSON.stringify(value)));
  await put('kill', { mode: 'soft', actor: 'ann', reason: 'news', sinceUs: 1 });
  await put('breaker', { open: true, failures: 5, failuresMax: 5, reason: 'x', sinceUs: 1 });
  const drift = { driftId: 'd', accountId: 'paper', ledger: 1, broker: 2, openedAtUs: NOW };
  drifts = [
    { ...drift, symbol: 'SPY' },
    { ...drift, symbol: '$cash' },
  ];
  expect(await asked()).toEqual([
    'paper: SPY differs from the broker',
    'paper: cash differs from the broker',
    'paper: the soft kill switch is thrown',
    'paper: the breaker is open',
  ]);
});
