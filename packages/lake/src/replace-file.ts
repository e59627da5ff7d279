import { randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';

/**
 * Puts a file in place of what was there: written beside it under a name of its own, brought to the disk, renamed. Whoever reads, and
 * whoever starts after a power cut, has all of the old file or all of the new one.
 * @throws what the file system throws.
 */
export async function replaceFile(
  path: string,
  content: string | readonly Uint8Array[],
): Promise<void> {
  const temporary = `${path}-${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content);
    await flushFile(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Waits until what was written to a file is on the disk. */
export async function flushFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
