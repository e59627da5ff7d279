import { didYouMean } from '@capstan/strategy';
import type { z } from 'zod';
import { isRecord } from './config-source.ts';

/** A node of a JSON Schema, as this file reads it. */
interface SchemaNode {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
}

/** What is wrong with one key. */
export interface KeyIssue {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

/** Says what is wrong with each key, its value, and what is allowed instead. */
export function keyIssues(
  issues: readonly z.core.$ZodIssue[],
  schema: Readonly<Record<string, unknown>>,
  values: unknown,
): readonly KeyIssue[] {
  return issues
    .filter((issue) => issue.code !== 'custom' || !isSaidOtherwise(issue, issues))
    .flatMap((issue) => describeIssue(issue, schema as SchemaNode, values));
}

/** A rule of our own adds nothing where the schema refuses the same key. */
function isSaidOtherwise(rule: z.core.$ZodIssue, issues: readonly z.core.$ZodIssue[]): boolean {
  const key = rule.path.map(String).join('.');
  return issues.some(({ code, path }) => code !== 'custom' && path.map(String).join('.') === key);
}

function describeIssue(
  issue: z.core.$ZodIssue,
  root: SchemaNode,
  values: unknown,
): readonly KeyIssue[] {
  const { node, value } = follow(root, values, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(node === undefined ? {} : (objectOf(node, value)?.properties ?? {}));
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      text: `unknown key '${[...issue.path, key].map(String).join('.')}'. ${didYouMean(key, known)}Known here: ${known.join(', ')}.`,
    }));
  }
  const inner = deeperIssue(issue);
  if (inner !== undefined) return describeIssue(inner, root, values);
  const key = issue.path.map(String).join('.');
  if (issue.code === 'custom') {
    const found = value === undefined ? '' : `, not ${JSON.stringify(value)}`;
    return [{ path: issue.path, text: `'${key}' ${issue.message}${found}.` }];
  }
  const allowed = node === undefined ? issue.message : allowedText(node);
  const hint =
    typeof issue.message === 'string' && issue.code === 'invalid_format'
      ? ` (${issue.message})`
      : '';
  if (value === undefined) {
    return [{ path: issue.path, text: `'${key}' is missing; allowed: ${allowed}.` }];
  }
  const near = typeof value === 'string' ? didYouMean(value, enumOf(node)) : '';
  const said = `'${key}' is ${JSON.stringify(value)}${hint}; allowed: ${allowed}.`;
  return [{ path: issue.path, text: near === '' ? said : `${said} ${near.trimEnd()}` }];
}

/** Of a value that fits none of several shapes, the fault of the shape that it comes nearest to. */
function deeperIssue(issue: z.core.$ZodIssue): z.core.$ZodIssue | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  const options = issue.errors.filter((errors) =>
    errors.some(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  const [first] = options[0] ?? [];
  return first === undefined ? undefined : { ...first, path: [...issue.path, ...first.path] };
}

function follow(
  root: SchemaNode,
  values: unknown,
  path: readonly PropertyKey[],
): { readonly node: SchemaNode | undefined; readonly value: unknown } {
  let node: SchemaNode | undefined = root;
  let value = values;
  for (const key of path) {
    node = node === undefined ? undefined : childOf(node, value, key);
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return { node, value };
}

function childOf(node: SchemaNode, value: unknown, key: PropertyKey): SchemaNode | undefined {
  if (typeof key === 'number' || Array.isArray(value)) {
    return optionsOf(node).find(({ items }) => items !== undefined)?.items;
  }
  const object = objectOf(node, value);
  const known = object?.properties?.[String(key)];
  if (known !== undefined) return known;
  const { additionalProperties } = object ?? {};
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** Of the objects that a value may be, the one whose `kind` it has. */
function objectOf(node: SchemaNode, value: unknown): SchemaNode | undefined {
  const objects = optionsOf(node).filter(({ type }) => type === 'object');
  const kind = isRecord(value) ? value.kind : undefined;
  const chosen = objects.find(({ properties }) => properties?.kind?.const === kind);
  return (kind === undefined ? undefined : chosen) ?? kindOfAll(objects) ?? objects[0];
}

function kindOfAll(objects: readonly SchemaNode[]): SchemaNode | undefined {
  if (objects.length < 2) return undefined;
  const kinds = objects.flatMap(({ properties }) => properties?.kind?.const ?? []);
  return { type: 'object', properties: { ...objects[0]?.properties, kind: { enum: kinds } } };
}

function optionsOf(node: SchemaNode): readonly SchemaNode[] {
  return node.anyOf ?? node.oneOf ?? [node];
}

function enumOf(node: SchemaNode | undefined): readonly string[] {
  return (node?.enum ?? []).filter((one) => typeof one === 'string');
}

const KINDS: ReadonlyMap<unknown, string> = new Map([
  ['string', 'text'],
  ['boolean', 'true or false'],
  ['integer', 'whole number'],
  ['object', 'section'],
]);

const PATTERNS: ReadonlyMap<unknown, string> = new Map([
  ['^\\d+(\\.\\d+)?$', 'a plain decimal such as 100000 or 0.01'],
  ['^\\d{4}-\\d{2}-\\d{2}$', 'a date such as 2024-01-31'],
]);

/** Says in words which values a node allows: `whole number 1 to 9`, `one of files, lake`. */
export function allowedText(node: SchemaNode): string {
  if (node.enum !== undefined) return `one of ${node.enum.join(', ')}`;
  if (node.const !== undefined) return String(node.const);
  const options = node.anyOf ?? node.oneOf;
  if (options !== undefined) return [...new Set(options.map(allowedText))].join(' or ');
  if (node.type === 'array')
    return `list of ${node.items === undefined ? 'any' : allowedText(node.items)}`;
  const pattern = PATTERNS.get(node.pattern);
  if (pattern !== undefined) return pattern;
  if (node.type === 'object' && node.properties !== undefined) {
    const kind = node.properties.kind?.const;
    return kind === undefined ? `{ ${Object.keys(node.properties).join(', ')} }` : `kind ${kind}`;
  }
  return `${KINDS.get(node.type) ?? node.type ?? 'any'}${rangeText(node)}`;
}

function rangeText({ minimum, maximum, exclusiveMinimum }: SchemaNode): string {
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (exclusiveMinimum !== undefined) {
    return high === undefined
      ? ` above ${exclusiveMinimum}`
      : ` above ${exclusiveMinimum}, at most ${high}`;
  }
  if (low !== undefined && high !== undefined) return ` ${low} to ${high}`;
  if (low !== undefined) return ` from ${low}`;
  return high === undefined ? '' : ` up to ${high}`;
}
