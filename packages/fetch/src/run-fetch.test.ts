import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, timeUs, US_PER_MINUTE } from '@capstan/domain';
import { addBars, Lake, newLakeBars, readAsked } from '@capstan/lake';
import { MemoryLog, VirtualClock } from '@capstan/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import type { FetchSettings } from './fetch-settings.ts';
import { type FetchOptions, runFetch } from './run-fetch.ts';
import { TestVenue } from './test-venue.ts';

const JANUARY_US = timeUs(Date.parse('2024-01-01T05:00:00Z') * 1_000);
const root = mkdtempSync(join(tmpdir(), 'capstan-fetch-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const newLake = (): Lake => {
  count += 1;
  return new Lake(join(root, String(count)));
};

const settings = (more: Partial<FetchSettings> = {}): FetchSettings => ({
  source: 'test',
  venue: 'V',
  symbols: ['A', 'B'],
  timeframe: '1m',
  adjustment: 'raw',
  fromDate: '2024-01-22',
  toDate: '2024-02-09',
  force: false,
  ...more,
});

function fetched(
  venue: TestVenue,
  lake: Lake,
  more: Partial<FetchSettings> = {},
  options: FetchOptions = {},
) {
  const clock = new VirtualClock(venue.clockUs);
  return runFetch({ venue, lake, clock, log: new MemoryLog() }, settings(more), options);
}

/** Every series of a lake with its fingerprint. */
async function seriesIn(lake: Lake): Promise<readonly string[]> {
  const all = await lake.list();
  return all.map((one) => `${one.symbol} ${one.timeframe} ${one.alignment} ${one.fingerprint}`);
}

const kept = (lake: Lake): Promise<readonly string[]> =>
  readdir(lake.root).then((names) => names.filter((name) => name.startsWith('.')));

describe('a fetch', () => {
  it('brings bars into their series, chunk by chunk, and leaves nothing beside', async () => {
    const venue = new TestVenue();
    const lake = newLake();
    const { outcomes, rows, chunks, stopped } = await fetched(venue, lake);
    expect(stopped).toBeUndefined();
    expect(outcomes.map(({ symbol, state, added }) => [symbol, state, added])).toEqual([
      ['A', 'fetched', 15 * 390],
      ['B', 'fetched', 15 * 390],
    ]);
    expect([rows, chunks.done, chunks.count]).toEqual([2 * 15 * 390, 4, 4]);
    const { bars } = await lake.read({ symbol: 'A', timeframe: '1m' });
    const given = venue.barsOf('A', {
      timeframe: '1m',
      fromUs: JANUARY_US,
      toUs: venue.clockUs,
    });
    expect(given.length).toBeGreaterThan(bars.endUs.length);
    const byStart = new Map(given.map((bar) => [bar.startUs as number, bar]));
    for (const [row, startUs] of bars.startUs.entries()) {
      expect(bars.closeNanos[row]).toBe(byStart.get(startUs)?.closeNanos);
    }
    expect(await kept(lake)).toEqual([]);
  });

  it('asks for nothing that was asked for, with bars or without', async () => {
    const venue = new TestVenue();
    venue.silent = ['B'];
    const lake = newLake();
    const first = await fetched(venue, lake);
    expect(first.outcomes.map(({ state }) => state)).toEqual(['fetched', 'empty']);
    venue.asked.length = 0;
    const again = await fetched(venue, lake);
    expect(again.outcomes.map(({ state }) => state)).toEqual(['there', 'there']);
    expect(venue.asked).toEqual([]);
    const more = await fetched(venue, lake, { toDate: '2024-02-13' });
    expect(more.outcomes.map(({ state, added }) => [state, added])).toEqual([
      ['fetched', 2 * 390],
      ['empty', 0],
    ]);
    expect(venue.asked).toHaveLength(2);
    const whole = newLake();
    venue.silent = ['B'];
    await fetched(venue, whole, { toDate: '2024-02-13' });
    expect(await seriesIn(whole)).toEqual(await seriesIn(lake));
  });

  it('that is stopped anywhere and run again comes to what one run comes to, and asks no chunk twice', async () => {
    const wanted = { symbols: ['A', 'B'], fromDate: '2023-12-18', toDate: '2024-02-02' };
    const whole = newLake();
    const venue = new TestVenue();
    await fetched(venue, whole, wanted);
    const all = venue.asked.length;
    expect(all).toBe(6);
    for (const stopAt of [1, 4, 6]) {
      const lake = newLake();
      const stopping = new TestVenue();
      const stop = new AbortController();
      stopping.failure = (_request, asked) => {
        if (asked === stopAt) stop.abort(new Error('Ctrl-C'));
        return undefined;
      };
      const first = await fetched(stopping, lake, wanted, { signal: stop.signal });
      expect(first.stopped).toBe('interrupted');
      stopping.failure = () => undefined;
      stopping.asked.length = 0;
      const second = await fetched(stopping, lake, wanted);
      expect(second.stopped).toBeUndefined();
      expect(stopping.asked).toHaveLength(all - first.chunks.done);
      expect(await seriesIn(lake)).toEqual(await seriesIn(whole));
      expect(await kept(lake)).toEqual([]);
    }
  });

  it('goes on where another failed before the series was written', async () => {
    const lake = newLake();
    const venue = new TestVenue();
    venue.change = (bar) => (bar.symbol === 'B' ? { ...bar, highNanos: bar.lowNanos } : bar);
    const refused = await fetched(venue, lake);
    expect(refused.outcomes.map(({ state }) => state)).toEqual(['fetched', 'failed']);
    expect(refused.outcomes[1]?.report?.refused).toBe(true);
    const asked = venue.asked.length;
    const dropping = await fetched(venue, lake, {}, { rules: { ohlc: 'drop' } });
    expect(venue.asked).toHaveLength(asked);
    expect(dropping.outcomes[1]).toMatchObject({ added: 0, report: { rowsDropped: 15 * 390 } });
    expect(await kept(lake)).toEqual([]);
  });

  it('of a symbol that nobody knows goes on with the others', async () => {
    const venue = new TestVenue();
    venue.listed = ['A', 'C'];
    const lake = newLake();
    const daily = { symbols: ['A', 'B', 'C'], timeframe: '1d' } as const;
    const { outcomes, stopped } = await fetched(venue, lake, daily);
    expect(stopped).toBeUndefined();
    expect(outcomes.map(({ state }) => state)).toEqual(['fetched', 'failed', 'fetched']);
    expect(outcomes[1]?.failure?.code).toBe('MARKET.SYMBOL');
  });

  it('ends where going on makes no sense, and keeps what it has', async () => {
    const venue = new TestVenue();
    const lake = newLake();
    const died = new AppError({ code: 'MARKET.CREDENTIALS', why: 'refused.' });
    venue.failure = (request) => (request.symbols[0] === 'B' ? died : undefined);
    const first = await fetched(venue, lake);
    expect(first.stopped).toBe(died);
    expect(first.outcomes[1]?.state).toBe('kept');
    venue.failure = () => undefined;
    await fetched(venue, lake);
    const whole = newLake();
    await fetched(new TestVenue(), whole);
    expect(await seriesIn(lake)).toEqual(await seriesIn(whole));
  });

  it('never takes the running day for over, by the clock of the vendor', async () => {
    const venue = new TestVenue();
    const lake = newLake();
    const ahead = new VirtualClock(timeUs(venue.clockUs + 12 * 60 * US_PER_MINUTE));
    const wanted = settings({ fromDate: '2024-03-14', toDate: '2024-03-20', timeframe: '1d' });
    const ports = { venue, lake, clock: ahead, log: new MemoryLog() };
    const { outcomes, notes, untilDate } = await runFetch(ports, wanted);
    expect(untilDate).toBe('2024-03-14');
    expect(outcomes[0]?.added).toBe(1);
    expect(notes).toEqual([
      "this machine's clock is 720.0 minutes ahead of the vendor's, which counts",
      '2024-03-15 is not over and was left out',
    ]);
    venue.clockUs = timeUs(venue.clockUs + 24 * 60 * US_PER_MINUTE);
    expect((await fetched(venue, lake, wanted)).outcomes[0]).toMatchObject({ added: 1 });
    const today = fetched(venue, lake, { fromDate: '2024-03-16', toDate: '2024-03-16' });
    await expect(today).rejects.toMatchObject({ code: 'FETCH.SPAN' });
  });

  it('with force asks for all of it again, in place of what is there', async () => {
    const venue = new TestVenue();
    const lake = newLake();
    await fetched(venue, lake, { toDate: '2024-02-13' });
    venue.shift = 10_000_000;
    const { outcomes } = await fetched(venue, lake, { force: true });
    expect(outcomes[0]).toMatchObject({ state: 'fetched', added: 15 * 390, replaced: 15 * 390 });
    const { bars } = await lake.read({ symbol: 'A', timeframe: '1m' });
    expect(bars.endUs).toHaveLength(17 * 390);
    const given = venue.barsOf('A', {
      timeframe: '1m',
      fromUs: timeUs(bars.startUs[0] ?? 0),
      toUs: timeUs((bars.startUs[0] ?? 0) + 1),
    });
    expect(bars.openNanos[0]).toBe(given[0]?.openNanos);
    expect(await kept(lake)).toEqual([]);
  });

  it('with force does not go on with what was asked for on another day', async () => {
    const venue = new TestVenue();
    const lake = newLake();
    await fetched(venue, lake, { symbols: ['A'] });
    venue.change = (bar) => ({ ...bar, highNanos: bar.lowNanos });
    const refused = await fetched(venue, lake, { force: true, symbols: ['A'] });
    expect(refused.outcomes[0]?.state).toBe('failed');
    venue.change = (bar) => bar;
    venue.clockUs = timeUs(venue.clockUs + 24 * 60 * US_PER_MINUTE);
    const next = await fetched(venue, lake, { force: true, symbols: ['A'] });
    expect(next.outcomes[0]).toMatchObject({ state: 'fetched', added: 15 * 390 });
    expect(await kept(lake)).toEqual([]);
  });

  it('of adjusted bars takes the whole series anew, as splits restate what is old', async () => {
    const venue = new TestVenue();
    const lake = newLake();
    const adjusted = { adjustment: 'split', timeframe: '1d', symbols: ['A'] } as const;
    await fetched(venue, lake, { ...adjusted, fromDate: '2024-01-02', toDate: '2024-01-31' });
    venue.shift = 10_000_000;
    const next = { ...adjusted, fromDate: '2024-02-01', toDate: '2024-02-09' };
    const { outcomes } = await fetched(venue, lake, next);
    expect(outcomes[0]).toMatchObject({ added: 28, replaced: 21 });
    const { bars } = await lake.read({ symbol: 'A', timeframe: '1d', adjustment: 'split' });
    expect(bars.openNanos.every((nanos) => nanos % 100_000_000 === 10_000_000)).toBe(false);
    const first = venue.barsOf('A', {
      timeframe: '1d',
      fromUs: timeUs(bars.startUs[0] ?? 0),
      toUs: timeUs((bars.startUs[0] ?? 0) + 1),
    });
    expect(bars.openNanos[0]).toBe(first[0]?.openNanos);
    expect((await fetched(venue, lake, next)).outcomes[0]?.state).toBe('there');
    expect(venue.askedActions).toEqual([]);
  });

  it('keeps hours of the clock apart, and adds to what was imported', async () => {
    const venue = new TestVenue();
    const lake = newLake();
    venue.change = (bar) => {
      const startUs = timeUs(bar.startUs - (bar.startUs % (60 * US_PER_MINUTE)));
      return { ...bar, startUs, endUs: timeUs(startUs + 60 * US_PER_MINUTE) };
    };
    await fetched(venue, lake, { timeframe: '1h', symbols: ['A'] });
    expect((await seriesIn(lake))[0]).toMatch(/^A 1h clock /);
    const there = newLake();
    const bars = newLakeBars(2);
    const plain = new TestVenue();
    const day = { timeframe: '1d', fromUs: JANUARY_US, toUs: plain.clockUs } as const;
    for (const [row, bar] of plain.barsOf('A', day).slice(-20, -18).entries()) {
      for (const name of ['startUs', 'endUs', 'openNanos', 'highNanos', 'lowNanos'] as const) {
        bars[name][row] = bar[name];
      }
      bars.closeNanos[row] = bar.closeNanos;
      bars.volume[row] = bar.volume;
    }
    const source = { name: 'file.csv', sha256: '0' };
    const key = { venue: 'V', symbol: 'A', timeframe: '1d' } as const;
    await addBars(there, { ...key, bars, source });
    const wanted = { symbols: ['A'], timeframe: '1d', fromDate: '2024-02-01' } as const;
    await fetched(plain, there, { ...wanted, toDate: '2024-03-14' });
    const asked = plain.asked.map(({ fromUs, toUs }) => [fromUs, toUs]);
    expect(asked).toHaveLength(2);
    expect(asked[0]?.[1]).toBe(bars.startUs[0]);
    expect((await there.manifest(key))?.sources.map(({ name }) => name)).toEqual([
      'file.csv',
      'test',
    ]);
    plain.asked.length = 0;
    const again = await fetched(plain, there, { ...wanted, toDate: '2024-03-14' });
    expect([again.outcomes[0]?.state, plain.asked]).toEqual(['there', []]);
  });

  it('puts days that the vendor has written again in place of the old, and asks for no others', async () => {
    const lake = newLake();
    const versions = new Map(
      ['2024-02-05', '2024-02-06', '2024-02-07'].map((date) => [date, 'v1']),
    );
    const venue = Object.assign(new TestVenue(), { dayVersions: async () => new Map(versions) });
    const before = await fetched(venue, lake);
    expect(before.notes.join()).not.toContain('again');
    venue.asked.length = 0;
    versions.set('2024-02-06', 'v2');
    venue.shift = 10_000_000;
    const after = await fetched(venue, lake);
    const tuesdayUs = JANUARY_US + 36 * 86_400e6;
    expect(venue.asked).toMatchObject([
      { symbols: ['A'], fromUs: tuesdayUs, toUs: tuesdayUs + 86_400e6 },
      { symbols: ['B'], fromUs: tuesdayUs, toUs: tuesdayUs + 86_400e6 },
    ]);
    expect(after.outcomes.map(({ added, replaced }) => [added, replaced])).toEqual([
      [390, 390],
      [390, 390],
    ]);
    expect(after.notes.join()).toContain('wrote 2024-02-06 again');
    const { bars } = await lake.read({ symbol: 'A', timeframe: '1m' });
    const changed = venue.barsOf('A', {
      timeframe: '1m',
      fromUs: tuesdayUs,
      toUs: tuesdayUs + 86_400e6,
    } as never);
    const at = bars.startUs.indexOf(changed[0]?.startUs ?? 0);
    expect([...bars.closeNanos.subarray(at, at + 390)]).toEqual(
      changed.map((bar) => bar.closeNanos),
    );
    venue.shift = 0;
    const earlier = venue.barsOf('A', {
      timeframe: '1m',
      fromUs: tuesdayUs - 86_400e6,
      toUs: tuesdayUs,
    } as never);
    expect([...bars.closeNanos.subarray(at - 390, at)]).toEqual(
      earlier.map((bar) => bar.closeNanos),
    );
    venue.asked.length = 0;
    expect((await fetched(venue, lake)).outcomes[0]?.state).toBe('there');
    expect(venue.asked).toEqual([]);
  });

  it('asks once more for days that came with a run that was stopped: they may have been written again meanwhile', async () => {
    const lake = newLake();
    const one = { symbols: ['A'] };
    const versions = new Map([
      ['2024-01-25', 'v1'],
      ['2024-02-06', 'v1'],
    ]);
    const venue = Object.assign(new TestVenue(), { dayVersions: async () => versions });
    venue.failure = ({ fromUs }) =>
      fromUs > JANUARY_US + 25 * 86_400e6
        ? new AppError({ code: 'MARKET.UNAVAILABLE', why: 'away' })
        : undefined;
    expect((await fetched(venue, lake, one)).stopped).toMatchObject({ why: 'away' });
    venue.failure = () => undefined;
    expect((await fetched(venue, lake, one)).outcomes[0]?.state).toBe('fetched');
    venue.asked.length = 0;
    await fetched(venue, lake, one);
    expect(venue.asked.map(({ fromUs }) => (fromUs - JANUARY_US) / 86_400e6)).toEqual([24]);
    venue.asked.length = 0;
    await fetched(venue, lake, one);
    expect(venue.asked).toEqual([]);
  });

  it('does not mix two sources, unless told to replace', async () => {
    const lake = newLake();
    await fetched(new TestVenue(), lake);
    const other = fetched(new TestVenue(), lake, { source: 'other' });
    await expect(other).rejects.toMatchObject({ code: 'FETCH.SOURCE' });
    const forced = await fetched(new TestVenue(), lake, { source: 'other', force: true });
    expect(forced.outcomes[0]?.replaced).toBe(15 * 390);
    const asked = await readAsked(lake.root, 'V', 'A');
    expect(asked.map(({ source }) => source)).toContain('other');
  });

  it('brings corporate actions along, in place of those of the same days', async () => {
    const venue = new TestVenue();
    const lake = newLake();
    const split = { kind: 'split', symbol: 'A', exDate: '2024-02-05' } as const;
    venue.actionsTold = [
      { ...split, newUnits: 2, oldUnits: 1 },
      { ...split, newUnits: 2, oldUnits: 1 },
      { kind: 'dividend', symbol: 'A', exDate: '2023-05-05', perUnitNanos: timeUs(1) as never },
    ];
    const first = await fetched(venue, lake);
    expect(first.outcomes.map(({ actions }) => actions)).toEqual([1, 0]);
    expect((await lake.actions('V', 'A'))?.actions).toEqual([
      { kind: 'split', exDate: '2024-02-05', newShares: 2, oldShares: 1 },
    ]);
    await fetched(venue, lake);
    expect(venue.askedActions).toHaveLength(1);
    venue.actionsTold = [{ ...split, newUnits: 3, oldUnits: 1 }];
    await fetched(venue, lake, { toDate: '2024-02-12' });
    expect((await lake.actions('V', 'A'))?.actions).toEqual([
      { kind: 'split', exDate: '2024-02-05', newShares: 3, oldShares: 1 },
    ]);
  });

  it('in a dry run says what would be asked and asks for nothing', async () => {
    const venue = new TestVenue();
    const lake = newLake();
    const { chunks, outcomes } = await fetched(venue, lake, {}, { dryRun: true });
    expect([chunks.count, outcomes[0]?.state]).toEqual([4, 'kept']);
    expect(venue.asked).toEqual([]);
  });

  it('says at once what the vendor does not have', async () => {
    const venue = new TestVenue();
    const lacking = fetched(venue, newLake(), { timeframe: '30m' });
    await expect(lacking).rejects.toThrow(/no 30m bars. It has 1m, 5m, 1h, 1d/);
  });
});
