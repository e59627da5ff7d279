import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { diffTables } from './diff-tables.ts';
import { writeTable } from './write-table.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-diff-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function table(name: string, prices: readonly number[]): Promise<string> {
  const path = join(folder, `${name}.parquet`);
  const rows = prices.length;
  await writeTable({
    path,
    rows,
    columns: [
      { name: 'fill', kind: 'integer', values: prices.map((_, row) => row) },
      { name: 'price', kind: 'integer', values: prices },
    ],
  });
  return path;
}

it('finds nothing in tables that are alike', async () => {
  const [a, b] = [await table('a', [1, Number.NaN]), await table('b', [1, Number.NaN])];
  expect(await diffTables({ a, b, key: 'fill', limit: 5 })).toEqual([]);
});

it('returns the first rows that differ, and those that one of them lacks', async () => {
  const [a, b] = [await table('c', [1, 2, 3, 4]), await table('d', [1, 9, 3, 5, 6])];
  expect(await diffTables({ a, b, key: 'fill', limit: 1 })).toEqual([
    { a: { fill: '1', price: '2' }, b: { fill: '1', price: '9' } },
  ]);
  const all = await diffTables({ a, b, key: 'fill', limit: 9 });
  expect(all).toHaveLength(3);
  expect(all[2]).toEqual({ a: undefined, b: { fill: '4', price: '6' } });
});

it('says which file cannot be read', async () => {
  const a = await table('e', [1]);
  const b = join(folder, 'none.parquet');
  await expect(diffTables({ a, b, key: 'fill', limit: 1 })).rejects.toMatchObject({
    code: 'LAKE.FILE',
  });
});
