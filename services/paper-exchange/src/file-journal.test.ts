import { appendFile, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { at } from './exchange-world.fixture.ts';
import { FileJournal } from './file-journal.ts';
import type { JournalEntry } from './journal.ts';

const entry = (orderId: string): JournalEntry => ({
  kind: 'input',
  input: { kind: 'cancel', accountId: 'paper', orderId, atUs: at(1) },
  slices: {},
});

describe('FileJournal', () => {
  let folder: string;
  let files = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'file-journal-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const path = () => {
    files += 1;
    return join(folder, `deep/${files}/journal.jsonl`);
  };
  const written = async (where: string, ...ids: readonly string[]) => {
    const journal = new FileJournal(where);
    await journal.read();
    await journal.append(ids.map(entry));
    await journal.close();
  };

  it('makes its file and gives back what was appended', async () => {
    const where = path();
    const journal = new FileJournal(where);
    expect(await journal.read()).toEqual([]);
    await journal.append([entry('a'), entry('b')]);
    await journal.append([entry('c')]);
    await journal.close();
    expect(await new FileJournal(where).read()).toEqual(['a', 'b', 'c'].map(entry));
  });

  it('forgets a last line that was cut off, at every cut', async () => {
    const where = path();
    await written(where, 'a', 'é');
    const bytes = await readFile(where);
    const first = bytes.indexOf('\n') + 1;
    for (let end = first; end < bytes.length; end += 7) {
      await writeFile(where, bytes.subarray(0, end));
      const journal = new FileJournal(where);
      expect(await journal.read()).toEqual([entry('a')]);
      await journal.append([entry('c')]);
      await journal.close();
      expect(await new FileJournal(where).read()).toEqual([entry('a'), entry('c')]);
    }
  });

  it.each(['{"kind":"inp', '{"kind":"other"}', 'null'])(
    'names the line that is no entry: %s',
    async (line) => {
      const where = path();
      await written(where, 'a');
      await appendFile(where, `${line}\n`);
      await expect(new FileJournal(where).read()).rejects.toMatchObject({
        code: 'EXCHANGE.JOURNAL',
        why: expect.stringContaining(`${where}, line 2`),
      });
    },
  );

  it('names the file that cannot be read or written', async () => {
    await expect(new FileJournal(folder).read()).rejects.toMatchObject({
      code: 'EXCHANGE.JOURNAL',
      why: expect.stringContaining(`${folder} cannot be read`),
    });
    const where = path();
    const full = new FileJournal(where);
    await full.read();
    const probe = await open(where, 'r');
    const noSpace = new Error('ENOSPC: no space left on device, write');
    vi.spyOn(Object.getPrototypeOf(probe), 'datasync').mockRejectedValueOnce(noSpace);
    await probe.close();
    await expect(full.append([entry('a')])).rejects.toMatchObject({
      code: 'EXCHANGE.JOURNAL',
      why: expect.stringContaining(`${where} cannot be written: ENOSPC`),
    });
    await full.close();
  });

  it('appends no more where another exchange has, and says to run one alone', async () => {
    const where = path();
    const [first, second] = [new FileJournal(where), new FileJournal(where)];
    await first.read();
    await second.read();
    await first.append([entry('é')]);
    await first.append([entry('b')]);
    await expect(second.append([entry('c')])).rejects.toMatchObject({
      code: 'EXCHANGE.JOURNAL',
      why: `${where} is written by another paper exchange too.`,
      fix: expect.stringContaining('replicas: 1'),
    });
    await Promise.all([first.close(), second.close()]);
    expect(await new FileJournal(where).read()).toEqual(['é', 'b'].map(entry));
  });

  it('is read before it is appended to', async () => {
    await expect(new FileJournal(path()).append([entry('a')])).rejects.toThrow(
      /before it was read/,
    );
  });
});
