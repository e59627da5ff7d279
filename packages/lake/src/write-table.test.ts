import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { duckDb, sqlText } from './duckdb.ts';
import { type TableColumn, writeTable } from './write-table.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-table-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const COLUMNS: readonly TableColumn[] = [
  { name: 'at_us', kind: 'integer', values: Float64Array.of(1_704_205_800_000_000, Number.NaN, 3) },
  { name: 'equity', kind: 'float', values: Float64Array.of(0.25, -1.5, Number.NaN) },
  { name: 'side', kind: 'text', values: Int8Array.of(1, 0, -1), texts: ["o'ne", 'two'] },
];

async function rowsOf(path: string): Promise<unknown> {
  const reader = await (await duckDb()).runAndReadAll(
    `SELECT * FROM read_parquet(${sqlText(path)})`,
  );
  return reader.getRowObjectsJson();
}

it('writes whole numbers, floats and texts, and null where a cell has none', async () => {
  const path = join(folder, 'one.parquet');
  await writeTable({ path, rows: 3, columns: COLUMNS });
  expect(await rowsOf(path)).toEqual([
    { at_us: '1704205800000000', equity: 0.25, side: 'two' },
    { at_us: null, equity: -1.5, side: "o'ne" },
    { at_us: '3', equity: null, side: null },
  ]);
});

it('writes only the rows asked for, across chunks, and the same bytes for the same table', async () => {
  const values = Float64Array.from({ length: 5_000 }, (_, row) => row);
  const columns: readonly TableColumn[] = [{ name: 'row', kind: 'integer', values }];
  const [a, b] = [join(folder, 'a.parquet'), join(folder, 'b.parquet')];
  await writeTable({ path: a, rows: 4_999, columns });
  await writeTable({ path: b, rows: 4_999, columns });
  const rows = (await rowsOf(a)) as readonly { readonly row: string }[];
  expect(rows).toHaveLength(4_999);
  expect(rows.at(-1)).toEqual({ row: '4998' });
  expect(await readFile(a)).toEqual(await readFile(b));
});

it('writes a table without rows', async () => {
  const path = join(folder, 'none.parquet');
  await writeTable({ path, rows: 0, columns: COLUMNS });
  expect(await rowsOf(path)).toEqual([]);
});

it('says where a file cannot be written', async () => {
  const path = join(folder, 'no', 'such', 'x.parquet');
  await expect(writeTable({ path, rows: 0, columns: COLUMNS })).rejects.toMatchObject({
    code: 'LAKE.WRITE',
  });
});
