/** JSON as it is parsed. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** A parameter of an operation. */
export interface ContractParameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: JsonObject;
}

/** What is kept of an operation: what it takes and what it answers, without a word of prose. */
export interface ContractOperation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly ContractParameter[];
  /** Schema of the request's body, where there is one. */
  readonly body?: JsonObject;
  /** Schemas of JSON answers, by status. */
  readonly answers: Readonly<Record<string, JsonObject>>;
}

/** Facts of a vendor's interface, and where they were taken from. */
export interface VendorContract {
  /** Title, version and server of the vendor's document. */
  readonly source: string;
  readonly licence: string;
  readonly extracted: string;
  readonly operations: Readonly<Record<string, ContractOperation>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
/** Keys of a schema that say what a value is. */
const FACTS = new Set([
  'type',
  'properties',
  'required',
  'items',
  'enum',
  'allOf',
  'anyOf',
  'oneOf',
  'additionalProperties',
  'nullable',
  'minimum',
  'maximum',
]);
/** Formats that text can be held against. */
const FORMATS = new Set(['date', 'date-time', 'uuid']);
/** How deep a schema may lie in itself. */
const DEPTH_MAX = 12;

/** Takes the operations of some paths out of an OpenAPI document. @throws RangeError naming a path that it does not have. */
export function extractOperations(
  document: JsonObject,
  paths: readonly string[],
): Readonly<Record<string, ContractOperation>> {
  const all = objectOf(document.paths);
  const found: Record<string, ContractOperation> = {};
  for (const path of paths) {
    const item = all[path];
    if (item === undefined) throw new RangeError(`the document has no path ${path}`);
    for (const method of METHODS) {
      const operation = objectOf(item)[method];
      if (operation === undefined) continue;
      const name = `${method.toUpperCase()} ${path}`;
      found[name] = operationOf(document, { path, method, item: objectOf(item) });
    }
  }
  return found;
}

/** Names a document by what it says of itself. */
export function sourceOf(document: JsonObject): string {
  const { title, version } = objectOf(document.info);
  const [server] = listOf(document.servers);
  const url = objectOf(server).url;
  return `OpenAPI document '${title}' ${version}${url === undefined ? '' : `, ${url}`}`;
}

function operationOf(
  document: JsonObject,
  {
    path,
    method,
    item,
  }: { readonly path: string; readonly method: string; readonly item: JsonObject },
): ContractOperation {
  const operation = objectOf(item[method]);
  const given = [...listOf(item.parameters), ...listOf(operation.parameters)];
  const parameters = given.map((one) => {
    const parameter = objectOf(resolved(document, one));
    return {
      name: String(parameter.name),
      in: String(parameter.in),
      required: parameter.required === true,
      schema: schemaOf(document, parameter.schema ?? {}, 0),
    };
  });
  const body = jsonSchema(document, operation.requestBody);
  const answers: Record<string, JsonObject> = {};
  for (const [status, answer] of Object.entries(objectOf(operation.responses))) {
    const schema = jsonSchema(document, answer);
    if (schema !== undefined) answers[status] = schema;
  }
  return {
    method: method.toUpperCase(),
    path,
    parameters,
    ...(body === undefined ? {} : { body }),
    answers,
  };
}

function jsonSchema(document: JsonObject, holder: Json | undefined): JsonObject | undefined {
  const content = objectOf(objectOf(resolved(document, holder ?? {})).content);
  const schema = objectOf(content['application/json']).schema;
  return schema === undefined ? undefined : schemaOf(document, schema, 0);
}

/** A schema without prose, references put in their place. */
function schemaOf(document: JsonObject, given: Json, depth: number): JsonObject {
  if (depth > DEPTH_MAX) return {};
  const schema = objectOf(resolved(document, given));
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (value === undefined) continue;
    if (key === 'format' && FORMATS.has(String(value))) kept[key] = value;
    if (!FACTS.has(key)) continue;
    if (key === 'properties') {
      kept[key] = Object.fromEntries(
        Object.entries(objectOf(value)).map(([name, one]) => [
          name,
          schemaOf(document, one ?? {}, depth + 1),
        ]),
      );
    } else if (key === 'items' || (key === 'additionalProperties' && typeof value === 'object')) {
      kept[key] = schemaOf(document, value, depth + 1);
    } else if (key === 'allOf' || key === 'anyOf' || key === 'oneOf') {
      kept[key] = listOf(value).map((one) => schemaOf(document, one, depth + 1));
    } else kept[key] = value;
  }
  return kept;
}

function resolved(document: JsonObject, given: Json): Json {
  const reference = objectOf(given).$ref;
  if (typeof reference !== 'string') return given;
  let found: Json | undefined = document;
  for (const part of reference.replace(/^#\//, '').split('/')) {
    found = objectOf(found)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  if (found === undefined) throw new RangeError(`the document has no ${reference}`);
  return resolved(document, found);
}

const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
