import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Lake } from './lake.ts';
import { readBarsFromFile } from './read-bars-from-file.ts';
import { temporaryFolder } from './test-bars.ts';

const folder = temporaryFolder('file-kind');
const read = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return readBarsFromFile({ path, timeframe: '1d' });
};

describe('a file that is not what it says', () => {
  it.each([
    ['bytes.csv', Uint8Array.of(115, 121, 0, 7), /bytes\.csv: it is no text: byte 3 is 0\./],
    ['packed.csv.gz', gzipSync(Uint8Array.of(65, 1)), /it is no text: byte 2 is 1\./],
    ['plain.csv.gz', 'symbol,date', /its name says gzip, and it does not begin like that/],
    ['plain.parquet', 'symbol,date', /its name says Parquet, and it does not begin with 'PAR1'/],
  ])('is named: %s', async (name, content, why) => {
    await expect(read(name, content)).rejects.toMatchObject({
      code: 'LAKE.FILE',
      message: expect.stringMatching(why),
    });
  });

  it('may be a folder', async () => {
    mkdirSync(join(folder, 'folder.csv'));
    const path = join(folder, 'folder.csv');
    await expect(readBarsFromFile({ path, timeframe: '1d' })).rejects.toThrow(/it is a folder\./);
  });
});

it('the command that brings a series in names a lake that is not the usual one', async () => {
  const query = { symbol: 'SPY', timeframe: '1d' } as const;
  await expect(new Lake(join(folder, 'mine')).find(query)).rejects.toThrow(
    /--timeframe 1d --lake .*mine/,
  );
  await expect(new Lake(join(folder, 'data')).find(query)).rejects.toThrow(/ --lake .*data$/);
  await expect(new Lake('data').find({ ...query, symbol: 'NO-SUCH' })).rejects.toThrow(
    /--symbol NO-SUCH --timeframe 1d$/,
  );
});
