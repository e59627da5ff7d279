import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { listFiles } from '../source/list-files.ts';

/** One operating failure that a package names. */
export interface ErrorRow {
  readonly code: string;
  readonly meaning: string;
  readonly fix: string;
}

export interface ErrorTable {
  /** Folder of the workspace, such as `packages/journal`. */
  readonly workspace: string;
  /** Path of the file from the root. */
  readonly path: string;
  readonly rows: readonly ErrorRow[];
}

function isRow(value: unknown): value is ErrorRow {
  if (typeof value !== 'object' || value === null) return false;
  const row = value as Partial<Record<keyof ErrorRow, unknown>>;
  return (['code', 'meaning', 'fix'] as const).every((key) => typeof row[key] === 'string');
}

/** Loads the `…_ERRORS` tables of every `error-codes.ts` behind the fence, sorted by path. */
export async function loadErrorTables(root: string): Promise<ErrorTable[]> {
  const paths = listFiles(root, ['packages', 'services', 'apps']).filter((path) =>
    path.endsWith('/error-codes.ts'),
  );
  const tables: ErrorTable[] = [];
  for (const path of paths) {
    const loaded: Record<string, unknown> = await import(pathToFileURL(join(root, path)).href);
    const rows = Object.entries(loaded)
      .filter(([name]) => name.endsWith('_ERRORS'))
      .flatMap(([, value]) => (Array.isArray(value) ? value : []));
    if (rows.length === 0 || !rows.every(isRow)) {
      throw new Error(`${path} must export <NAME>_ERRORS, rows of { code, meaning, fix }`);
    }
    tables.push({ workspace: path.split('/').slice(0, 2).join('/'), path, rows });
  }
  return tables;
}

/** Returns what is wrong with the tables taken together. */
export function tableProblems(tables: readonly ErrorTable[]): string[] {
  const problems: string[] = [];
  const owners = new Map<string, string>();
  for (const { path, rows } of tables) {
    for (const { code } of rows) {
      if (!/^[A-Z][A-Z0-9_]*(\.[A-Z][A-Z0-9_]*)+$/.test(code)) {
        problems.push(`${path}: '${code}' is not of the form AREA.NAME`);
      }
      const owner = owners.get(code);
      if (owner !== undefined) problems.push(`'${code}' is in ${owner} and in ${path}`);
      owners.set(code, path);
    }
  }
  if (owners.size === 0) problems.push('no error-codes.ts found: nothing to check');
  return problems;
}
