import { type TimeUs, timeUs, US_PER_MINUTE } from '@capstan/domain';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { serveFlatFiles } from '../flat-files/flat-file-server.ts';
import { serveControl } from './control-routes.ts';
import { PolygonDesk } from './desk.ts';
import { type HttpFault, HttpFaults, type InjectedFault, refusalBody } from './faults.ts';
import { serveMarket } from './market-routes.ts';
import { PolygonRefusal } from './paging.ts';
import { serveReference } from './reference.ts';
import { CLUSTERS, type Cluster, minutesEnding, StreamCluster } from './stream-cluster.ts';
import { serveTicks } from './ticks.ts';
import { PolygonWorld, type WorldOptions } from './world.ts';

export interface PolygonEmulatorOptions {
  readonly world: WorldOptions;
  /** Where the vendor's clock stands at the start. */
  readonly nowUs: TimeUs;
  /** Keys that are good. */
  readonly keys?: readonly string[];
  readonly s3AccessKeyId?: string;
  /** 0, the default, for a free one. */
  readonly port?: number;
  /** How long a minute of its market lasts on the wall; it moves by the control alone where it is left out. */
  readonly minuteMs?: number;
  readonly authTimeoutMs?: number;
  readonly connectionsMax?: number;
}

/** What moves the emulator's market, and what makes it fail; over HTTP too, below `/_control`. */
export interface PolygonControl {
  readonly nowUs: TimeUs;
  /** Paths and queries that were asked, with keys taken out, in their order. */
  readonly requests: readonly string[];
  /** How keys came: in the header, or in the address, where logs see them. */
  readonly seenKeys: { readonly header: number; readonly query: number };
  /** Moves the clock on by minutes, and streams what happens in them. */
  advance(minutes: number): void;
  inject(fault: InjectedFault): void;
  clearFaults(): void;
  /** Answers are those of a delayed plan. */
  delay(isDelayed: boolean): void;
  /** Channels whose beginning the plan does not hold, such as `Q.`. */
  refuseChannels(prefixes: readonly string[]): void;
  /** The plan holds no flat files of days before a date. */
  refuseFilesBefore(date: string): void;
  /** The vendor writes a flat file again: its last row differs. */
  rewriteFile(key: string): void;
  stream(cluster: Cluster): StreamCluster;
  /** The key dies, or is good again. */
  setKey(key: string, isGood: boolean): void;
}

export interface PolygonEmulator {
  /** REST. */
  readonly url: string;
  /** WebSockets; a cluster's name follows. */
  readonly streamUrl: string;
  /** Flat files. */
  readonly s3Url: string;
  readonly world: PolygonWorld;
  readonly control: PolygonControl;
  close(): Promise<void>;
}

const AUTH_TIMEOUT_MS = 10_000;

/** Starts Polygon's REST, WebSockets and flat files over a seeded market, all on one port of the loopback. */
export async function startPolygonEmulator(
  options: PolygonEmulatorOptions,
): Promise<PolygonEmulator> {
  const world = new PolygonWorld(options.world);
  const desk = new PolygonDesk(world, options.nowUs);
  const faults = new HttpFaults();
  const keys = new Set(options.keys ?? ['demo-key']);
  const requests: string[] = [];
  let refused: readonly string[] = [];
  let planFrom = '';
  const seenKeys = { header: 0, query: 0 };
  const rewrites = new Map<string, number>();
  const settings = {
    keys,
    authTimeoutMs: options.authTimeoutMs ?? AUTH_TIMEOUT_MS,
    connectionsMax: options.connectionsMax ?? 1,
    refused: () => refused,
  };
  const clusters = new Map(
    CLUSTERS.map((name) => [name, new StreamCluster(name, world, settings)] as const),
  );
  const app = Fastify({ forceCloseConnections: true });
  await app.register(async (rest) => serveRest(rest, { desk, faults, keys, requests, seenKeys }));
  await app.register(async (files) =>
    serveFlatFiles(files, desk, {
      accessKeyId: options.s3AccessKeyId ?? 'demo-access',
      faults,
      planFrom: () => planFrom,
      rewrites,
      requests,
    }),
  );
  app.server.on('upgrade', (request, socket, head) => {
    const name = CLUSTERS.find((one) => request.url === `/${one}`);
    const cluster = name === undefined ? undefined : clusters.get(name);
    if (cluster === undefined) socket.destroy();
    else cluster.upgrade(request, socket, head);
  });
  const stream = (name: Cluster): StreamCluster => {
    const cluster = clusters.get(name);
    if (cluster === undefined) throw new RangeError(`no cluster ${name}`);
    return cluster;
  };
  const control: PolygonControl = {
    get nowUs() {
      return desk.clockUs();
    },
    requests,
    seenKeys,
    advance(minutes) {
      const fromUs = desk.clockUs();
      const toUs = fromUs + minutes * US_PER_MINUTE;
      for (const startUs of minutesEnding(fromUs, toUs)) {
        desk.setClock(timeUs(startUs + US_PER_MINUTE));
        for (const cluster of clusters.values()) cluster.minute(startUs);
      }
      desk.setClock(timeUs(toUs));
    },
    inject: (fault) => faults.inject(fault),
    clearFaults: () => faults.clear(),
    delay(isDelayed) {
      desk.isDelayed = isDelayed;
    },
    refuseChannels(prefixes) {
      refused = prefixes;
    },
    refuseFilesBefore(date) {
      planFrom = date;
    },
    rewriteFile(key) {
      rewrites.set(key, (rewrites.get(key) ?? 0) + 1);
    },
    stream,
    setKey(key, isGood) {
      if (isGood) keys.add(key);
      else keys.delete(key);
    },
  };
  await app.register(async (routes) => serveControl(routes, control));
  const url = await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  const pace =
    options.minuteMs === undefined
      ? undefined
      : setInterval(() => control.advance(1), options.minuteMs);
  return {
    url,
    streamUrl: url.replace('http', 'ws'),
    s3Url: url,
    world,
    control,
    async close() {
      clearInterval(pace);
      for (const cluster of clusters.values()) cluster.close();
      await app.close();
    },
  };
}

interface RestParts {
  readonly desk: PolygonDesk;
  readonly faults: HttpFaults;
  readonly keys: ReadonlySet<string>;
  readonly requests: string[];
  readonly seenKeys: { header: number; query: number };
}

function serveRest(app: FastifyInstance, parts: RestParts): void {
  const { desk, faults, keys, requests, seenKeys } = parts;
  const met = new WeakMap<FastifyRequest, HttpFault>();
  app.addHook('onRequest', async (request, reply) => {
    const key = keyOf(request);
    requests.push(withoutKey(request.url));
    if (request.headers.authorization !== undefined) seenKeys.header += 1;
    if ('apiKey' in (request.query as object)) seenKeys.query += 1;
    const fault = faults.take(request.url);
    if (fault?.kind === 'hang') return new Promise<never>(() => undefined);
    if (fault?.kind === 'status') return reply.code(fault.status).send(refusalBody(fault.status));
    if (fault !== undefined) met.set(request, fault);
    if (key !== undefined && keys.has(key)) return undefined;
    return reply.code(401).send(refusalBody(401));
  });
  app.addHook('preSerialization', async (request, _reply, body) =>
    spoilt(body as Readonly<Record<string, unknown>>, met.get(request)),
  );
  app.addHook('onSend', async (request, _reply, text) =>
    met.get(request)?.kind === 'truncated' ? String(text).slice(0, -20) : text,
  );
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof PolygonRefusal ? error.status : 500;
    const text = error instanceof Error ? error.message : String(error);
    return reply.code(status).send(refusalBody(status, text));
  });
  serveMarket(app, desk);
  serveTicks(app, desk);
  serveReference(app, desk);
}

function spoilt(
  body: Readonly<Record<string, unknown>>,
  fault: HttpFault | undefined,
): Readonly<Record<string, unknown>> {
  if (fault?.kind === 'noResults') {
    const { results: _results, ...rest } = body;
    return rest;
  }
  const next = body.next_url;
  if (fault?.kind !== 'foreignNext' || typeof next !== 'string') return body;
  return { ...body, next_url: next.replace(/^http:\/\/[^/]+/, fault.origin) };
}

function keyOf(request: FastifyRequest): string | undefined {
  const { apiKey } = request.query as { readonly apiKey?: string };
  return apiKey ?? /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
}

/** The path and query without the key, as a careful vendor would log it. */
function withoutKey(path: string): string {
  const url = new URL(path, 'http://emulator');
  url.searchParams.delete('apiKey');
  return `${url.pathname}${url.search}`;
}
