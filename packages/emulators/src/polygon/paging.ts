import type { FastifyRequest } from 'fastify';

/** A query as texts; a key that comes twice counts once. */
export type Query = Readonly<Record<string, string>>;

/** A question that may be a later page of another. */
export interface PagedQuery {
  readonly query: Query;
  /** Where the page begins; what it counts is the endpoint's own. */
  readonly from: number;
}

/** A refusal with the vendor's status and text. */
export class PolygonRefusal extends Error {
  readonly status: number;
  constructor(status: number, text: string) {
    super(text);
    this.name = 'PolygonRefusal';
    this.status = status;
  }
}

/** Reads the query, that of the first page where a cursor is given. */
export function pagedQuery(request: FastifyRequest): PagedQuery {
  const given = request.query as Query;
  const { cursor } = given;
  if (cursor === undefined) return { query: given, from: 0 };
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as PagedQuery;
  } catch {
    throw new PolygonRefusal(400, 'The cursor is not valid.');
  }
}

/** Returns the address of a next page: at the emulator's own origin, and without the key. */
export function nextUrl(request: FastifyRequest, query: Query, from: number): string {
  const { apiKey: _key, ...rest } = query;
  const cursor = Buffer.from(JSON.stringify({ query: rest, from })).toString('base64url');
  const path = request.url.split('?')[0] ?? '';
  return `http://${request.headers.host}${path}?cursor=${cursor}`;
}

/** Reads `limit` within the endpoint's bounds. */
export function limitOf(query: Query, byDefault: number, most: number): number {
  const limit = Number(query.limit ?? byDefault);
  if (Number.isInteger(limit) && limit > 0 && limit <= most) return limit;
  throw new PolygonRefusal(400, `'limit' must be a whole number from 1 to ${most}.`);
}

/** A page of rows that are all known, and where the next begins. */
export function pageOf<T>(
  request: FastifyRequest,
  rows: readonly T[],
  limits: { readonly byDefault: number; readonly most: number },
): { readonly rows: readonly T[]; readonly next?: string } {
  const { query, from } = pagedQuery(request);
  const limit = limitOf(query, limits.byDefault, limits.most);
  const page = rows.slice(from, from + limit);
  const after = from + page.length;
  return after < rows.length
    ? { rows: page, next: nextUrl(request, query, after) }
    : { rows: page };
}

/** Tells whether a value passes `key`, `key.gte`, `key.gt`, `key.lte` and `key.lt` of a query. */
export function passes(
  query: Query,
  key: string,
  value: string | number,
  read: (text: string) => string | number = (text) => text,
): boolean {
  const bound = (suffix: string) => {
    const text = query[`${key}${suffix}`];
    return text === undefined || text === '' ? undefined : read(text);
  };
  const is = bound('');
  const gte = bound('.gte');
  const gt = bound('.gt');
  const lte = bound('.lte');
  const lt = bound('.lt');
  return (
    (is === undefined || value === is) &&
    (gte === undefined || value >= gte) &&
    (gt === undefined || value > gt) &&
    (lte === undefined || value <= lte) &&
    (lt === undefined || value < lt)
  );
}
