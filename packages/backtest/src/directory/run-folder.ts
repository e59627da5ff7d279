import { chmod, mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { escapeName } from '@capstan/lake';
import { writeError } from './write-error.ts';

const READ_ONLY = 0o444;
const DIGEST_SHOWN = 12;
const SYMBOLS_NAMED_MAX = 3;

/** What names a run's folder. */
export interface FolderName {
  readonly outputDir: string;
  readonly strategy: string;
  readonly symbols: readonly string[];
  readonly startedAt: Date;
}

/** Returns `<outputDir>/<strategy>/<symbols>`: up to three symbols by name, more as the first and how many. */
export function folderOf({ outputDir, strategy, symbols }: FolderName): string {
  const named =
    symbols.length <= SYMBOLS_NAMED_MAX
      ? symbols.map(escapeName).join('_')
      : `${escapeName(symbols[0] ?? '')}_and_${symbols.length - 1}_more`;
  return join(outputDir, strategy, named);
}

/** Returns `20260131T141530Z`. */
export function timeName(at: Date): string {
  return at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
}

/**
 * A run's directory while it is made: under a temporary name beside its place, renamed when it is whole. Nobody ever sees half a run
 * under a run's name.
 */
export class RunFolder {
  /** Where files are put until the folder is whole. */
  readonly path: string;
  readonly #name: FolderName;
  /** The outermost folder that was not there before. */
  readonly #made: string;

  private constructor(path: string, name: FolderName, made: string) {
    this.path = path;
    this.#name = name;
    this.#made = made;
  }

  /** Makes the temporary folder. @throws RUN.WRITE, RUN.DISK */
  static async create(name: FolderName): Promise<RunFolder> {
    const parent = folderOf(name);
    const path = join(parent, `.${timeName(name.startedAt)}-${process.pid}.partial`);
    try {
      const made = await mkdir(path, { recursive: true });
      return new RunFolder(path, name, made ?? path);
    } catch (error) {
      throw writeError(path, error);
    }
  }

  /** Writes a file of the folder. @throws RUN.WRITE, RUN.DISK */
  async write(file: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.path, file);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    } catch (error) {
      throw writeError(this.path, error);
    }
  }

  /** Does something that writes into the folder. @throws RUN.WRITE, RUN.DISK */
  async writing(work: (path: string) => Promise<void>): Promise<void> {
    try {
      await work(this.path);
    } catch (error) {
      throw writeError(this.path, error);
    }
  }

  /** Removes what was written, and the folders that were made for it. @throws RUN.WRITE */
  async discard(): Promise<void> {
    try {
      await rm(this.path, { recursive: true, force: true });
      for (
        let folder = dirname(this.path);
        folder.startsWith(this.#made);
        folder = dirname(folder)
      ) {
        await rmdir(folder);
      }
    } catch (error) {
      // A folder that holds other runs stays.
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw writeError(this.path, error);
    }
  }

  /**
   * Makes every file read-only and gives the folder its name.
   * @returns its path. @throws RUN.WRITE
   */
  async finish(digest: string): Promise<string> {
    const parent = folderOf(this.#name);
    const name = `${timeName(this.#name.startedAt)}-${digest.slice(0, DIGEST_SHOWN)}`;
    try {
      const files = await readdir(this.path, { recursive: true, withFileTypes: true });
      for (const file of files) {
        if (file.isFile()) await chmod(join(file.parentPath, file.name), READ_ONLY);
      }
      return await renameFree(this.path, join(parent, name));
    } catch (error) {
      throw writeError(this.path, error);
    }
  }
}

/** Two equal runs within a second: the second gets a number. */
async function renameFree(from: string, to: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const path = number === 1 ? to : `${to}-${number}`;
    try {
      await mkdir(path);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
      throw error;
    }
    await rename(from, path);
    return path;
  }
}
