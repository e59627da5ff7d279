import {
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, InvariantError } from '@capstan/domain';
import type { ExchangeJournal, JournalEntry } from './journal.ts';

/** A journal in a file of JSON lines, flushed to disk before an append resolves. One process may have it open. */
export class FileJournal implements ExchangeJournal {
  readonly #path: string;
  #file: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Reads all entries and opens the file for appending. A last line that a crash cut off was never answered for: it goes.
   * @throws EXCHANGE.JOURNAL naming the line that cannot be read.
   */
  async read(): Promise<readonly JournalEntry[]> {
    await mkdir(dirname(this.#path), { recursive: true });
    const text = await this.#text();
    const end = text.lastIndexOf('\n') + 1;
    if (end < text.length) await truncate(this.#path, Buffer.byteLength(text.slice(0, end)));
    const entries = text
      .slice(0, end)
      .split('\n')
      .slice(0, -1)
      .map((line, index) => this.#entry(line, index + 1));
    this.#file = await open(this.#path, 'a');
    return entries;
  }

  async append(entries: readonly JournalEntry[]): Promise<void> {
    if (this.#file === undefined)
      throw new InvariantError('the journal is appended to before it was read');
    const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    await this.#file.appendFile(lines);
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      const fresh = `${this.#path}.new`;
      await writeFile(fresh, '', { flush: true });
      await rename(fresh, this.#path);
      return '';
    }
  }

  #entry(line: string, number: number): JournalEntry {
    try {
      return JSON.parse(line) as JournalEntry;
    } catch (cause) {
      throw new AppError({
        code: 'EXCHANGE.JOURNAL',
        why: `${this.#path}, line ${number}: not an entry of the exchange's journal.`,
        fix: 'Restore the file, or move it away to begin with fresh accounts.',
        cause,
      });
    }
  }
}
