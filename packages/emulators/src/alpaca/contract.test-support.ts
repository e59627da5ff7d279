import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: object;
  }[];
  readonly body?: object;
  readonly answers: Readonly<Record<string, object>>;
}

/** A request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly status: number;
  readonly answer: unknown;
}

const operations = ['trading-contract.json', 'market-data-contract.json'].flatMap((file) => {
  const text = readFileSync(new URL(`./${file}`, import.meta.url), 'utf8');
  const contract = JSON.parse(text) as { operations: Readonly<Record<string, Operation>> };
  return Object.values(contract.operations);
});

/** Operations of the vendor's documents, as `METHOD path`, sorted. */
export const OPERATIONS = operations.map(({ method, path }) => `${method} ${path}`).sort();

const ajv = new Ajv({ strict: false, allErrors: true });
/** Texts of a query hold numbers and truths as texts. */
const queryAjv = new Ajv({ strict: false, coerceTypes: true });
for (const one of [ajv, queryAjv]) formats.default(one);
const compiled = new Map<object, ValidateFunction>();

function validate(by: Ajv, schema: object): ValidateFunction {
  const known = compiled.get(schema) ?? by.compile(schema);
  compiled.set(schema, known);
  return known;
}

/** Finds the operation of a request: where several fit, the one with the fewest parameters in its path. */
export function operationOf(method: string, url: string): Operation | undefined {
  const parts = new URL(url, 'http://vendor').pathname.split('/');
  const fits = operations.filter((one) => {
    const template = one.path.split('/');
    return (
      one.method === method &&
      template.length === parts.length &&
      template.every((part, at) => part.startsWith('{') || part === parts[at])
    );
  });
  return fits.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
}

/** Returns what of a request and its answer the vendor's documents do not allow. */
export function problemsOf({ method, url, body, status, answer }: Exchange): readonly string[] {
  const operation = operationOf(method, url);
  if (operation === undefined) return [`${method} ${url} is in no document`];
  const name = `${method} ${operation.path}`;
  const wrong = (schema: object, value: unknown, what: string): readonly string[] => {
    const check = validate(ajv, schema);
    if (check(value)) return [];
    return (check.errors ?? []).map(
      ({ instancePath, message }) => `${name} ${what}${instancePath} ${message}`,
    );
  };
  const schema = operation.answers[String(status)];
  return [
    ...queryProblems(operation, url),
    ...(operation.body === undefined ? [] : wrong(operation.body, body, 'body')),
    ...(schema === undefined ? [] : wrong(schema, answer, 'answer')),
    ...(schema === undefined && answer !== undefined && status < 400
      ? [`${name} has no answer ${status}`]
      : []),
  ];
}

function queryProblems({ method, path, parameters }: Operation, url: string): readonly string[] {
  const { searchParams } = new URL(url, 'http://vendor');
  const known = parameters.filter((one) => one.in === 'query');
  const missing = known
    .filter(({ required, name }) => required && !searchParams.has(name))
    .map(({ name }) => `${method} ${path} misses '${name}'`);
  const wrong = [...searchParams].flatMap(([name, value]) => {
    const parameter = known.find((one) => one.name === name);
    if (parameter === undefined) return [`${method} ${path} knows no parameter '${name}'`];
    const schema = { type: 'object', properties: { value: parameter.schema } };
    return queryAjv.compile(schema)({ value })
      ? []
      : [`${method} ${path}: '${name}' is '${value}'`];
  });
  return [...missing, ...wrong];
}
