import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { HealthReport, HealthState } from './health.ts';
import { listenError } from './listen-error.ts';

/** Answers requests that are not the runtime's own. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** What the HTTP server of a service serves. */
export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly health: HealthState;
  /** Answers `/metrics`. */
  readonly serveMetrics: HttpHandler;
  /** Hides secrets in what the probes say. */
  readonly redact?: (text: string) => string;
}

/** The HTTP server of a service: `/health/live`, `/health/ready`, `/health/started`, `/metrics` and its own routes. */
export interface HttpServer {
  readonly port: number;
  /** Sets what answers every other path; without it they are 404. */
  handle(handler: HttpHandler): void;
  /** Stops accepting and ends idle connections; those at work are cut after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Starts the HTTP server of a service. @throws RUNTIME.PORT_TAKEN */
export async function startHttp(options: HttpServerOptions): Promise<HttpServer> {
  let custom: HttpHandler | undefined;
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path.startsWith('/health/') || path === '/metrics') {
      void serveOwn(path, options, request, response);
    } else if (custom !== undefined) custom(request, response);
    else answer(response, 404, JSON.stringify({ error: `nothing at ${path}` }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(listenError({ ...options, server: 'HTTP', key: 'server.httpPort' }, cause));
    });
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    handle: (handler) => {
      custom = handler;
    },
    stop: async (graceMs) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function serveOwn(
  path: string,
  options: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    answer(response, 405, JSON.stringify({ error: 'only GET' }));
  } else if (path === '/metrics') options.serveMetrics(request, response);
  else {
    const report = await reportFor(path, options.health);
    const redact = options.redact ?? ((text: string): string => text);
    if (report === undefined) answer(response, 404, JSON.stringify({ error: 'no such probe' }));
    else answer(response, report.ok ? 200 : 503, redact(JSON.stringify(report)));
  }
}

async function reportFor(path: string, health: HealthState): Promise<HealthReport | undefined> {
  if (path === '/health/live') return health.live();
  if (path === '/health/started') return health.started();
  return path === '/health/ready' ? health.ready() : undefined;
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(body);
}
