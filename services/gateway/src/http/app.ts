import type { Clock } from '@capstan/ports';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { notFound } from '../failure.ts';
import { badField } from '../fields.ts';
import type { Answer, Gateway, RawRequest } from '../gateway.ts';
import { LIMITS } from '../limits.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { notJson } from '../origin.ts';
import type { GatewaySettings } from '../ports.ts';
import { DashboardFiles, MISSING_PAGE } from './dashboard-files.ts';
import { stream } from './event-stream.ts';

/** What the HTTP side is made of. */
export interface AppParts {
  readonly gateway: Gateway;
  readonly hub: LiveHub;
  readonly clock: Pick<Clock, 'nowUs'>;
  /** The folder of the built page. */
  readonly dashboard: string;
  readonly settings: Pick<GatewaySettings, 'runId' | 'version'>;
}

/** Sent with every answer: the page may load and reach nothing but this server, and nothing may frame it. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
};

/** Makes the HTTP application: the API, the live events and the page. It listens nowhere by itself. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { gateway } = parts;
  const app = fastify({
    bodyLimit: LIMITS.bodyBytesMax,
    trustProxy: false,
    exposeHeadRoutes: false,
  });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (_, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  for (const route of gateway.routes) {
    app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => send(reply, await gateway.answer(route, raw(request))),
    });
  }
  app.get('/api/events', (request, reply) => events(parts, request, reply));
  servePage(app, gateway, new DashboardFiles(parts.dashboard));
  app.setNotFoundHandler((request, reply) => nothing(gateway, request, reply));
  app.setErrorHandler((error, request, reply) => {
    const answer = gateway.refusal(
      understood(error),
      `${request.method} ${request.routeOptions.url}`,
    );
    return send(reply, answer);
  });
  await app.ready();
  return app;
}

/** What the server itself would not take is the sender's mistake; the rest is a bug. */
function understood(error: unknown): unknown {
  const status = typeof error === 'object' && error !== null ? Reflect.get(error, 'statusCode') : 0;
  if (status === 413)
    return badField('body', `must not be larger than ${LIMITS.bodyBytesMax} bytes`);
  if (status === 415) return notJson();
  return status === 400 ? badField('body', 'must be JSON') : error;
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.header('cache-control', 'no-store');
  if ('retryAfterSeconds' in answer && answer.retryAfterSeconds !== undefined) {
    reply.header('retry-after', answer.retryAfterSeconds);
  }
  if (answer.status === 401) reply.header('www-authenticate', 'Bearer realm="capstan"');
  return reply.code(answer.status).send(answer.body);
}

function raw(request: FastifyRequest): RawRequest {
  const params = request.params as Readonly<Record<string, string>>;
  const headers = Object.entries(request.headers).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value] as const,
  );
  return {
    method: request.method,
    id: params.id ?? '',
    query: request.query,
    body: request.body,
    remoteAddress: request.socket.remoteAddress ?? '',
    headers: Object.fromEntries(headers),
  };
}

async function events(
  parts: AppParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { gateway, hub, clock, settings } = parts;
  try {
    const token: unknown = (request.query as Readonly<Record<string, unknown>>).token;
    const who = await gateway.admit(raw(request), typeof token === 'string' ? token : undefined);
    const { runId, version } = settings;
    const viewer = hub.join({ ...who, runId, version, nowUs: clock.nowUs() });
    reply.hijack();
    void stream(reply.raw, viewer, SECURITY_HEADERS).finally(() => hub.leave(viewer));
    return reply;
  } catch (error) {
    return send(reply, gateway.refusal(error, 'GET /api/events'));
  }
}

function nothing(gateway: Gateway, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?')[0] ?? '/';
  return send(reply, gateway.refusal(notFound(`address ${path}`), path));
}

function servePage(app: FastifyInstance, gateway: Gateway, files: DashboardFiles): void {
  const page = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = request.url.split('?')[0] ?? '/';
    const file = files.get(path);
    if (file === undefined) {
      if (path !== '/') return nothing(gateway, request, reply);
      return reply.code(503).type('text/html; charset=utf-8').send(MISSING_PAGE);
    }
    const keep = file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache';
    reply.headers({ etag: file.etag, 'cache-control': keep, vary: 'accept-encoding' });
    if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
    reply.type(file.type);
    if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
      return reply.send(file.body);
    }
    return reply.header('content-encoding', 'gzip').send(file.gzipped);
  };
  app.get('/', page);
  app.get('/assets/*', page);
  app.get('/favicon.svg', page);
}
