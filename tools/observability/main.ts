import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ALERT_FOLDER, DASHBOARD_FOLDER, writtenFiles } from './written-files.ts';

/** Writes dashboards and alerts, or says with `--check` which are out of date. */
const root = join(import.meta.dirname, '..', '..');
const files = writtenFiles();
const strays = [DASHBOARD_FOLDER, ALERT_FOLDER].flatMap((folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .map((name) => `${folder}/${name}`)
        .filter((path) => /\.(json|yaml)$/.test(path) && !files.has(path))
    : [],
);
if (process.argv.includes('--check')) {
  const stale = [...files].filter(([path, text]) => {
    const file = join(root, path);
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  });
  for (const path of [...stale.map(([path]) => path), ...strays]) {
    console.log(`${path} is out of date: run 'npm run observability'`);
    process.exitCode = 1;
  }
} else {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const path of strays) rmSync(join(root, path));
}
