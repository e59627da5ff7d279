import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { AppError } from '@capstan/domain';
import {
  type ConfigSource,
  isRecord,
  type Override,
  overlay,
  parseSource,
} from './config-source.ts';
import { isPath } from './is-path.ts';
import { keyIssues } from './key-issues.ts';
import { type RunFile, runJsonSchema, runSchema } from './run-schema.ts';

/** Where a run is read from. */
export interface RunFileOptions {
  /** A YAML file; absent where the overrides say all. */
  readonly file?: string;
  readonly overrides?: readonly Override[];
  /** The folder that paths of overrides are relative to; the current one unless given. */
  readonly folder?: string;
  /** The lake of a run that names none; `data` unless given. Relative to `folder`, as with all commands about the lake. */
  readonly lake?: string;
}

/** A configuration of a run with where each key was given. */
export interface RunConfig {
  readonly run: RunFile;
  /** Says where a key was given, for messages. */
  readonly locate: (path: readonly PropertyKey[]) => string | undefined;
  /** The file it came from. */
  readonly file: string | undefined;
}

/**
 * Reads the configuration of a run. Paths in the file are relative to it, those of overrides and a lake that nobody names to the
 * current folder; all come out absolute.
 * @throws RUN.FILE, RUN.SYNTAX, RUN.INVALID with a line for each fault: file, line, column, key, value and what is allowed.
 */
export function readRunFile(options: RunFileOptions): RunConfig {
  const { file, overrides = [], folder = process.cwd(), lake } = options;
  const base = file === undefined ? EMPTY : parseSource(textOf(resolve(folder, file)), file);
  const source = overlay(base, overrides);
  const checked = checkRun(source, file ?? 'command line');
  const fileFolder = file === undefined ? folder : dirname(resolve(folder, file));
  const named = source.values.lake !== undefined;
  const run = named ? checked : { ...checked, lake: resolve(folder, lake ?? checked.lake) };
  return {
    run: withAbsolutePaths(run, (path) => (source.isOverride(path) ? folder : fileFolder)),
    locate: source.locate,
    file,
  };
}

const EMPTY: ConfigSource = { values: {}, locate: () => undefined, isOverride: () => false };

/** Checks raw values. @throws RUN.INVALID */
export function checkRun(source: ConfigSource, name: string): RunFile {
  const parsed = runSchema.safeParse(source.values);
  const issues = parsed.success
    ? relations(parsed.data)
    : keyIssues(parsed.error.issues, runJsonSchema(), source.values);
  if (parsed.success && issues.length === 0) return parsed.data;
  const lines = issues
    .map(({ path, text }) => ({ place: placeOf(source, path) ?? name, text }))
    .sort((a, b) => lineOf(a.place) - lineOf(b.place))
    .map(({ place, text }) => `${place}: ${text}`);
  throw new AppError({
    code: 'RUN.INVALID',
    why: `the run cannot be used:\n${[...new Set(lines)].map((line) => `  ${line}`).join('\n')}\n`,
    fix: 'configs/ has samples, and configs/run.schema.json every key.',
  });
}

const COLUMNS_MAX = 10_000;

/** Orders places of a file by line and column; others come last. */
function lineOf(place: string): number {
  const [, line, column] = /:(\d+):(\d+)$/.exec(place) ?? [];
  return line === undefined ? Number.MAX_SAFE_INTEGER : Number(line) * COLUMNS_MAX + Number(column);
}

function placeOf(source: ConfigSource, path: readonly PropertyKey[]): string | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const place = source.locate(path.slice(0, length));
    if (place !== undefined) return place;
  }
  return undefined;
}

/** What single keys cannot say. */
function relations(run: RunFile): readonly { path: readonly string[]; text: string }[] {
  const { provider, path, symbol, symbols = [], start, end, benchmark } = run;
  const found: { path: readonly string[]; text: string }[] = [];
  const wrong = (key: string, text: string) => found.push({ path: [key], text });
  if (symbol !== undefined && symbols.length > 0) {
    wrong('symbols', "'symbols' and 'symbol' are both given; give one of them.");
  }
  const twice = symbols.find((one, index) => symbols.indexOf(one) !== index);
  if (twice !== undefined) wrong('symbols', `'symbols' names ${twice} twice.`);
  if (provider === 'files' && path === undefined) {
    wrong('path', "'path' is missing; allowed: the files of the bars, which provider files reads.");
  }
  if (provider !== 'files') {
    for (const key of ['path', 'actions'] as const) {
      if (run[key] !== undefined) wrong(key, `'${key}' is of provider files, not ${provider}.`);
    }
    if (symbol === undefined && symbols.length === 0) {
      wrong('symbol', "'symbol' is missing; allowed: a symbol, or 'symbols' with several.");
    }
  }
  if (start !== undefined && end !== undefined && end < start) {
    wrong('end', `'end' is ${end}, before 'start' ${start}.`);
  }
  if (provider === 'synthetic' && !['hold', 'none'].includes(benchmark) && !isPath(benchmark)) {
    wrong(
      'benchmark',
      `'benchmark' is ${JSON.stringify(benchmark)}; allowed: hold, none or a file.`,
    );
  }
  return found;
}

type FolderOf = (path: readonly PropertyKey[]) => string;

function withAbsolutePaths(run: RunFile, folderOf: FolderOf): RunFile {
  const one = (key: string, path: string) => resolve(folderOf([key]), path);
  const many = (key: string, paths: string | readonly string[] | undefined) =>
    typeof paths === 'string' ? one(key, paths) : paths?.map((path) => one(key, path));
  const path = many('path', run.path);
  const actions = many('actions', run.actions);
  return {
    ...run,
    ...(path === undefined ? {} : { path }),
    ...(actions === undefined ? {} : { actions }),
    lake: one('lake', run.lake),
    strategy: isPath(run.strategy) ? one('strategy', run.strategy) : run.strategy,
    benchmark: isPath(run.benchmark) ? one('benchmark', run.benchmark) : run.benchmark,
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = isRecord(cause) ? String(cause.code) : String(cause);
    const near = relative(process.cwd(), path);
    throw new AppError({
      code: 'RUN.FILE',
      why: `${isAbsolute(near) || near.startsWith('..') ? path : near} cannot be read (${reason}).`,
      fix: 'Name a readable YAML file with --config; configs/ has samples.',
      cause,
    });
  }
}
