import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fault } from '../../control/faults.ts';
import type { RequestJournal } from '../../control/request-journal.ts';
import type { EmulatorContext } from '../emulator-context.ts';
import { Refusal } from '../refusal.ts';
import type { TradingAccount } from '../trading/trading-account.ts';
import { derivedUuid } from '../wire-text.ts';
import { RateWindows } from './rate-windows.ts';

declare module 'fastify' {
  interface FastifyRequest {
    account: TradingAccount;
    fault: Fault | undefined;
  }
}

/** Requests a minute that an account may make of each host. */
export interface RequestLimits {
  readonly trading: number;
  readonly data: number;
}

const FAULTS_OF_REQUESTS = [
  'status',
  'truncatedJson',
  'truncatedPage',
  'emptyPage',
  'slow',
  'dropBefore',
  'dropAfter',
] as const;
const CONTROL = '/_control';

const isData = (url: string): boolean => /^\/(v2\/stocks|v1beta|v1\/corporate-actions)/.test(url);

/**
 * Stands before all routes: who asks, how often, and what is to go wrong. Every answer has a request id and says what is left of the
 * minute.
 */
export function addRequestGuard(
  app: FastifyInstance,
  context: EmulatorContext,
  journal: RequestJournal,
  limits: RequestLimits,
): void {
  const windows = new RateWindows(() => Date.now());
  let requests = 0;
  app.decorateRequest('account');
  app.decorateRequest('fault');
  app.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith(CONTROL)) return;
    requests += 1;
    reply.header('x-request-id', derivedUuid('request', requests));
    const path = request.url.split('?')[0] ?? '';
    const { faults } = context;
    request.fault = faults.useOfRequest(FAULTS_OF_REQUESTS, request.method, path);
    await before(request, request.fault);
    const account = context.keys.ofHeaders(request.headers);
    if (account === undefined) throw new Refusal(401, { message: 'unauthorized.' });
    request.account = account;
    const kind = isData(path) ? 'data' : 'trading';
    limit(reply, windows.take(`${kind} ${account.settings.accountId}`, limits[kind]));
    context.now();
  });
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.url.startsWith(CONTROL)) return payload;
    journal.add(request, reply.statusCode);
    return after(request, reply, payload);
  });
  app.setErrorHandler(async (error, _request, reply) => {
    const { status, body } = refusalOf(error);
    const retry = body.retry_after;
    if (retry !== undefined) reply.header('retry-after', String(retry));
    await reply.code(status).send(body);
  });
  app.setNotFoundHandler(async (_request, reply) => {
    await reply.code(404).send({ code: 40410000, message: 'endpoint not found' });
  });
}

async function before(request: FastifyRequest, fault: Fault | undefined): Promise<void> {
  if (fault?.kind === 'slow') await sleep(fault.delayMs);
  if (fault?.kind === 'dropBefore') {
    request.raw.socket.destroy();
    // Nothing of it is done; nobody is there to read why.
    throw new Refusal(503, { code: 50_300_000, message: 'the connection ended' });
  }
  if (fault?.kind !== 'status') return;
  const { status, message, retryAfterSeconds } = fault;
  const retry = retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds };
  const code = status === 429 ? 42910000 : status * 100_000;
  throw new Refusal(status, {
    code,
    message: message ?? STATUS_TEXT[status] ?? 'failed',
    ...retry,
  });
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  401: 'unauthorized.',
  403: 'forbidden.',
  429: 'rate limit exceeded',
  500: 'internal server error occurred',
  503: 'service unavailable',
};

function after(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const { fault } = request;
  const { socket } = request.raw;
  if (fault?.kind === 'dropAfter') socket.destroy();
  if (typeof payload !== 'string' || fault === undefined) return payload;
  const half = payload.slice(0, Math.floor(payload.length / 2));
  if (fault.kind === 'truncatedJson') {
    reply.header('content-length', Buffer.byteLength(half));
    return half;
  }
  if (fault.kind !== 'truncatedPage') return payload;
  // The headers promise the whole answer; the connection ends in its middle.
  reply.header('content-length', Buffer.byteLength(payload));
  return Readable.from(brokenOff(half, socket));
}

async function* brokenOff(text: string, socket: Socket): AsyncGenerator<string> {
  yield text;
  socket.destroy();
}

function limit(
  reply: FastifyReply,
  window: { readonly limit: number; readonly left: number; readonly resetAtS: number },
): void {
  reply.header('x-ratelimit-limit', String(window.limit));
  reply.header('x-ratelimit-remaining', String(Math.max(0, window.left)));
  reply.header('x-ratelimit-reset', String(window.resetAtS));
  if (window.left >= 0) return;
  const seconds = Math.max(1, window.resetAtS - Math.floor(Date.now() / 1_000));
  reply.header('retry-after', String(seconds));
  throw new Refusal(429, { code: 42910000, message: 'rate limit exceeded' });
}

function refusalOf(error: unknown): Pick<Refusal, 'status' | 'body'> {
  if (error instanceof Refusal) return error;
  const status = (error as { statusCode?: number }).statusCode;
  if (status !== undefined && status < 500) {
    return { status, body: { code: 40010000, message: (error as Error).message } };
  }
  console.error(error);
  return { status: 500, body: { code: 50010000, message: 'internal server error occurred' } };
}
