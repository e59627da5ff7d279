import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timeUs } from '@capstan/domain';
import { Lake } from '@capstan/lake';
import type { BarRecord } from '@capstan/ports';
import { drained, MemoryLog, MemoryStore, VirtualClock } from '@capstan/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LakeRecorder } from './lake-recorder.ts';
import { at } from './live/live-world.fixture.ts';
import { minuteBar } from './live/market-script.fixture.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-recorder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const CLOSE = at(390);
const bar = (minute: number, more: Partial<BarRecord> = {}): BarRecord => ({
  ...minuteBar('AAA', at(minute), 100),
  ...{ runId: 'run', feed: 'live', venue: 'TEST', ...more },
});

async function world(bars: readonly BarRecord[], folderOf = folder) {
  const [store, log, clock] = [new MemoryStore(), new MemoryLog(), new VirtualClock(CLOSE)];
  const fence = { key: 'feed/live', epochUs: timeUs(1), token: 1 };
  await store.takeOwnership(fence);
  await store.commit({ fence, bars });
  const crashes: unknown[] = [];
  const recorder = new LakeRecorder(
    { store, log, clock, crash: (error) => crashes.push(error) },
    {
      ...{ folder: folderOf, feed: 'live', venue: 'TEST', runId: 'run' },
      isClose: (_, endUs) => endUs === CLOSE,
    },
  );
  /** The session has ended, and its last corrections have come. */
  const end = async (): Promise<void> => {
    recorder.onSlice(at(389), ['AAA']);
    recorder.onSlice(CLOSE, ['AAA', 'BBB']);
    await drained();
    await clock.advance(120_000);
    await recorder.close();
  };
  return { end, log, crashes };
}

const read = () => new Lake(folder).read({ symbol: 'AAA', timeframe: '1m', venue: 'TEST' });

it('appends what is known of a session as it has ended, corrections in the place of what they correct', async () => {
  const bars = [bar(388), bar(389), bar(390), bar(389, { volume: 7, revision: 1 })];
  const { end, crashes } = await world(bars);
  await end();
  expect(crashes).toEqual([]);
  const series = await read();
  expect([...series.bars.endUs]).toEqual([388, 389, 390].map((minute) => at(minute)));
  expect([...series.bars.volume]).toEqual([100, 7, 100]);
});

it('may write the same again, as known by then', async () => {
  await (await world([bar(388), bar(390)])).end();
  await (await world([bar(388, { volume: 5 }), bar(389), bar(390)])).end();
  const { bars } = await read();
  expect([...bars.volume]).toEqual([5, 100, 100]);
});

it('says what it could not write, and ends nothing', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'no lake');
  const { end, log, crashes } = await world([bar(390)], file);
  await end();
  const said = log.lines.filter(({ message }) => message.includes('could not be appended'));
  expect(said).toHaveLength(1);
  expect(crashes).toEqual([]);
});
