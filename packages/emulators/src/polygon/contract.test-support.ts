import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

interface Schema {
  readonly [key: string]: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
}

interface Operation {
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Schema;
  }[];
  readonly answers: Readonly<Record<string, Schema>>;
}

const { operations } = JSON.parse(
  readFileSync(new URL('./contract.json', import.meta.url), 'utf8'),
) as { readonly operations: Readonly<Record<string, Operation>> };

const ajv = new Ajv({ strict: false, coerceTypes: false, allErrors: true });
formats.default(ajv);
/** Texts of a query hold numbers and truths as texts. */
const queryAjv = new Ajv({ strict: false, coerceTypes: true });

/** Names of all operations of the vendor's contract, sorted. */
export const OPERATIONS = Object.values(operations)
  .map(({ path }) => path)
  .sort();

/** Returns the operation that a path means: the one with the fewest parameters. */
export function operationOf(pathname: string): string | undefined {
  const parts = decodeURIComponent(pathname).split('/');
  const fits = OPERATIONS.filter((path) => {
    const template = path.split('/');
    return (
      template.length === parts.length &&
      template.every((part, at) => part.startsWith('{') || part === parts[at])
    );
  });
  return fits.sort((a, b) => a.split('{').length - b.split('{').length)[0];
}

/** Returns what of a request the contract does not allow: parameters that it does not know, values of another type. */
export function requestProblems(address: string): readonly string[] {
  const url = new URL(address, 'http://vendor');
  const path = operationOf(url.pathname);
  if (path === undefined) return [`${url.pathname} is in no operation`];
  const { parameters = [] } = operations[`GET ${path}`] ?? {};
  return [...url.searchParams].flatMap(([name, value]) => {
    // The cursor is the vendor's own, and the key goes with any request.
    if (name === 'cursor' || name === 'apiKey') return [];
    const parameter = parameters.find((one) => one.name === name && one.in === 'query');
    if (parameter === undefined) return [`${path} knows no parameter '${name}'`];
    const validate = queryAjv.compile({ type: 'object', properties: { value: parameter.schema } });
    return validate({ value }) ? [] : [`${path}: '${name}' is '${value}'`];
  });
}

/** Returns what of an answer the contract does not allow: what is missing or of another type, and keys that it does not know. */
export function answerProblems(path: string, body: unknown): readonly string[] {
  const schema = operations[`GET ${path}`]?.answers['200'];
  if (schema === undefined) return [`${path} has no answer`];
  const validate = ajv.compile(schema);
  const wrong = validate(body)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  return [...wrong, ...keysBeyond(schema, body, '')];
}

function keysBeyond(schema: Schema, value: unknown, at: string): readonly string[] {
  if (Array.isArray(value)) {
    return schema.items === undefined
      ? []
      : value.flatMap((one, index) => keysBeyond(schema.items ?? {}, one, `${at}/${index}`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const parts = schema.allOf ?? [schema];
  const known = Object.assign({}, ...parts.map(({ properties = {} }) => properties)) as Readonly<
    Record<string, Schema>
  >;
  return Object.entries(value).flatMap(([key, inner]) => {
    const property = known[key];
    return property === undefined
      ? [`${at}/${key} is unknown`]
      : keysBeyond(property, inner, `${at}/${key}`);
  });
}
