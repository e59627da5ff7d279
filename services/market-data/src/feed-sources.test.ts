import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CalendarBook } from '@capstan/calendar';
import { type BarSlice, InstrumentBook, usEquity } from '@capstan/domain';
import { platformSections } from '@capstan/runtime';
import { MemoryLog } from '@capstan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSource, type PlayedFeedConfig } from './feed-sources.ts';
import type { SliceSource } from './slice-source.ts';

const calendars = new CalendarBook();
const log = new MemoryLog();
const WORLD = {
  instruments: new InstrumentBook([usEquity('AAA'), usEquity('BBB')]),
  calendarOf: (name: string) => calendars.get(name),
  log,
};

function config(feed: Record<string, unknown>): PlayedFeedConfig {
  const [parsed] = platformSections.feeds.parse([{ feed: 'demo', ...feed }]);
  if (parsed === undefined || parsed.kind === 'venue') throw new Error('expected a played feed');
  return parsed;
}

function take(source: SliceSource, most = 10): BarSlice[] {
  const slices: BarSlice[] = [];
  const upcoming = source.after(undefined);
  while (slices.length < most) {
    const next = upcoming.next();
    if (next.done === true) break;
    slices.push(next.value);
  }
  return slices;
}

describe('openSource of files', () => {
  let folder: string;
  const row = (time: string, price: number) => `${time},${price},${price},${price},${price},5`;
  const file = async (name: string, rows: readonly string[]) => {
    const path = join(folder, name);
    await writeFile(path, ['time,open,high,low,close,volume', ...rows, ''].join('\n'));
    return path;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'feed-sources-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('warns where no bar of the files is within the regular session', async () => {
    const path = await file('night.csv', [row('2024-01-03T03:00:00Z', 1)]);
    const feed = config({ kind: 'file', paths: [path], symbol: 'AAA' });
    expect(take((await openSource(feed, WORLD)).source)).toEqual([]);
    expect(log.lines.at(-1)).toMatchObject({ level: 'warn', fields: { skipped: 1, left: 0 } });
  });

  it('plays the regular session, the first sessions being the past', async () => {
    const path = await file('aaa.csv', [
      row('2024-01-03T14:29:00Z', 1),
      row('2024-01-03T14:30:00Z', 2),
      row('2024-01-03T14:31:00Z', 3),
      row('2024-01-04T14:30:00Z', 4),
    ]);
    const opened = await openSource(
      config({ kind: 'file', paths: [path], symbol: 'AAA', historySessions: 1 }),
      WORLD,
    );
    expect(opened.symbols).toEqual(['AAA']);
    expect(opened.source.history()).toHaveLength(2);
    expect(take(opened.source).map((slice) => slice.bars[0]?.closeNanos)).toEqual([4e9]);
    expect(log.lines.map((line) => line.fields)).toContainEqual({
      feed: 'demo',
      skipped: 1,
      left: 3,
    });
  });

  it('puts the bars of several files and symbols into one playback', async () => {
    const header = 'ticker,time,open,high,low,close,volume';
    const first = join(folder, 'first.csv');
    const second = join(folder, 'second.csv');
    await writeFile(first, `${header}\nBBB,${row('2024-01-03T14:30:00Z', 2)}\n`);
    await writeFile(second, `${header}\nAAA,${row('2024-01-03T14:30:00Z', 1)}\n`);
    const { source, symbols } = await openSource(
      config({ kind: 'file', paths: [first, second], columns: { symbol: 'ticker' } }),
      WORLD,
    );
    expect(symbols).toEqual(['AAA', 'BBB']);
    expect(take(source).map((one) => one.bars.map((bar) => bar.symbol))).toEqual([['AAA', 'BBB']]);
  });

  it('names a file that is not there', async () => {
    const missing = config({ kind: 'file', paths: [join(folder, 'no.csv')], symbol: 'AAA' });
    await expect(openSource(missing, WORLD)).rejects.toMatchObject({ code: 'LAKE.FILE' });
  });
});

describe('openSource of a generator', () => {
  const symbols = [{ symbol: 'BBB' }, { symbol: 'AAA' }];
  const of = (more: Record<string, unknown>) =>
    openSource(config({ kind: 'generator', symbols, ...more }), WORLD);

  it('gives the same slices each time, and no more than it may', async () => {
    const one = await of({ historySessions: 1, slicesMax: 3 });
    const two = await of({ historySessions: 1, slicesMax: 3 });
    expect(one.symbols).toEqual(['AAA', 'BBB']);
    expect(one.source.history()).toHaveLength(390);
    expect(take(one.source)).toHaveLength(3);
    expect(take(one.source)).toEqual(take(two.source));
    const [first] = take(one.source);
    if (first === undefined) throw new Error('expected a slice');
    expect(one.source.after(first.endUs).next().value).toEqual(take(one.source)[1]);
  });

  it('has no past and no end unless told', async () => {
    const { source } = await of({ historySessions: 0 });
    expect(source.history()).toEqual([]);
    expect(take(source, 500)).toHaveLength(500);
  });
});
