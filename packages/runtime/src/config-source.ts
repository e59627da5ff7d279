import { readFileSync } from 'node:fs';
import { AppError } from '@capstan/domain';
import { type Document, isMap, isNode, isScalar, LineCounter, parse, parseDocument } from 'yaml';
import { environmentPath, plainName } from './key-names.ts';
import { type AnySchema, childSchema, unwrap } from './schema-shape.ts';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Raw values with where each came from. */
export interface ConfigSource {
  readonly values: Record<string, unknown>;
  /** Says where a key was given: `capstan.yaml:12` or `CAPSTAN_LOG__LEVEL`; undefined when nowhere. */
  locate(path: readonly PropertyKey[]): string | undefined;
}

/** Reads a configuration file. @throws CONFIG.FILE @throws CONFIG.SYNTAX */
export function readConfigFile(file: string): ConfigSource {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError({
      code: 'CONFIG.FILE',
      why: `The configuration file ${file} cannot be read (${reasonOf(cause)}).`,
      fix: 'Give the path of a readable file with --config or CAPSTAN_CONFIG.',
      cause,
    });
  }
  return parseConfig(text, file);
}

/** Reads the text of a configuration file. @param file its name for messages. @throws CONFIG.SYNTAX */
export function parseConfig(text: string, file: string): ConfigSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw syntaxError(`${file}:${line}:${col} is not YAML: ${broken.message}`);
  }
  const values: unknown = document.toJS() ?? {};
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw syntaxError(`${file}:1 must be a map of sections.`);
  }
  return {
    values: values as Record<string, unknown>,
    locate: (path) => {
      const offset = offsetOf(document, path);
      return offset === undefined ? undefined : `${file}:${lines.linePos(offset).line}`;
    },
  };
}

function syntaxError(why: string): AppError {
  return new AppError({ code: 'CONFIG.SYNTAX', why, fix: 'Correct that line.' });
}

/** Finds the key's own place in the file, which is right also where its value is missing or a block. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  const last = path.at(-1);
  const parent: unknown =
    path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find(
      ({ key }) => String(isScalar(key) ? key.value : key) === String(last),
    );
    if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0];
  }
  const node: unknown = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

/** A variable that names no key of the schema. */
export interface UnknownVariable {
  readonly variable: string;
  readonly path: readonly string[];
}

/** A source after the environment was laid over it. */
export interface OverlaidSource extends ConfigSource {
  readonly unknown: readonly UnknownVariable[];
}

/**
 * Lays `CAPSTAN_<SECTION>__<KEY>` variables over a file's values; sections that the schema does not have are left alone.
 * @throws CONFIG.FILE when a `…_FILE` variable names no readable file.
 */
export function overlayEnvironment(
  source: ConfigSource,
  schema: AnySchema,
  environment: Environment,
): OverlaidSource {
  const values = structuredClone(source.values);
  const origins = new Map<string, string>();
  const unknown: UnknownVariable[] = [];
  for (const variable of Object.keys(environment).sort()) {
    const text = environment[variable];
    const levels = environmentPath(variable);
    if (levels === undefined || text === undefined) continue;
    const [section = ''] = levels;
    if (keyFor(schema, values, section) === undefined) continue;
    const found = resolvePath(schema, values, levels);
    if (found === undefined) {
      unknown.push({ variable, path: levels });
      continue;
    }
    const raw = found.fromFile ? readMounted(variable, text) : text;
    assign(values, found.path, valueFor(found.schema, raw));
    origins.set(found.path.join('\0'), variable);
  }
  return {
    values,
    unknown,
    locate: (path) => originOf(origins, path) ?? source.locate(path),
  };
}

function originOf(
  origins: ReadonlyMap<string, string>,
  path: readonly PropertyKey[],
): string | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const origin = origins.get(path.slice(0, length).map(String).join('\0'));
    if (origin !== undefined) return origin;
  }
  return undefined;
}

interface Resolved {
  readonly path: readonly string[];
  readonly schema: AnySchema;
  readonly fromFile: boolean;
}

function resolvePath(
  root: AnySchema,
  values: Readonly<Record<string, unknown>>,
  levels: readonly string[],
): Resolved | undefined {
  const path: string[] = [];
  let schema: AnySchema = root;
  let value: unknown = values;
  for (const [index, level] of levels.entries()) {
    const exact = keyFor(schema, value, level);
    const isLast = index === levels.length - 1;
    const base = exact === undefined && isLast ? level.replace(/_FILE$/, '') : level;
    const key = exact ?? (base === level ? undefined : keyFor(schema, value, base));
    if (key === undefined) return undefined;
    const next = childSchema(schema, key, value);
    if (next === undefined || (base !== level && !unwrap(next).secret)) return undefined;
    path.push(key);
    if (isLast) return { path, schema: next, fromFile: base !== level };
    schema = next;
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return undefined;
}

/** Finds the key that a level of a variable's name means; in a record, one of the file's or a new one. */
function keyFor(schema: AnySchema, value: unknown, level: string): string | undefined {
  const def = unwrap(schema).inner._zod.def;
  const wanted = plainName(level);
  const same = (key: string): boolean => plainName(key) === wanted;
  if (def.type === 'object') return Object.keys(def.shape).find(same);
  if (def.type === 'union') {
    return def.options.flatMap((option) => keyFor(option, value, level) ?? []).at(0);
  }
  if (def.type !== 'record') return undefined;
  const present = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return present.find(same) ?? level.toLowerCase().replaceAll('_', '-');
}

function valueFor(schema: AnySchema, raw: string): unknown {
  const def = unwrap(schema).inner._zod.def;
  if (def.type === 'string' || def.type === 'enum') return raw;
  try {
    const value: unknown = parse(raw);
    return value;
  } catch {
    return raw;
  }
}

function readMounted(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch (cause) {
    throw new AppError({
      code: 'CONFIG.FILE',
      why: `${variable} names ${file}, which cannot be read (${reasonOf(cause)}).`,
      fix: 'Mount the secret there, or set the variable to where it is.',
      cause,
    });
  }
}

function assign(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = values;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    const inner = typeof next === 'object' && next !== null ? next : {};
    at[key] = inner;
    at = inner as Record<string, unknown>;
  }
  const last = path.at(-1);
  if (last !== undefined) at[last] = value;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}
