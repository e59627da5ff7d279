import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LIMIT_KEYS } from '../../packages/risk/src/limit-keys.ts';
import { type ConfigSchema, configKeys } from '../../packages/runtime/src/config.ts';

const SERVICES = join(import.meta.dirname, '../../services');

/** A JSON schema, as far as it is looked into. */
export type JsonSchema = Record<string, unknown> & {
  properties?: Record<string, JsonSchema>;
  required?: string[];
};

/** Reads the configuration of every service and puts their sections together. */
export async function readConfigSchema(): Promise<ConfigSchema> {
  const sections: Record<string, z.core.$ZodType> = {};
  for (const name of readdirSync(SERVICES).sort()) {
    const file = join(SERVICES, name, 'src/config.ts');
    if (!existsSync(file)) continue;
    const module: unknown = await import(file);
    const { configSchema } = module as { readonly configSchema: ConfigSchema };
    Object.assign(sections, configSchema.sections);
  }
  return { sections, schema: z.strictObject(sections) } as ConfigSchema;
}

/** Returns the keys that hold secrets, with dots between: they have no place in a ConfigMap. */
export function secretKeys(schema: ConfigSchema): readonly string[] {
  const secret = configKeys(schema).filter(({ allowed }) => allowed === 'secret text');
  return secret.map(({ path }) => path.join('.')).sort();
}

/** Writes the schema of Capstan's own configuration as a JSON schema, which refuses unknown keys as the services do. */
export function configJsonSchema(schema: ConfigSchema): JsonSchema {
  const json = z.toJSONSchema(schema.schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      delete jsonSchema.secret;
      if (jsonSchema.format === 'starts_with') delete jsonSchema.format;
    },
  }) as JsonSchema;
  delete json.$schema;
  fillSections(json);
  const { properties = {} } = json;
  // Of `capstan up` alone: the chart says so in words of its own.
  properties.supervisor = {};
  amendBots(properties.bots);
  amendLimits(properties.accounts);
  return json;
}

/** A section that is left out is its defaults: it is not required. */
function fillSections(json: JsonSchema): void {
  const { properties = {}, required = [] } = json;
  const isSection = (key: string): boolean => properties[key]?.type === 'object';
  const left = required.filter((key) => !isSection(key));
  if (left.length > 0) json.required = left;
  else delete json.required;
  for (const child of Object.values(properties)) if (child.type === 'object') fillSections(child);
}

/** A schedule may also be the word `always`, which is lost with what is done before it is checked. */
function amendBots(bots: JsonSchema | undefined): void {
  const { properties, one } = fieldOf(bots, 'schedule');
  properties.schedule = { anyOf: [{ const: 'always' }, one] };
}

/** The names of limits are known to risk alone. */
function amendLimits(accounts: JsonSchema | undefined): void {
  const { one } = fieldOf(accounts, 'limits');
  one.propertyNames = { enum: [...LIMIT_KEYS.map(({ key }) => key), 'scopes'] };
}

/** Finds a key of what a list holds. */
function fieldOf(
  list: JsonSchema | undefined,
  key: string,
): { readonly properties: Record<string, JsonSchema>; readonly one: JsonSchema } {
  const { properties = {} } = (list?.items ?? {}) as JsonSchema;
  const one = properties[key];
  if (one === undefined) throw new Error(`the schema has no ${key} where it is to be amended`);
  return { properties, one };
}
