import { AppError } from '@capstan/domain';
import { type Document, isMap, isNode, isScalar, LineCounter, parse, parseDocument } from 'yaml';

/** A value that the command line puts over the file's. */
export interface Override {
  /** Keys from the outermost in. */
  readonly path: readonly string[];
  readonly value: unknown;
  /** As it was given, for messages. */
  readonly origin: string;
}

/** Raw values with where each came from. */
export interface ConfigSource {
  readonly values: Readonly<Record<string, unknown>>;
  /** Says where a key was given: `run.yaml:12:3`, or an override as it was given. */
  locate(path: readonly PropertyKey[]): string | undefined;
  /** Tells whether a key came from an override. */
  isOverride(path: readonly PropertyKey[]): boolean;
}

/** Reads the text of a run file. @param name the file's, for messages. @throws RUN.SYNTAX */
export function parseSource(text: string, name: string): ConfigSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw syntax(`${name}:${line}:${col} is not YAML: ${broken.message}`);
  }
  const values: unknown = document.toJS() ?? {};
  if (!isRecord(values)) throw syntax(`${name}:1:1 must be a map of keys.`);
  return {
    values,
    isOverride: () => false,
    locate: (path) => {
      const offset = offsetOf(document, path);
      if (offset === undefined) return undefined;
      const { line, col } = lines.linePos(offset);
      return `${name}:${line}:${col}`;
    },
  };
}

/** Reads `key.path=value`, the value as YAML. @throws RUN.SYNTAX */
export function parseOverride(text: string, origin = `--set ${text}`): Override {
  const at = text.indexOf('=');
  const path = text.slice(0, Math.max(0, at)).split('.');
  if (at < 1 || path.some((key) => key === '')) {
    throw syntax(`${origin}: it must be key=value, such as params.fast=10.`);
  }
  return { path, value: yamlValue(text.slice(at + 1), origin), origin };
}

/**
 * Reads `name=value`, `name=5,10,20` or `name=5:50:5` (from, to, step) for a parameter of the strategy.
 * @throws RUN.SYNTAX
 */
export function parseParameterOverride(text: string): Override {
  const origin = `--param ${text}`;
  const at = text.indexOf('=');
  if (at < 1) throw syntax(`${origin}: it must be name=value, such as fast=10 or fast=5,10,20.`);
  const path = ['params', text.slice(0, at)];
  const right = text.slice(at + 1);
  const range = /^(-?[\d.]+):(-?[\d.]+)(?::([\d.]+))?$/.exec(right);
  if (range !== null) {
    const [, from, to, step = '1'] = range;
    return { path, value: { from: Number(from), to: Number(to), step: Number(step) }, origin };
  }
  if (!right.includes(',')) return { path, value: yamlValue(right, origin), origin };
  return { path, value: right.split(',').map((one) => yamlValue(one.trim(), origin)), origin };
}

/** Lays overrides over a file's values, the later ones over the earlier. */
export function overlay(source: ConfigSource, overrides: readonly Override[]): ConfigSource {
  const values = structuredClone(source.values) as Record<string, unknown>;
  for (const { path, value } of overrides) {
    let at = values;
    for (const key of path.slice(0, -1)) {
      const inner = at[key];
      const next = isRecord(inner) ? inner : {};
      at[key] = next;
      at = next;
    }
    at[path.at(-1) ?? ''] = value;
  }
  const givenBy = (path: readonly PropertyKey[]): Override | undefined =>
    overrides.findLast((one) => {
      const shared = Math.min(one.path.length, path.length);
      return shared > 0 && one.path.length <= path.length && startsWith(path, one.path);
    });
  return {
    values,
    isOverride: (path) => givenBy(path) !== undefined,
    locate: (path) => givenBy(path)?.origin ?? source.locate(path),
  };
}

function startsWith(path: readonly PropertyKey[], start: readonly string[]): boolean {
  return start.every((key, index) => String(path[index]) === key);
}

function yamlValue(text: string, origin: string): unknown {
  try {
    const value: unknown = parse(text);
    return value;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw syntax(`${origin} is not YAML: ${why}.`);
  }
}

/** Tells whether a value is a map of keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Finds the key's own place in the file, which is right also where its value is missing or a block. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  const last = path.at(-1);
  if (last === undefined) return undefined;
  const parent: unknown =
    path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find(
      ({ key }) => String(isScalar(key) ? key.value : key) === String(last),
    );
    if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0];
  }
  const node: unknown = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

function syntax(why: string): AppError {
  return new AppError({ code: 'RUN.SYNTAX', why, fix: 'Correct that place.' });
}
