import { type FileHandle, mkdir, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, InvariantError } from '@capstan/domain';
import type { ExchangeJournal, JournalEntry } from './journal.ts';

/**
 * A journal in a file of JSON lines, flushed to disk before an append resolves. One process may have it open: one that finds lines of
 * another's appends no more.
 */
export class FileJournal implements ExchangeJournal {
  readonly #path: string;
  #file: FileHandle | undefined;
  /** How long the file is, as far as this process has written or read it. */
  #bytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Reads all entries and opens the file for appending. A last line that a crash cut off was never answered for: it goes.
   * @throws EXCHANGE.JOURNAL naming the file, and the line that cannot be read.
   */
  async read(): Promise<readonly JournalEntry[]> {
    try {
      return await this.#read();
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw this.#failure('cannot be read', cause);
    }
  }

  /** @throws EXCHANGE.JOURNAL naming the file: what of the entries is on disk is then not known. */
  async append(entries: readonly JournalEntry[]): Promise<void> {
    if (this.#file === undefined)
      throw new InvariantError('the journal is appended to before it was read');
    const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    try {
      await this.#seeNoOther(this.#file);
      await this.#file.appendFile(lines);
      await this.#file.datasync();
      this.#bytes += Buffer.byteLength(lines);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw this.#failure('cannot be written', cause);
    }
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #read(): Promise<readonly JournalEntry[]> {
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
    this.#bytes = Buffer.byteLength(text.slice(0, end));
    return entries;
  }

  /** Accounts of two exchanges in one file would be those of neither. */
  async #seeNoOther(file: FileHandle): Promise<void> {
    if ((await file.stat()).size === this.#bytes) return;
    throw new AppError({
      code: 'EXCHANGE.JOURNAL',
      why: `${this.#path} is written by another paper exchange too.`,
      fix: 'Run one alone (replicas: 1), then start it again.',
    });
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      await this.#create();
      return '';
    }
  }

  /** Makes an empty file whose name, too, survives the loss of power. */
  async #create(): Promise<void> {
    await writeFile(this.#path, '', { flush: true });
    const folder = await open(dirname(this.#path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  #entry(line: string, number: number): JournalEntry {
    const entry = parsed(line);
    if (entry !== undefined) return entry;
    throw new AppError({
      code: 'EXCHANGE.JOURNAL',
      why: `${this.#path}, line ${number}: not an entry of the exchange's journal.`,
      fix: 'Restore the file, or move it away to begin with fresh accounts.',
    });
  }

  #failure(what: string, cause: unknown): AppError {
    const words = cause instanceof Error ? cause.message : String(cause);
    return new AppError({
      code: 'EXCHANGE.JOURNAL',
      why: `${this.#path} ${what}: ${words}.`,
      fix: 'Make room on the disk and see that the file can be written, then start the exchange again.',
      cause,
    });
  }
}

function parsed(line: string): JournalEntry | undefined {
  try {
    const value = JSON.parse(line) as Partial<JournalEntry> | null;
    const known = value?.kind === 'settings' || value?.kind === 'input';
    return known ? (value as JournalEntry) : undefined;
  } catch {
    return undefined;
  }
}
