import { z } from 'zod';
import {
  configJsonSchema,
  type JsonSchema,
  readConfigSchema,
  secretKeys,
} from './config-schema.ts';
import { CORE_VALUES } from './core-values.ts';
import { DEPENDENCY_VALUES } from './dependency-values.ts';

/** What the chart knows of its values. */
export interface ValuesSchema {
  /** Of the values, unknown keys refused. */
  readonly json: JsonSchema;
  /** The keys of the configuration that hold secrets. */
  readonly secretKeys: readonly string[];
}

/** Puts the schema of the values together: the chart's own keys, and Capstan's configuration as the services declare it. */
export async function readValuesSchema(): Promise<ValuesSchema> {
  const config = await readConfigSchema();
  const own = z.strictObject({ ...CORE_VALUES, ...DEPENDENCY_VALUES });
  const json = z.toJSONSchema(own, {
    io: 'input',
    reused: 'ref',
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'starts_with') delete jsonSchema.format;
    },
  }) as JsonSchema;
  json.title = 'Values of the chart capstan';
  json.properties = { config: configJsonSchema(config), ...json.properties };
  return { json, secretKeys: secretKeys(config) };
}
