import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@capstan/domain';
import type { ConfigRecord } from './config-record.ts';
import type { RunStatement } from './write-run.ts';

/** What a run directory says of itself. */
export interface RunDirectory {
  readonly path: string;
  readonly statement: RunStatement;
  readonly config: ConfigRecord;
  readonly summary: Readonly<Record<string, unknown>>;
}

/** Reads a run directory. @throws RUN.DIRECTORY where it is none, or is not whole. */
export async function readRunDirectory(path: string): Promise<RunDirectory> {
  // One after the other: what is missing first is named, the same each time.
  const statement = await readJson(path, 'run.json');
  const config = await readJson(path, 'config.json');
  const summary = await readJson(path, 'summary.json');
  if (statement.format !== 'capstan-run/1') {
    throw badDirectory(path, `run.json has the format ${JSON.stringify(statement.format)}`);
  }
  return { path, statement: statement as unknown as RunStatement, config, summary };
}

async function readJson(folder: string, file: string): Promise<Record<string, unknown>> {
  const path = join(folder, file);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause;
    throw badDirectory(folder, isMissing ? `it has no ${file}` : `${file} is no JSON`, cause);
  }
}

/** Tells whether a directory has a file. */
export function hasFile(folder: string, file: string): Promise<boolean> {
  return access(join(folder, file)).then(
    () => true,
    () => false,
  );
}

function badDirectory(path: string, why: string, cause?: unknown): AppError {
  return new AppError({
    code: 'RUN.DIRECTORY',
    why: `${path} is no run directory: ${why}.`,
    fix: 'Name a folder that `capstan backtest` has made; it holds run.json.',
    ...(cause === undefined ? {} : { cause }),
  });
}
