import { type ChannelCredentials, Client, connectivityState } from '@grpc/grpc-js';

/** A try to connect that is older than this is given up, and another begun. */
const CONNECT_MS = 3_000;

const OPTIONS = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
  // A new channel would otherwise take up the hanging try of the one before.
  'grpc.use_local_subchannel_pool': 1,
} as const;

/**
 * A gRPC client whose tries to connect have a time limit. The library's own have none: where packets to an address are lost, as to a
 * pod that is just gone, or where a process takes connections and says nothing, it waits for as long as the kernel does, which is
 * two minutes or for ever, though another try would get through.
 */
export class LastingClient {
  readonly #address: string;
  readonly #credentials: ChannelCredentials;
  readonly #connectMs: number;
  #client: Client;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(address: string, credentials: ChannelCredentials, connectMs = CONNECT_MS) {
    this.#address = address;
    this.#credentials = credentials;
    this.#connectMs = connectMs;
    this.#client = this.#begin();
  }

  /** The one to call by now. */
  get current(): Client {
    return this.#client;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#client.close();
  }

  #begin(): Client {
    const isCurrent = (): boolean => !this.#isClosed && client === this.#client;
    const credentials = cutUnless(isCurrent, this.#credentials);
    const client: Client = new Client(this.#address, credentials, OPTIONS);
    this.#follow(client);
    return client;
  }

  /** The time runs from the first word of a connection that is not there until it is, whatever comes between. */
  #follow(client: Client): void {
    const channel = client.getChannel();
    const state = channel.getConnectivityState(false);
    if (state === connectivityState.SHUTDOWN) return;
    const isTrying =
      state === connectivityState.CONNECTING || state === connectivityState.TRANSIENT_FAILURE;
    if (!isTrying) this.#stopTimer();
    else this.#timer ??= setTimeout(() => this.#beginAnew(), this.#connectMs).unref();
    channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => {
      if (!this.#isClosed && client === this.#client) this.#follow(client);
    });
  }

  #beginAnew(): void {
    this.#stopTimer();
    const before = this.#client;
    this.#client = this.#begin();
    before.close();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * Cuts each connection that comes about when its client is closed already: the library takes no notice of it then, and both sides would
 * keep it for ever.
 */
function cutUnless(isWanted: () => boolean, credentials: ChannelCredentials): ChannelCredentials {
  const cutting = Object.create(credentials) as ChannelCredentials;
  cutting._createSecureConnector = (...about) => {
    const connector = credentials._createSecureConnector(...about);
    return {
      connect: async (socket) => {
        // Who is refused here ends the socket.
        if (!isWanted()) throw new Error('The try to connect was given up.');
        return connector.connect(socket);
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  };
  return cutting;
}
