import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { portTaken } from './port-taken.ts';
import { sameSecret } from './same-secret.ts';
import { problemsOf, type StackStatus } from './stack-status.ts';

const PORT_KEY = "'supervisor.httpPort' to another port, or to 0 for any";

/** What the supervisor's own HTTP server asks of it. */
export interface SupervisorHttpOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly shutdownToken: string;
  /** How long the bots' shutdown rules may take, in milliseconds. */
  readonly windDownMs: number;
  status(): StackStatus;
  /** Begins the operator's stop; does not wait for its end. */
  shutdown(): void;
}

/** The supervisor's own HTTP server, on the loopback interface. */
export interface SupervisorHttp {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `GET /health` (200 when all is well, else 503 naming what is not) and `POST /shutdown?token=…`.
 * @throws EMBEDDED.PORT_TAKEN naming the holder.
 */
export async function startSupervisorHttp(options: SupervisorHttpOptions): Promise<SupervisorHttp> {
  const server = createServer((request, response) => handle(options, request, response));
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(options.port, '127.0.0.1', listening.resolve);
  try {
    await listening.promise;
  } catch (cause) {
    throw await portTaken({ port: options.port, server: 'The supervisor', key: PORT_KEY }, cause);
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function handle(
  options: SupervisorHttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  request.resume();
  const { status, body, andThen } = answerTo(options, request);
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
  andThen?.();
}

interface Answer {
  readonly status: number;
  readonly body: object;
  /** What is done once the answer is written. */
  readonly andThen?: () => void;
}

function answerTo(options: SupervisorHttpOptions, request: IncomingMessage): Answer {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const { method } = request;
  if (url.pathname === '/health') {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { error: 'only GET' } };
    const status = options.status();
    const problems = problemsOf(status);
    const healthy = problems.length === 0;
    return { status: healthy ? 200 : 503, body: { healthy, problems, ...status } };
  }
  if (url.pathname !== '/shutdown') {
    return { status: 404, body: { error: `nothing at ${url.pathname}` } };
  }
  if (method !== 'POST') return { status: 405, body: { error: 'only POST' } };
  const token = url.searchParams.get('token') ?? '';
  if (!sameSecret(token, options.shutdownToken)) {
    return { status: 403, body: { error: 'the token is missing or wrong' } };
  }
  return {
    status: 202,
    body: { stopping: true, windDownMs: options.windDownMs },
    andThen: options.shutdown,
  };
}
