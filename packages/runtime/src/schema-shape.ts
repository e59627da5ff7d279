import { z } from 'zod';

/** A schema of any kind, as this package looks into it. */
export type AnySchema = z.core.$ZodType;

/** What a schema is underneath its defaults and options. */
export interface Unwrapped {
  readonly inner: z.core.$ZodTypes;
  /** May be left out. */
  readonly optional: boolean;
  readonly hasDefault: boolean;
  readonly defaultValue: unknown;
  readonly description: string | undefined;
  readonly secret: boolean;
}

/** Looks underneath defaults, options and transformations. */
export function unwrap(schema: AnySchema): Unwrapped {
  let current = schema as z.core.$ZodTypes;
  let optional = false;
  let hasDefault = false;
  let defaultValue: unknown;
  let description: string | undefined;
  let isSecret = false;
  for (;;) {
    const meta = z.globalRegistry.get(current);
    description ??= meta?.description;
    isSecret ||= meta !== undefined && Reflect.get(meta, 'secret') === true;
    const def = current._zod.def;
    if (def.type === 'default' || def.type === 'prefault') {
      if (!hasDefault) defaultValue = def.defaultValue;
      hasDefault = true;
    } else if (def.type === 'optional') optional = true;
    const next = inside(def);
    if (next === undefined) {
      return { inner: current, optional, hasDefault, defaultValue, description, secret: isSecret };
    }
    current = next as z.core.$ZodTypes;
  }
}

function inside(def: z.core.$ZodTypes['_zod']['def']): AnySchema | undefined {
  switch (def.type) {
    case 'default':
    case 'prefault':
    case 'optional':
    case 'nullable':
    case 'readonly':
    case 'catch':
    case 'nonoptional':
      return def.innerType;
    case 'pipe':
      return def.in._zod.def.type === 'transform' ? def.out : def.in;
    case 'lazy':
      return def.getter();
    default:
      return undefined;
  }
}

/** Returns the schema of a key, or of any key of a record; undefined when there is none. */
export function childSchema(schema: AnySchema, key: string, value: unknown): AnySchema | undefined {
  const { inner } = unwrap(schema);
  const def = inner._zod.def;
  if (def.type === 'object') return Object.hasOwn(def.shape, key) ? def.shape[key] : undefined;
  if (def.type === 'record') return def.valueType;
  if (def.type === 'array') return def.element;
  if (def.type !== 'union') return undefined;
  const option = optionFor(def, value);
  return option === undefined ? undefined : childSchema(option, key, value);
}

/** Chooses the option of a union whose discriminator fits `value`; else none. */
export function optionFor(
  def: z.core.$ZodUnionDef | z.core.$ZodDiscriminatedUnionDef,
  value: unknown,
): AnySchema | undefined {
  const key = 'discriminator' in def ? def.discriminator : undefined;
  if (key === undefined || typeof value !== 'object' || value === null) return undefined;
  const tag: unknown = Reflect.get(value, key);
  return def.options.find((option) => {
    const { inner } = unwrap(option);
    const inside = inner._zod.def.type === 'object' ? inner._zod.def.shape[key] : undefined;
    return inside !== undefined && z.core.safeParse(inside, tag).success;
  });
}

/** Says in words which values a schema allows: `integer 1 to 65535`, `one of text, json`. */
export function allowedValues(schema: AnySchema): string {
  const { inner, secret } = unwrap(schema);
  if (secret) return 'secret text';
  return describe(z.toJSONSchema(inner, { io: 'input', unrepresentable: 'any' }));
}

const KINDS: ReadonlyMap<unknown, string> = new Map([
  ['string', 'text'],
  ['boolean', 'true or false'],
]);

function describe(json: z.core.JSONSchema.BaseSchema): string {
  if (json.enum !== undefined) return `one of ${json.enum.join(', ')}`;
  if (json.const !== undefined) return String(json.const);
  const options = json.anyOf ?? json.oneOf;
  if (options !== undefined) {
    return options.map((o) => (typeof o === 'object' ? describe(o) : 'any')).join(' or ');
  }
  if (json.type === 'array') {
    const items = json.items;
    const single = typeof items === 'object' && !Array.isArray(items) ? describe(items) : 'any';
    return `list of ${single}`;
  }
  if (json.type === 'object') return 'section';
  const kind = KINDS.get(json.type) ?? json.type ?? 'any';
  return `${kind}${range(json)}${json.format === undefined ? '' : ` (${json.format})`}`;
}

function range(json: z.core.JSONSchema.BaseSchema): string {
  const low = json.minimum ?? json.minLength;
  const high = json.maximum ?? json.maxLength;
  const above = json.exclusiveMinimum;
  const below = json.exclusiveMaximum;
  const unit = json.type === 'string' ? ' characters' : '';
  const isLowReal = low !== undefined && low > Number.MIN_SAFE_INTEGER;
  const isHighReal = high !== undefined && high < Number.MAX_SAFE_INTEGER;
  if (isLowReal && isHighReal) return ` ${low} to ${high}${unit}`;
  const parts = [
    ...(isLowReal ? [`at least ${low}${unit}`] : []),
    ...(isHighReal ? [`at most ${high}${unit}`] : []),
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ];
  return parts.length === 0 ? '' : ` ${parts.join(' and ')}`;
}
