import { nearestName } from '@capstan/domain';
import type { z } from 'zod';
import { type AnySchema, allowedValues, childSchema, optionFor, unwrap } from './schema-shape.ts';
import { REDACTED } from './secret.ts';

/** What is wrong with one key. */
export interface KeyIssue {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

/** Finds the keys that no schema knows, whether or not the schema itself is strict. */
export function unknownKeys(
  schema: AnySchema,
  value: unknown,
  path: readonly PropertyKey[],
): KeyIssue[] {
  const def = unwrap(schema).inner._zod.def;
  if (typeof value !== 'object' || value === null) return [];
  const entries: [PropertyKey, unknown][] = Object.entries(value);
  if (def.type === 'union') {
    const option = optionFor(def, value);
    return option === undefined ? [] : unknownKeys(option, value, path);
  }
  if (def.type === 'array' && Array.isArray(value)) {
    return value.flatMap((item, index) => unknownKeys(def.element, item, [...path, index]));
  }
  if (def.type === 'record') {
    return entries.flatMap(([key, item]) => unknownKeys(def.valueType, item, [...path, key]));
  }
  if (def.type !== 'object' || Array.isArray(value)) return [];
  return entries.flatMap(([key, item]) => {
    const child = childSchema(schema, String(key), value);
    if (child !== undefined) return unknownKeys(child, item, [...path, key]);
    return [unknownKey([...path, key], Object.keys(def.shape))];
  });
}

function unknownKey(path: readonly PropertyKey[], known: readonly string[]): KeyIssue {
  const near = nearestName(String(path.at(-1)), known);
  const hint = near === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean '${near}'?`;
  return { path, text: `unknown key '${path.map(String).join('.')}'. ${hint}` };
}

/** What a schema that allows everything says of itself; a rule beside it says more. */
const ANY_VALUE = 'any';

/** Says what is wrong with a key, its value unless secret, and what is allowed instead. */
export function describeIssue(
  issue: z.core.$ZodIssue,
  schema: AnySchema,
  values: unknown,
): KeyIssue {
  const key = issue.path.map(String).join('.');
  const { leaf, value } = follow(schema, values, issue.path);
  if (leaf === undefined) return { path: issue.path, text: `'${key}': ${issue.message}.` };
  const allowed = allowedValues(leaf);
  const isRule = issue.code === 'custom';
  if (value === undefined) {
    const text = isRule
      ? `'${key}' ${issue.message}.`
      : `'${key}' is missing; allowed: ${allowed}.`;
    return { path: issue.path, text };
  }
  const shown = unwrap(leaf).secret ? REDACTED : JSON.stringify(value);
  const reason = isRule ? ` (${issue.message})` : '';
  const bounds = isRule && allowed === ANY_VALUE ? '' : `; allowed: ${allowed}`;
  return { path: issue.path, text: `'${key}' is ${shown}${reason}${bounds}.` };
}

function follow(
  root: AnySchema,
  values: unknown,
  path: readonly PropertyKey[],
): { readonly leaf: AnySchema | undefined; readonly value: unknown } {
  let leaf: AnySchema | undefined = root;
  let value = values;
  for (const key of path) {
    leaf = leaf === undefined ? undefined : childSchema(leaf, String(key), value);
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return { leaf, value };
}
