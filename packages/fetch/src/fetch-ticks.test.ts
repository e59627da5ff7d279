import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type MarketQuote,
  type MarketTrade,
  priceNanos,
  timeUs,
  US_PER_MINUTE,
} from '@capstan/domain';
import { Lake, TickStore } from '@capstan/lake';
import type { HistoryRequest } from '@capstan/ports';
import { VirtualClock } from '@capstan/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FetchedTicks, fetchTicks, type TicksSettings } from './fetch-ticks.ts';
import { TestVenue } from './test-venue.ts';

let lakeRoot = '';
beforeEach(() => {
  lakeRoot = mkdtempSync(join(tmpdir(), 'ticks-'));
});
afterEach(() => rmSync(lakeRoot, { recursive: true, force: true }));

/** A vendor whose days are files: two trades and a quote a symbol and day, none of those that are silent. */
class TickVenue extends TestVenue {
  readonly versions = new Map([
    ['2024-03-11', '"a"'],
    ['2024-03-12', '"b"'],
    ['2024-03-13', '"c"'],
  ]);
  readonly askedTicks: string[] = [];
  brokenFrom = '';

  constructor() {
    super();
    const history = { ...this.capabilities.history, trades: true, quotes: true };
    this.capabilities = { ...this.capabilities, history };
  }

  // biome-ignore lint/suspicious/noExplicitAny: the vendor it extends refuses these
  override trades: any = (request: HistoryRequest) => this.#pages(request, tradesOf);
  // biome-ignore lint/suspicious/noExplicitAny: as above
  override quotes: any = (request: HistoryRequest) => this.#pages(request, quotesOf);

  async dayVersions(): Promise<ReadonlyMap<string, string>> {
    return this.versions;
  }

  async *#pages<T>(
    { symbols, fromUs }: HistoryRequest,
    of: (symbol: string, fromUs: number) => readonly T[],
  ): AsyncIterable<readonly T[]> {
    const date = new Date(fromUs / 1000).toISOString().slice(0, 10);
    this.askedTicks.push(`${date} ${symbols.join(',')}`);
    for (const symbol of symbols) {
      if (!this.silent.includes(symbol)) yield of(symbol, fromUs);
      if (this.brokenFrom !== '' && date >= this.brokenFrom) throw new Error('the line is dead');
    }
  }
}

const tradesOf = (symbol: string, fromUs: number): readonly MarketTrade[] =>
  [1, 2].map((nth) => ({
    symbol,
    atUs: timeUs(fromUs + nth * US_PER_MINUTE),
    priceNanos: priceNanos(123_456_789_012_345 + nth),
    size: nth * 100,
    tradeId: `id ${nth}'s`,
    exchange: '4',
    conditions: nth === 1 ? [] : ['12', '41'],
  }));

const quotesOf = (symbol: string, fromUs: number): readonly MarketQuote[] => [
  {
    symbol,
    atUs: timeUs(fromUs + 1),
    bidNanos: priceNanos(0),
    bidSize: 0,
    askNanos: priceNanos(10_000_000),
    askSize: 3,
  },
];

const SETTINGS: TicksSettings = {
  source: 'polygon-flat-files',
  venue: 'polygon',
  symbols: ['BRK.B', 'QQQ'],
  kinds: ['trades', 'quotes'],
  fromDate: '2024-03-09',
  toDate: '2024-03-13',
  force: false,
};

async function run(
  venue: TickVenue,
  settings: TicksSettings = SETTINGS,
): Promise<readonly FetchedTicks[]> {
  const clock = new VirtualClock(venue.clockUs);
  const fetched: FetchedTicks[] = [];
  for await (const day of fetchTicks({ venue, lakeRoot, clock }, settings)) fetched.push(day);
  return fetched;
}

const startUs = (date: string) => Date.parse(`${date}T04:00:00Z`) * 1000;

describe('a fetch of ticks', () => {
  it('keeps each day of each symbol, to the nano, and asks for nothing twice', async () => {
    const venue = new TickVenue();
    const fetched = await run(venue);
    expect(fetched.map(({ date, kind }) => `${date} ${kind}`)).toEqual(
      ['trades', 'quotes'].flatMap((kind) =>
        ['2024-03-11', '2024-03-12', '2024-03-13'].map((date) => `${date} ${kind}`),
      ),
    );
    const store = new TickStore(lakeRoot);
    const series = { venue: 'polygon', symbol: 'BRK.B' } as const;
    const trades = await store.read({ ...series, kind: 'trades' }, '2024-03-12');
    expect(trades).toEqual(tradesOf('BRK.B', startUs('2024-03-12')));
    const quotes = await store.read({ ...series, kind: 'quotes' }, '2024-03-13');
    expect(quotes).toEqual(quotesOf('BRK.B', startUs('2024-03-13')));
    expect(await run(venue)).toEqual([]);
    expect(venue.askedTicks).toHaveLength(6);
    expect(readdirSync(join(lakeRoot, 'ticks/polygon/BRK.B/trades')).sort()).toEqual([
      '2024-03-11.parquet',
      '2024-03-12.parquet',
      '2024-03-13.parquet',
      'days.json',
    ]);
    // To the lake's series they are none.
    expect(await new Lake(lakeRoot).list()).toEqual([]);
  });

  it('finds a day that the vendor has written again, and asks for it alone', async () => {
    const venue = new TickVenue();
    await run(venue, { ...SETTINGS, kinds: ['trades'] });
    venue.versions.set('2024-03-12', '"b2"');
    venue.askedTicks.length = 0;
    const again = await run(venue, { ...SETTINGS, kinds: ['trades'] });
    expect(again).toMatchObject([{ date: '2024-03-12', isRewritten: true }]);
    expect(venue.askedTicks).toEqual(['2024-03-12 BRK.B,QQQ']);
  });

  it('asks for a further symbol alone, and knows of one without ticks that it has none', async () => {
    const venue = new TickVenue();
    venue.silent = ['QQQ'];
    await run(venue, { ...SETTINGS, kinds: ['trades'] });
    const store = new TickStore(lakeRoot);
    const series = { venue: 'polygon', symbol: 'QQQ', kind: 'trades' } as const;
    expect(await store.read(series, '2024-03-11')).toEqual([]);
    venue.askedTicks.length = 0;
    const symbols = ['BRK.B', 'QQQ', 'SPY'];
    const fetched = await run(venue, { ...SETTINGS, kinds: ['trades'], symbols });
    expect(venue.askedTicks[0]).toBe('2024-03-11 SPY');
    expect([...(fetched[0]?.rows ?? [])]).toEqual([['SPY', 2]]);
  });

  it('keeps a day whole or not at all, and goes on from there', async () => {
    const venue = new TickVenue();
    venue.brokenFrom = '2024-03-12';
    await expect(run(venue, { ...SETTINGS, kinds: ['trades'] })).rejects.toThrow(
      'the line is dead',
    );
    const folder = join(lakeRoot, 'ticks/polygon');
    expect(readdirSync(join(folder, 'BRK.B/trades')).sort()).toEqual([
      '2024-03-11.parquet',
      'days.json',
    ]);
    venue.brokenFrom = '';
    // A killed process could not remove what it had begun; of another machine's it is not known whether it runs.
    const begun = (name: string) => join(folder, 'BRK.B/trades', name);
    writeFileSync(begun(`2024-03-12-${hostname()}-999999999.tmp`), 'half');
    writeFileSync(begun('2024-03-12-elsewhere-999999999.tmp'), 'half');
    writeFileSync(begun('2024-03-12-gone-elsewhere-999999999.tmp'), 'half');
    utimesSync(begun('2024-03-12-gone-elsewhere-999999999.tmp'), 0, 0);
    const rest = await run(venue, { ...SETTINGS, kinds: ['trades'] });
    expect(readdirSync(join(folder, 'BRK.B/trades')).filter((one) => one.endsWith('.tmp'))).toEqual(
      ['2024-03-12-elsewhere-999999999.tmp'],
    );
    expect(rest.map(({ date }) => date)).toEqual(['2024-03-12', '2024-03-13']);
    expect(existsSync(join(folder, 'QQQ/trades/2024-03-13.parquet'))).toBe(true);
  });

  it('leaves out a day that is over and not whole at the vendor yet', async () => {
    const venue = new TickVenue();
    // At noon of the fifteenth.
    venue.capabilities = { ...venue.capabilities, dayLagUs: 12.5 * 60 * US_PER_MINUTE };
    const asked = { ...SETTINGS, kinds: ['trades'], toDate: '2024-03-20' } as const;
    expect((await run(venue, asked)).at(-1)?.date).toBe('2024-03-13');
    venue.clockUs = timeUs(venue.clockUs + 60 * US_PER_MINUTE);
    expect(await run(venue, asked)).toMatchObject([{ date: '2024-03-14' }]);
  });

  it('mixes no vendors, and asks nobody for what it does not have', async () => {
    const venue = new TickVenue();
    await run(venue);
    const other = { ...SETTINGS, source: 'alpaca sip' };
    await expect(run(venue, other)).rejects.toMatchObject({ code: 'FETCH.SOURCE' });
    expect(await run(venue, { ...other, force: true })).toHaveLength(6);
    const history = { ...venue.capabilities.history, quotes: false };
    venue.capabilities = { ...venue.capabilities, history };
    await expect(run(venue)).rejects.toMatchObject({ code: 'FETCH.PROVIDER' });
  });
});
