/** How a message type is turned into bytes and back; the shape of generated message objects. */
export interface MessageCodec<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(data: Uint8Array): Message;
}

/** A method of a generated service definition. */
export interface MethodDefinition {
  readonly name: string;
  // The generated codecs are invariant in their message: only `never` and `unknown` together admit all of them.
  readonly requestType: MessageCodec<never> | MessageCodec<unknown>;
  readonly responseType: MessageCodec<never> | MessageCodec<unknown>;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

/** A generated service definition (`outputServices=generic-definitions`). */
export interface ServiceDefinition {
  readonly name: string;
  readonly fullName: string;
  readonly methods: Readonly<Record<string, MethodDefinition>>;
}

/** What a call carries beside its request. */
export interface CallContext {
  /** Milliseconds that the caller will still wait. */
  readonly timeoutMs: number;
  /** Trace context and correlation id. Keys are lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal;
}

type Message<Codec> = Codec extends { decode(data: Uint8Array): infer M } ? M : never;

type UnaryKeys<D extends ServiceDefinition> = {
  [K in keyof D['methods']]: D['methods'][K]['responseStream'] extends false ? K : never;
}[keyof D['methods']];

type StreamKeys<D extends ServiceDefinition> = Exclude<keyof D['methods'], UnaryKeys<D>>;

type Request<D extends ServiceDefinition, K extends keyof D['methods']> = Message<
  D['methods'][K]['requestType']
>;
type Response<D extends ServiceDefinition, K extends keyof D['methods']> = Message<
  D['methods'][K]['responseType']
>;

/** The unary methods of a service as its implementation writes them. */
export type UnaryImplementation<D extends ServiceDefinition> = {
  readonly [K in UnaryKeys<D>]: (
    request: Request<D, K>,
    context: CallContext,
  ) => Promise<Response<D, K>>;
};

/** The server-streaming methods of a service as its implementation writes them. */
export type StreamImplementation<D extends ServiceDefinition> = {
  readonly [K in StreamKeys<D>]: (
    request: Request<D, K>,
    context: CallContext,
  ) => AsyncIterable<Response<D, K>>;
};

/** Everything a service implements. */
export type Implementation<D extends ServiceDefinition> = UnaryImplementation<D> &
  StreamImplementation<D>;

/** What a caller may say of a call. */
export interface CallOptions {
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The unary methods of a service as its callers see them, whatever the transport. */
export type Client<D extends ServiceDefinition> = {
  readonly [K in UnaryKeys<D>]: (
    request: Request<D, K>,
    options?: CallOptions,
  ) => Promise<Response<D, K>>;
};

/** A stream of answers that can be ended. */
export interface AnswerStream<T> extends AsyncIterable<T> {
  cancel(): void;
}

/** The server-streaming methods of a service as its callers see them: over gRPC only. */
export type StreamClient<D extends ServiceDefinition> = {
  readonly [K in StreamKeys<D>]: (request: Request<D, K>) => AnswerStream<Response<D, K>>;
};

/** A method with its codecs made usable; the one place where the generated invariance is loosened. */
export interface UsableMethod {
  readonly key: string;
  readonly name: string;
  readonly responseStream: boolean;
  readonly requestType: MessageCodec<unknown>;
  readonly responseType: MessageCodec<unknown>;
}

/** Lists the methods of a definition that take one request. */
export function methodsOf(definition: ServiceDefinition): readonly UsableMethod[] {
  return Object.entries(definition.methods)
    .filter(([, method]) => !method.requestStream)
    .map(([key, method]) => ({
      key,
      name: method.name,
      responseStream: method.responseStream,
      requestType: method.requestType as MessageCodec<unknown>,
      responseType: method.responseType as MessageCodec<unknown>,
    }));
}

/** Time that a call waits for its answer unless told otherwise. */
export const DEFAULT_TIMEOUT_MS = 5_000;
