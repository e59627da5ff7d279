import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PolygonDesk } from '../polygon/desk.ts';
import type { HttpFaults } from '../polygon/faults.ts';
import { type DayFile, datesBetween, dayFile, isReady, keyText, readKey } from './day-files.ts';

export const FLAT_FILES_BUCKET = 'flatfiles';

export interface FlatFileSettings {
  /** The access key that is good; its signature is not looked at. */
  readonly accessKeyId: string;
  readonly faults: HttpFaults;
  /** The first date that the plan holds; older files are refused with 403. */
  readonly planFrom: () => string;
  /** How often a file has been written again, by key. */
  readonly rewrites: ReadonlyMap<string, number>;
  /** What was asked, in its order. */
  readonly requests: string[];
}

const MARKETS = ['us_stocks_sip', 'us_options_opra'] as const;
const SETS = ['minute_aggs_v1', 'day_aggs_v1', 'trades_v1', 'quotes_v1'] as const;
const LIST_MAX = 1_000;

interface S3Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const FAILURES: Readonly<Record<number, S3Failure>> = {
  403: { status: 403, code: 'AccessDenied', message: 'Access Denied' },
  404: { status: 404, code: 'NoSuchKey', message: 'The specified key does not exist.' },
  500: { status: 500, code: 'InternalError', message: 'We encountered an internal error.' },
  503: { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
};

/** Serves a bucket of day files as S3 does, path style. */
export function serveFlatFiles(
  app: FastifyInstance,
  desk: PolygonDesk,
  settings: FlatFileSettings,
): void {
  const broken = new WeakSet<FastifyRequest>();
  const etags = new Etags(desk, settings.rewrites);
  app.addHook('onRequest', async (request, reply) => {
    settings.requests.push(request.url);
    const fault = settings.faults.take(request.url);
    if (fault?.kind === 'hang') return new Promise<never>(() => undefined);
    if (fault?.kind === 'truncated') broken.add(request);
    if (fault?.kind === 'status') return fail(reply, fault.status);
    const credential = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
    return credential === settings.accessKeyId ? undefined : fail(reply, 403);
  });
  app.get(`/${FLAT_FILES_BUCKET}`, (request, reply) => list(request, reply, etags, desk));
  app.get(`/${FLAT_FILES_BUCKET}/`, (request, reply) => list(request, reply, etags, desk));
  // A GET route answers HEAD too: the same without the body.
  app.get(`/${FLAT_FILES_BUCKET}/*`, (request, reply) => {
    const key = (request.params as Readonly<Record<string, string>>)['*'] ?? '';
    const named = readKey(key);
    if (named !== undefined && named.date < settings.planFrom()) return fail(reply, 403);
    if (named === undefined || !isReady(desk.world, named.date, desk.clockUs())) {
      return fail(reply, 404);
    }
    const file = dayFile(desk.world, named, settings.rewrites.get(key) ?? 0);
    return sendFile(reply, file, broken.has(request));
  });
}

function sendFile(reply: FastifyReply, file: DayFile, isBroken: boolean): FastifyReply {
  const { body, etag } = file;
  // What the header says of the length is not kept: the connection ends in the middle.
  if (isBroken) {
    reply.raw.writeHead(200, { etag, 'content-length': body.length });
    reply.raw.write(body.subarray(0, body.length >> 1), () => reply.raw.destroy());
    return reply.hijack();
  }
  return reply
    .header('etag', etag)
    .header('content-type', 'application/gzip')
    .header('last-modified', 'Thu, 01 Jan 2026 16:00:00 GMT')
    .send(body);
}

/** What versions of files are called: known once a file was made. */
class Etags {
  readonly #desk: PolygonDesk;
  readonly #rewrites: ReadonlyMap<string, number>;
  readonly #known = new Map<string, string>();

  constructor(desk: PolygonDesk, rewrites: ReadonlyMap<string, number>) {
    this.#desk = desk;
    this.#rewrites = rewrites;
  }

  of(key: string): string {
    const version = `${key} ${this.#rewrites.get(key) ?? 0}`;
    const named = readKey(key);
    if (named === undefined) return '';
    const known = this.#known.get(version);
    if (known !== undefined) return known;
    const { etag } = dayFile(this.#desk.world, named, this.#rewrites.get(key) ?? 0);
    this.#known.set(version, etag);
    return etag;
  }
}

function list(
  request: FastifyRequest,
  reply: FastifyReply,
  etags: Etags,
  desk: PolygonDesk,
): FastifyReply {
  const query = request.query as Readonly<Record<string, string>>;
  const prefix = query.prefix ?? '';
  const after = query['continuation-token'] ?? query['start-after'] ?? '';
  const most = Math.min(Number(query['max-keys'] ?? LIST_MAX), LIST_MAX);
  const keys = keysOf(desk).filter((key) => key.startsWith(prefix) && key > after);
  const page = keys.slice(0, most);
  const isTruncated = keys.length > page.length;
  const contents = page.map(
    (key) =>
      `<Contents><Key>${key}</Key><LastModified>2026-01-01T16:00:00.000Z</LastModified>` +
      `<ETag>${etags.of(key).replaceAll('"', '&quot;')}</ETag>` +
      '<Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>',
  );
  const token = `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>`;
  return xml(
    reply.code(200),
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${FLAT_FILES_BUCKET}</Name>` +
      `<Prefix>${prefix}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${most}</MaxKeys>` +
      `<IsTruncated>${isTruncated}</IsTruncated>${isTruncated ? token : ''}${contents.join('')}</ListBucketResult>`,
  );
}

function keysOf(desk: PolygonDesk): readonly string[] {
  const { world } = desk;
  const dates = datesBetween(world.options.startDate, desk.today()).filter((date) =>
    isReady(world, date, desk.clockUs()),
  );
  return MARKETS.flatMap((market) =>
    SETS.flatMap((set) => dates.map((date) => keyText({ market, set, date }))),
  ).sort();
}

function fail(reply: FastifyReply, status: number): FastifyReply {
  const { code, message } = FAILURES[status] ?? { code: 'Error', message: 'Error' };
  return xml(
    reply.code(status),
    `<Error><Code>${code}</Code><Message>${message}</Message><RequestId>refused</RequestId></Error>`,
  );
}

const xml = (reply: FastifyReply, body: string): FastifyReply =>
  reply.type('application/xml').send(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`);
