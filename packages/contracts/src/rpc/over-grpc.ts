import { AppError } from '@capstan/domain';
import {
  type ChannelCredentials,
  credentials,
  type Client as GrpcClient,
  type ServiceDefinition as GrpcServiceDefinition,
  Metadata,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import {
  type AnswerStream,
  type CallContext,
  type CallOptions,
  type Client,
  DEFAULT_TIMEOUT_MS,
  type Implementation,
  methodsOf,
  type ServiceDefinition,
  type StreamClient,
  type UsableMethod,
} from './api.ts';
import { LastingClient } from './lasting-client.ts';
import { errorFromHeaders, errorToHeaders } from './rpc-error.ts';

/** A service ready to be added to a gRPC server. */
export interface GrpcService {
  readonly definition: GrpcServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

type AnyUnary = (request: unknown, context: CallContext) => Promise<unknown>;
type AnyStream = (request: unknown, context: CallContext) => AsyncIterable<unknown>;

/** Turns the implementation of a service into what a gRPC server takes: unary and server-streaming methods. */
export function grpcService<D extends ServiceDefinition>(
  definition: D,
  grpcDefinition: GrpcServiceDefinition,
  implementation: Implementation<D>,
): GrpcService {
  const methods = implementation as unknown as Readonly<Record<string, AnyUnary & AnyStream>>;
  const served: UntypedServiceImplementation = {};
  for (const method of methodsOf(definition)) {
    const run = methods[method.key];
    if (run === undefined) continue;
    const bound = run.bind(implementation) as AnyUnary & AnyStream;
    served[method.key] = method.responseStream ? streamHandler(bound) : unaryHandler(bound);
  }
  return { definition: grpcDefinition, implementation: served };
}

function unaryHandler(run: AnyUnary) {
  return (call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>): void => {
    const stop = new AbortController();
    call.on('cancelled', () => stop.abort());
    run(call.request, contextOf(call, stop.signal)).then(
      (response) => callback(null, response),
      (error: unknown) => callback(toServiceError(error)),
    );
  };
}

function streamHandler(run: AnyStream) {
  return async (call: ServerWritableStream<unknown, unknown>): Promise<void> => {
    const stop = new AbortController();
    call.on('cancelled', () => stop.abort());
    try {
      for await (const answer of run(call.request, contextOf(call, stop.signal))) {
        if (stop.signal.aborted) return;
        if (!call.write(answer)) await drained(call, stop.signal);
      }
      call.end();
    } catch (error) {
      if (!stop.signal.aborted) call.emit('error', toServiceError(error));
    }
  };
}

function drained(call: ServerWritableStream<unknown, unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    call.on('drain', done);
    signal.addEventListener('abort', done);
  });
}

function contextOf(
  call: { metadata: Metadata; getDeadline(): Date | number },
  signal: AbortSignal,
): CallContext {
  const deadline = Number(call.getDeadline());
  const timeoutMs = Number.isFinite(deadline)
    ? Math.max(0, deadline - Date.now())
    : DEFAULT_TIMEOUT_MS;
  return { timeoutMs, headers: headersOf(call.metadata), signal };
}

function headersOf(metadata: Metadata): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata.getMap())) headers[key] = String(value);
  return headers;
}

/** Most characters of the plain text beside the typed error: for tools that do not know it. */
const DETAILS_MAX = 150;

function toServiceError(error: unknown): Partial<ServiceError> {
  const metadata = new Metadata();
  const headers = errorToHeaders(error);
  for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
  const code = error instanceof AppError ? statusOf(error) : status.INTERNAL;
  const details = error instanceof AppError ? error.why.slice(0, DETAILS_MAX) : 'internal error';
  return { code, details: details.toWellFormed(), metadata };
}

function statusOf(error: AppError): status {
  return error.retry === 'retryable' ? status.UNAVAILABLE : status.FAILED_PRECONDITION;
}

/** A connection to a service over gRPC. */
export interface GrpcConnection<D extends ServiceDefinition> {
  readonly client: Client<D>;
  readonly streams: StreamClient<D>;
  close(): void;
}

/**
 * Connects to a service over gRPC; reconnects by itself. Its methods reject like those of the bus client.
 * @param address `host:port`.
 * @param connectMs after how long a try to connect is given up for another; 3 s unless given.
 */
export function connectGrpc<D extends ServiceDefinition>(
  address: string,
  definition: D,
  channel: ChannelCredentials = credentials.createInsecure(),
  connectMs?: number,
): GrpcConnection<D> {
  const connection = new LastingClient(address, channel, connectMs);
  const unary: Record<string, unknown> = {};
  const streams: Record<string, unknown> = {};
  for (const method of methodsOf(definition)) {
    const path = `/${definition.fullName}/${method.name}`;
    if (method.responseStream) {
      streams[method.key] = (request: unknown) =>
        callStream(connection.current, path, method, request);
    } else {
      unary[method.key] = (request: unknown, options?: CallOptions) =>
        callUnary(connection.current, path, method, request, options);
    }
  }
  return {
    client: unary as unknown as Client<D>,
    streams: streams as unknown as StreamClient<D>,
    close: () => connection.close(),
  };
}

const serialize = (method: UsableMethod) => (message: unknown) =>
  Buffer.from(method.requestType.encode(message).finish());
const deserialize = (method: UsableMethod) => (data: Buffer) => method.responseType.decode(data);

function callUnary(
  connection: GrpcClient,
  path: string,
  method: UsableMethod,
  request: unknown,
  options: CallOptions = {},
): Promise<unknown> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(options.headers ?? {})) metadata.set(key, value);
  return new Promise((resolve, reject) => {
    connection.makeUnaryRequest(
      path,
      serialize(method),
      deserialize(method),
      request,
      metadata,
      { deadline: Date.now() + timeoutMs },
      (error, response) => {
        if (error === null) resolve(response);
        else reject(fromServiceError(error, path, timeoutMs));
      },
    );
  });
}

function callStream(
  connection: GrpcClient,
  path: string,
  method: UsableMethod,
  request: unknown,
): AnswerStream<unknown> {
  const call = connection.makeServerStreamRequest(
    path,
    serialize(method),
    deserialize(method),
    request,
  );
  let cancelled = false;
  // A stream that nobody reads yet must not bring the process down; whoever iterates sees the error.
  call.on('error', () => undefined);
  return {
    cancel: () => {
      cancelled = true;
      call.cancel();
    },
    async *[Symbol.asyncIterator]() {
      try {
        for await (const answer of call) yield answer as unknown;
      } catch (error) {
        if (!cancelled) throw fromServiceError(error as ServiceError, path, 0);
      }
    },
  };
}

function fromServiceError(error: ServiceError, path: string, timeoutMs: number): AppError {
  const typed = errorFromHeaders(error.metadata === undefined ? {} : headersOf(error.metadata));
  if (typed !== undefined) return typed;
  if (error.code === status.DEADLINE_EXCEEDED) {
    return new AppError({
      code: 'RPC.TIMEOUT',
      why: `${path} gave no answer within ${timeoutMs} ms.`,
      fix: 'Ask again; `capstan status` says whether the service is well.',
      retry: 'retryable',
      cause: error,
    });
  }
  return new AppError({
    code: 'RPC.UNAVAILABLE',
    why: `${path}: ${error.details ?? error.message}.`,
    fix: 'The service is not running or not connected; see `capstan status`.',
    retry: 'retryable',
    cause: error,
  });
}
