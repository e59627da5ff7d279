import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file of the built page, ready to be sent. */
export interface PageFile {
  readonly body: Buffer;
  readonly gzipped: Buffer;
  readonly type: string;
  readonly etag: string;
  /** Its name changes with its content. */
  readonly immutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/** Finds the folder of the built page: the configured one, relative to the configuration, else the one beside the code. */
export function findDashboard(
  configured: string | undefined,
  configFile: string | undefined,
): string {
  if (configured !== undefined) {
    return resolve(configFile === undefined ? '.' : dirname(configFile), configured);
  }
  const beside = join('apps', 'dashboard', 'dist');
  const roots = ['../../../..', '../../../../..'].map((up) => join(import.meta.dirname, up));
  const found = roots.map((root) => join(root, beside)).find((folder) => existsSync(folder));
  return found ?? join(import.meta.dirname, '../../../..', beside);
}

/**
 * The built page, held in memory and read again when it was built anew. Only files that were found in the folder can be asked for.
 */
export class DashboardFiles {
  readonly #folder: string;
  #builtAtMs: number | undefined;
  #files: ReadonlyMap<string, PageFile> = new Map();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns the file of a path such as `/assets/x.js`; `/` is the page itself. */
  get(path: string): PageFile | undefined {
    if (path === '/' || this.#files.size === 0) this.#refresh();
    return this.#files.get(path === '/' ? '/index.html' : path);
  }

  #refresh(): void {
    const page = statSync(join(this.#folder, 'index.html'), { throwIfNoEntry: false });
    if (page === undefined) {
      this.#files = new Map();
      this.#builtAtMs = undefined;
    } else if (page.mtimeMs !== this.#builtAtMs) {
      this.#files = readFolder(this.#folder);
      this.#builtAtMs = page.mtimeMs;
    }
  }
}

function readFolder(folder: string): ReadonlyMap<string, PageFile> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = names.flatMap((entry) => {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) return [];
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    const body = readFileSync(file);
    const digest = createHash('sha256').update(body).digest('hex').slice(0, 32);
    const immutable = path.startsWith('/assets/');
    return [
      [path, { body, gzipped: gzipSync(body), type, etag: `"${digest}"`, immutable }] as const,
    ];
  });
  return new Map(files);
}

/** Shown where the page has not been built. */
export const MISSING_PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Capstan: the dashboard is not built</title>
<h1>The dashboard is not built</h1>
<p>The gateway works: its API answers under <code>/api</code>. To build the page, run in the project's folder</p>
<pre>npm run build -w @capstan/dashboard</pre>
<p>and load this page again; the gateway needs no restart.</p>
</html>
`;
