import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from '../source/list-files.ts';

/** Maps each file of a folder to a digest of its bytes. */
export function folderDigest(root: string, folder: string): Map<string, string> {
  if (!existsSync(join(root, folder))) return new Map();
  const entries = listFiles(root, [folder]).map((path) => {
    const digest = createHash('sha256')
      .update(readFileSync(join(root, path)))
      .digest('hex');
    return [path, digest] as const;
  });
  return new Map(entries);
}

/** Lists what differs between two states of a folder, sorted by path. */
export function digestChanges(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was === is) return [];
    if (was === undefined) return [`${path} is new`];
    return [is === undefined ? `${path} is gone` : `${path} changed`];
  });
}
