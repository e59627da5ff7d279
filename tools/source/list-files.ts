import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const SKIPPED = new Set([
  'node_modules',
  'dist',
  'coverage',
  '.git',
  '.turbo',
  '.capstan',
  '.tools',
]);

/** Lists the files below the given folders or at the given paths, relative to `root`, sorted, with `/`. */
export function listFiles(root: string, paths: readonly string[]): string[] {
  const found: string[] = [];
  const visit = (path: string) => {
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      if (SKIPPED.has(entry.name)) continue;
      const child = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) visit(child);
      else if (entry.isFile()) found.push(child);
    }
  };
  for (const path of paths) if (existsSync(join(root, path))) visit(path);
  return found.sort();
}
