import { existsSync } from 'node:fs';
import { AppError, assert, nearestName } from '@capstan/domain';
import { z } from 'zod';
import { describeIssue, type KeyIssue, unknownKeys } from './config-issues.ts';
import {
  type ConfigSource,
  type Environment,
  overlayEnvironment,
  readConfigFile,
} from './config-source.ts';
import { environmentName, SECTION_NAMES } from './key-names.ts';
import { runtimeSections } from './runtime-sections.ts';
import { type AnySchema, allowedValues, unwrap } from './schema-shape.ts';
import { secretsIn } from './secret.ts';

/** The sections of a configuration: each a zod object whose keys all have a description. */
export type Sections = Readonly<Record<string, AnySchema>>;

/** What a service's configuration looks like; made by {@link defineConfig}. */
export interface ConfigSchema<S extends Sections = Sections> {
  readonly sections: S & typeof runtimeSections;
  readonly schema: z.ZodObject<S & typeof runtimeSections>;
}

/** The configuration that a schema yields. */
export type ConfigOf<C> =
  C extends ConfigSchema<infer S> ? z.output<z.ZodObject<S & typeof runtimeSections>> : never;

/** A configuration with what the logger must hide. */
export interface LoadedConfig<S extends Sections> {
  readonly config: z.output<z.ZodObject<S & typeof runtimeSections>>;
  /** The texts of all secrets, for the logger. */
  readonly secrets: readonly string[];
  /** The file it was read from, when there was one. */
  readonly file: string | undefined;
}

/**
 * Declares a service's sections; those of the runtime (`log`, `telemetry`, `server`) are added.
 * @throws InvariantError when a key has no description.
 */
export function defineConfig<const S extends Sections>(sections: S): ConfigSchema<S> {
  const all = { ...runtimeSections, ...sections };
  for (const key of leaves(z.strictObject(all), [])) {
    assert(key.description !== undefined, `configuration key ${key.path.join('.')} is undescribed`);
  }
  return { sections: all, schema: z.strictObject(all) };
}

/** Where a configuration is read from. */
export interface LoadOptions {
  /** Default: no file. */
  readonly file?: string | undefined;
  readonly environment?: Environment | undefined;
  /** Further sections that the file may hold. */
  readonly otherSections?: readonly string[] | undefined;
}

/**
 * Reads a configuration from its file and the environment, which wins.
 * @throws CONFIG.FILE @throws CONFIG.SYNTAX
 * @throws CONFIG.INVALID with a line for each key: where it was given, its value, and what is allowed.
 */
export function loadConfig<S extends Sections>(
  schema: ConfigSchema<S>,
  options: LoadOptions = {},
): LoadedConfig<S> {
  const base: ConfigSource =
    options.file === undefined
      ? { values: {}, locate: () => undefined }
      : readConfigFile(options.file);
  const source = overlayEnvironment(base, schema.schema, options.environment ?? {});
  const known = [
    ...Object.keys(schema.sections),
    ...SECTION_NAMES,
    ...(options.otherSections ?? []),
  ];
  const values: Record<string, unknown> = {};
  const issues: KeyIssue[] = [];
  for (const [name, value] of Object.entries(source.values)) {
    if (Object.hasOwn(schema.sections, name)) values[name] = value;
    else if (!known.includes(name)) issues.push(unknownSection(name, known));
  }
  for (const { variable, path } of source.unknown) {
    const near = nearestName(
      variable,
      configKeys(schema).map((key) => key.variable),
    );
    const hint = near === undefined ? '' : ` Did you mean '${near}'?`;
    issues.push({ path, text: `${variable} names no key of the configuration.${hint}` });
  }
  fillSections(schema.schema, values);
  issues.push(...unknownKeys(schema.schema, values, []));
  const parsed = schema.schema.safeParse(values);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      if (issue.code !== 'unrecognized_keys') {
        issues.push(describeIssue(issue, schema.schema, values));
      }
    }
  }
  if (!parsed.success || issues.length > 0) throw invalid(issues, source, options.file);
  return { config: parsed.data, secrets: secretsIn(parsed.data), file: options.file };
}

function unknownSection(name: string, known: readonly string[]): KeyIssue {
  const near = nearestName(name, known);
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`;
  return { path: [name], text: `unknown section '${name}'.${hint}` };
}

/** Lets the defaults inside a section work where the whole section is left out. */
function fillSections(schema: AnySchema, values: Record<string, unknown>): void {
  const { inner } = unwrap(schema);
  if (inner._zod.def.type !== 'object') return;
  for (const [key, child] of Object.entries(inner._zod.def.shape)) {
    const { inner: section, optional, hasDefault } = unwrap(child);
    if (section._zod.def.type !== 'object') continue;
    const isEmpty = values[key] === undefined || values[key] === null;
    if (isEmpty && !optional && !hasDefault) values[key] = {};
    const value = values[key];
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const copy = { ...value };
      fillSections(section, copy);
      values[key] = copy;
    }
  }
}

function invalid(
  issues: readonly KeyIssue[],
  source: ConfigSource,
  file: string | undefined,
): AppError {
  const lines = issues.map(({ path, text }) => {
    const where = source.locate(path) ?? parentPlace(source, path) ?? file;
    return where === undefined ? text : `${where}: ${text}`;
  });
  return new AppError({
    code: 'CONFIG.INVALID',
    why: `The configuration is not valid:\n${[...new Set(lines)].map((line) => `  ${line}`).join('\n')}\n`,
    fix: '`capstan config explain` lists every key.',
  });
}

function parentPlace(source: ConfigSource, path: readonly PropertyKey[]): string | undefined {
  for (let length = path.length - 1; length > 0; length -= 1) {
    const place = source.locate(path.slice(0, length));
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Finds the file to read: `--config`, else `CAPSTAN_CONFIG`, else `capstan.yaml` when there is one. */
export function findConfigFile(
  argument: string | undefined,
  environment: Environment,
): string | undefined {
  const named = argument ?? environment.CAPSTAN_CONFIG;
  if (named !== undefined && named !== '') return named;
  return existsSync('capstan.yaml') ? 'capstan.yaml' : undefined;
}

/** One key of a configuration, as `explainConfig` shows it. */
export interface ExplainedKey {
  readonly path: readonly string[];
  readonly description: string | undefined;
  readonly allowed: string;
  /** `required`, `none`, or the default as it would be written. */
  readonly byDefault: string;
  readonly variable: string;
}

/** Lists every key of a configuration with what it means, allows and is by default. */
export function configKeys<S extends Sections>(schema: ConfigSchema<S>): readonly ExplainedKey[] {
  return leaves(schema.schema, []);
}

/** Prints every key: name, what is allowed, default, variable and meaning, in the order of declaration. */
export function explainConfig<S extends Sections>(schema: ConfigSchema<S>): string {
  const blocks = configKeys(schema).map(
    ({ path, allowed, byDefault, variable, description }) =>
      `${path.join('.')}  (${allowed}; ${byDefault})\n    ${description ?? ''}\n    ${variable}`,
  );
  return `${blocks.join('\n')}\n`;
}

function leaves(schema: AnySchema, path: readonly string[]): ExplainedKey[] {
  const { inner, optional, hasDefault, defaultValue, description, secret } = unwrap(schema);
  const def = inner._zod.def;
  if (def.type === 'object' && (path.length === 0 || !hasDefault || isEmpty(defaultValue))) {
    return Object.entries(def.shape).flatMap(([key, child]) => leaves(child, [...path, key]));
  }
  const shown = secret ? '[redacted]' : JSON.stringify(defaultValue);
  const self: ExplainedKey = {
    path,
    description,
    allowed: allowedValues(schema),
    byDefault: hasDefault ? `default ${shown}` : optional ? 'default none' : 'required',
    variable: environmentName(path),
  };
  if (def.type !== 'record') return [self];
  const entry = unwrap(def.valueType).inner._zod.def.type === 'object';
  return entry ? [self, ...leaves(def.valueType, [...path, '<name>'])] : [self];
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
