// Exits 0 when node_modules holds what package-lock.json asks for. Runs on any Node from 20, before anything is installed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..', '..');

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

const wanted = packagesOf('package-lock.json') ?? {};
const present = packagesOf('node_modules/.package-lock.json');
const missing = Object.entries(wanted).filter(
  ([path, { version, optional, link, devOptional }]) =>
    path.includes('node_modules/') &&
    optional !== true &&
    devOptional !== true &&
    (link === true ? present?.[path] === undefined : present?.[path]?.version !== version),
);
if (present === undefined || missing.length > 0) process.exit(1);
