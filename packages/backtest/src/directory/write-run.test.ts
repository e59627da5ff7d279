import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkConfig, prepareRun } from '../run/prepare.ts';
import { Runner } from '../run/run-one.ts';
import { SMALL_RUN, type TestFolder, testFolder } from '../test-run-folder.ts';
import { writeRun } from './write-run.ts';

let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder();
});
afterAll(() => folder.remove());

async function writtenRun(startedAt: Date, outputDir = join(folder.path, 'runs')) {
  const checked = await checkConfig({ file: await folder.file('run.yaml', SMALL_RUN) });
  const prepared = await prepareRun(checked, false);
  const { config, strategy, data } = prepared;
  const outcome = new Runner({ run: config.run, strategy, ...data }).run(checked.first);
  const circumstances = { startedAt, durationMs: 12.4, threads: 1 };
  const path = await writeRun({ prepared, outcome, outputDir, ...circumstances });
  return { path, outcome, prepared };
}

const json = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as unknown;

it('leaves a whole, read-only directory under the name of time and digest', async () => {
  const { path, outcome, prepared } = await writtenRun(new Date(Date.UTC(2026, 0, 31, 14, 15, 30)));
  const digest = outcome.result.digest();
  expect(relative(folder.path, path)).toBe(
    `runs/ma-cross/AAA_BBB/20260131T141530Z-${digest.slice(0, 12)}`,
  );
  const files = await readdir(path);
  expect(files).toEqual(
    expect.arrayContaining([
      'bars.parquet',
      'config.json',
      'equity.parquet',
      'fills.parquet',
      'orders.parquet',
      'run.json',
      'run.yaml',
      'summary.json',
    ]),
  );
  for (const file of files) expect((await stat(join(path, file))).mode & 0o222).toBe(0);
  expect(await json(join(path, 'run.json'))).toMatchObject({
    kind: 'run',
    state: 'done',
    digest,
    dataFingerprint: prepared.data.fingerprint,
    startedAt: '2026-01-31T14:15:30.000Z',
  });
  expect(await readdir(join(path, '..'))).toEqual([path.split('/').at(-1)]);
});

it('keeps a configuration that leads to the same run, and files that are the same byte for byte', async () => {
  const at = new Date(Date.UTC(2026, 0, 31, 14, 15, 30));
  const { path, outcome } = await writtenRun(at, join(folder.path, 'again'));
  const checked = await checkConfig({ file: join(path, 'run.yaml') });
  const { config, strategy, data } = await prepareRun(checked, false);
  const again = new Runner({ run: config.run, strategy, ...data }).run(checked.first);
  expect(again.result.digest()).toBe(outcome.result.digest());
  const second = await writtenRun(at, join(folder.path, 'again'));
  expect(second.path).toBe(`${path}-2`);
  for (const file of (await readdir(path)).filter((name) => name !== 'run.json')) {
    expect(await readFile(join(second.path, file)), file).toEqual(await readFile(join(path, file)));
  }
});

it('says that a folder cannot be written', async () => {
  const outputDir = await folder.file('taken', 'a file');
  await expect(writtenRun(new Date(0), outputDir)).rejects.toMatchObject({ code: 'RUN.WRITE' });
});
