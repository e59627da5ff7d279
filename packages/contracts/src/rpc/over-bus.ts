import { AppError, hasCode } from '@capstan/domain';
import type { Reply, Requests } from '@capstan/ports';
import { subjects } from '../subjects.ts';
import {
  type CallOptions,
  type Client,
  DEFAULT_TIMEOUT_MS,
  methodsOf,
  type ServiceDefinition,
  type UnaryImplementation,
  type UsableMethod,
} from './api.ts';
import { errorFromHeaders, errorToHeaders } from './rpc-error.ts';

const TIMEOUT_HEADER = 'capstan-timeout-ms';

type AnyMethod = (request: unknown, context: unknown) => Promise<unknown>;

/**
 * Answers a service's unary methods over the bus, as one of its queue group.
 * @returns how to stop.
 */
export async function serveOverBus<D extends ServiceDefinition>(
  requests: Requests,
  definition: D,
  implementation: UnaryImplementation<D>,
): Promise<{ close(): Promise<void> }> {
  const methods = implementation as unknown as Readonly<Record<string, AnyMethod>>;
  const served: { close(): Promise<void> }[] = [];
  for (const method of methodsOf(definition).filter((one) => !one.responseStream)) {
    const run = methods[method.key];
    if (run === undefined) continue;
    const subject = subjects.rpc(definition.fullName, method.name);
    const handler = (data: Uint8Array, headers: Readonly<Record<string, string>>) =>
      answer(
        method,
        (request, context) => run.call(implementation, request, context),
        data,
        headers,
      );
    served.push(await requests.serve(subject, definition.fullName, handler));
  }
  return {
    close: async () => {
      for (const one of served) await one.close();
    },
  };
}

async function answer(
  method: UsableMethod,
  run: AnyMethod,
  data: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> {
  try {
    const timeoutMs = Number(headers[TIMEOUT_HEADER] ?? DEFAULT_TIMEOUT_MS);
    const context = { timeoutMs, headers, signal: new AbortController().signal };
    const response = await run(method.requestType.decode(data), context);
    return { data: method.responseType.encode(response).finish(), headers: {} };
  } catch (error) {
    return { data: new Uint8Array(), headers: errorToHeaders(error) };
  }
}

/**
 * Makes a client of a service's unary methods over the bus. Its methods reject with the service's own typed errors, or with
 * RPC.TIMEOUT, RPC.UNAVAILABLE.
 */
export function busClient<D extends ServiceDefinition>(
  requests: Requests,
  definition: D,
): Client<D> {
  const entries = methodsOf(definition)
    .filter((method) => !method.responseStream)
    .map((method) => {
      const subject = subjects.rpc(definition.fullName, method.name);
      const call = async (request: unknown, options: CallOptions = {}): Promise<unknown> => {
        const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
        const data = method.requestType.encode(request).finish();
        const headers = { ...options.headers, [TIMEOUT_HEADER]: String(timeoutMs) };
        const reply = await ask(requests, subject, data, { timeoutMs, headers });
        const error = errorFromHeaders(reply.headers);
        if (error !== undefined) throw error;
        return method.responseType.decode(reply.data);
      };
      return [method.key, call] as const;
    });
  return Object.fromEntries(entries) as unknown as Client<D>;
}

async function ask(
  requests: Requests,
  subject: string,
  data: Uint8Array,
  options: { timeoutMs: number; headers: Record<string, string> },
): Promise<Reply> {
  try {
    return await requests.request(subject, data, options);
  } catch (error) {
    if (hasCode(error, 'BUS.TIMEOUT')) {
      throw new AppError({
        code: 'RPC.TIMEOUT',
        why: `${subject} gave no answer within ${options.timeoutMs} ms.`,
        fix: 'Ask again; `capstan status` says whether the service is well.',
        retry: 'retryable',
        cause: error,
      });
    }
    if (hasCode(error, 'BUS.NO_RESPONDER') || hasCode(error, 'BUS.UNAVAILABLE')) {
      throw new AppError({
        code: 'RPC.UNAVAILABLE',
        why: `nobody answers ${subject}.`,
        fix: 'The service is not running or not connected; see `capstan status`.',
        retry: 'retryable',
        cause: error,
      });
    }
    throw error;
  }
}
