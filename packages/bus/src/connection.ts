import { AppError } from '@capstan/domain';
import type { Log } from '@capstan/ports';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { AuthorizationError, createInbox, PermissionViolationError } from '@nats-io/nats-core';
import { type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node';
import { asBusError, unavailable } from './bus-error.ts';
import { authenticatorOf, type BusLogin } from './credentials.ts';
import { inboxPrefix } from './inbox-prefix.ts';
import {
  API_TIMEOUT_MS,
  CONNECTION_WAIT_MS,
  DIAL_TIMEOUT_MS,
  PING_MS,
  RECONNECT_WAIT_MS,
  SAY_AGAIN_MS,
} from './limits.ts';

/** The state of the connection, for health pages. */
export interface BusStatus {
  readonly connected: boolean;
  /** The server that answers now or answered last. */
  readonly server: string;
  /** How often the connection came back. */
  readonly reconnects: number;
}

/** Files by which the connection is encrypted; they are read anew at each attempt to connect. */
export interface BusTls {
  /** Certificates that vouch for the server's; the system's unless given. */
  readonly caFile?: string | undefined;
  /** The client's own certificate, and its key. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Where to connect to, and as who. */
export interface ConnectionSettings {
  readonly servers: readonly string[];
  readonly name: string;
  readonly credentials?: BusLogin | undefined;
  /** Nothing is sent unencrypted where it is given. */
  readonly tls?: BusTls | undefined;
  /** How long the first connection is tried for, in milliseconds. */
  readonly firstConnectMs: number;
  /** Hears at each attempt why there is no connection yet. */
  readonly onWait?: ((why: AppError) => void) | undefined;
  readonly log: Log;
}

/**
 * One connection that comes back by itself. What is asked while it is away waits a little and is then refused, and what is
 * under way when it is lost is refused at once: nothing is ever kept to be sent later, behind the back of its sender.
 */
export class Connection {
  readonly nats: NatsConnection;
  readonly management: JetStreamManager;
  readonly log: Log;
  readonly #inboxes: string;
  #status: BusStatus;
  #closed = false;
  #back = Promise.withResolvers<void>();
  readonly #underWay = new Set<(error: AppError) => void>();
  readonly #onLost = new Set<(error: AppError) => void>();
  readonly #onBack = new Set<() => void>();
  readonly #onForbidden = new Set<(violation: PermissionViolationError) => void>();
  readonly #onStatus = new Set<(status: BusStatus) => void>();

  private constructor(
    nats: NatsConnection,
    management: JetStreamManager,
    { name, log }: ConnectionSettings,
  ) {
    this.nats = nats;
    this.management = management;
    this.log = log;
    this.#inboxes = inboxPrefix(name);
    this.#status = { connected: true, server: nats.getServer(), reconnects: 0 };
    this.#back.resolve();
    void this.#watch();
  }

  /** @throws BUS.UNAVAILABLE when no server answers in time. @throws BUS.UNAUTHORIZED */
  static async open(settings: ConnectionSettings): Promise<Connection> {
    const deadlineMs = performance.now() + settings.firstConnectMs;
    let sayAgainAtMs = 0;
    for (;;) {
      try {
        const nats = await connect(optionsOf(settings));
        const options = { timeout: API_TIMEOUT_MS, checkAPI: false };
        const management = await jetstreamManager(nats, options);
        return new Connection(nats, management, settings);
      } catch (error) {
        const what = `connecting to NATS at ${settings.servers.join(', ')}`;
        const final = error instanceof AuthorizationError;
        if (final || performance.now() >= deadlineMs) throw asBusError(what, error);
        const refusal = asBusError(what, error);
        settings.onWait?.(refusal);
        if (performance.now() >= sayAgainAtMs) {
          settings.log.warn('NATS does not answer yet', { error: refusal.message });
          sayAgainAtMs = performance.now() + SAY_AGAIN_MS;
        }
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_WAIT_MS * 5));
      }
    }
  }

  get status(): BusStatus {
    return this.#status;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Returns a subject of this connection's own for answers, another at each call. */
  newInbox(): string {
    return createInbox(this.#inboxes);
  }

  /** Calls `listener` at each change. @returns how to stop. */
  onStatus(listener: (status: BusStatus) => void): () => void {
    return added(this.#onStatus, listener);
  }

  /** Calls `listener` when the connection is lost or closed. @returns how to stop. */
  onLost(listener: (error: AppError) => void): () => void {
    return added(this.#onLost, listener);
  }

  /** Calls `listener` when the connection is back. @returns how to stop. */
  onBack(listener: () => void): () => void {
    return added(this.#onBack, listener);
  }

  /** Calls `listener` when the server refuses what this user may not do. @returns how to stop. */
  onForbidden(listener: (violation: PermissionViolationError) => void): () => void {
    return added(this.#onForbidden, listener);
  }

  /** Waits for the connection, for as long as it takes. @throws BUS.CLOSED */
  async back(): Promise<void> {
    await this.#back.promise;
    if (this.#closed) throw closedError();
  }

  /** Waits for the connection. @throws BUS.UNAVAILABLE after `waitMs`. @throws BUS.CLOSED */
  async ready(what: string, waitMs: number = CONNECTION_WAIT_MS): Promise<void> {
    if (this.#closed) throw closedError();
    if (this.#status.connected) return;
    await limited(this.back(), Math.min(waitMs, CONNECTION_WAIT_MS), () =>
      unavailable(what, 'there is no connection to NATS'),
    );
  }

  /**
   * Runs one exchange with the server.
   * @throws BUS.UNAVAILABLE when there is no connection, it is lost meanwhile, or `timeoutMs` pass; and what
   * `asBusError` makes of the server's refusal.
   */
  async run<T>(
    what: string,
    exchange: () => Promise<T>,
    timeoutMs: number = API_TIMEOUT_MS,
  ): Promise<T> {
    await this.ready(what);
    const stop = Promise.withResolvers<never>();
    const late = () => stop.reject(unavailable(what, `no answer within ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    this.#underWay.add(stop.reject);
    try {
      return await Promise.race([exchange(), stop.promise]);
    } catch (error) {
      throw asBusError(what, error);
    } finally {
      clearTimeout(timer);
      this.#underWay.delete(stop.reject);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const flushed = this.#status.connected ? this.nats.flush() : Promise.resolve();
    await limited(flushed, CONNECTION_WAIT_MS, closedError).catch(() => undefined);
    this.#lose(closedError());
    this.#back.resolve();
    await this.nats.close();
  }

  async #watch(): Promise<void> {
    for await (const status of this.nats.status()) {
      if (status.type === 'disconnect' && this.#status.connected) {
        this.log.warn('lost the connection to NATS', { server: status.server });
        this.#lose(unavailable('an exchange with NATS', 'the connection was lost meanwhile'));
      } else if (status.type === 'reconnect' && !this.#closed) {
        this.log.info('the connection to NATS is back', { server: status.server });
        this.#regain(status.server);
      } else if (status.type === 'error') {
        const { error } = status;
        this.log.error('NATS reports an error', { error: error.message });
        if (!(error instanceof PermissionViolationError)) continue;
        for (const listener of [...this.#onForbidden]) listener(error);
      }
    }
    if (!this.#closed) this.log.error('the connection to NATS ended');
  }

  #lose(error: AppError): void {
    this.#back = Promise.withResolvers<void>();
    this.#setStatus({ ...this.#status, connected: false });
    for (const reject of [...this.#underWay]) reject(error);
    for (const listener of [...this.#onLost]) listener(error);
  }

  #regain(server: string): void {
    this.#back.resolve();
    this.#setStatus({ connected: true, server, reconnects: this.#status.reconnects + 1 });
    for (const listener of [...this.#onBack]) listener();
  }

  #setStatus(status: BusStatus): void {
    this.#status = status;
    for (const listener of [...this.#onStatus]) listener(status);
  }
}

function optionsOf(settings: ConnectionSettings): ConnectionOptions {
  const { credentials, tls, log } = settings;
  return {
    servers: [...settings.servers],
    name: settings.name,
    inboxPrefix: inboxPrefix(settings.name),
    ...(credentials === undefined ? {} : { authenticator: authenticatorOf(credentials, log) }),
    ...(tls === undefined ? {} : { tls: definedOf(tls) }),
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_WAIT_MS,
    ignoreAuthErrorAbort: true,
    pingInterval: PING_MS,
    maxPingOut: 2,
    timeout: DIAL_TIMEOUT_MS,
    noAsyncTraces: true,
  };
}

function definedOf(tls: BusTls): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tls).filter(([, file]) => file !== undefined));
}

function added<T>(set: Set<T>, one: T): () => void {
  set.add(one);
  return () => {
    set.delete(one);
  };
}

function closedError(): AppError {
  return new AppError({ code: 'BUS.CLOSED', why: 'this process closed its connection to NATS.' });
}

/** Waits for `promise`, for at most `waitMs`; then throws what `late` makes. */
export async function limited<T>(
  promise: Promise<T>,
  waitMs: number,
  late: () => Error,
): Promise<T> {
  const timer = Promise.withResolvers<never>();
  const handle = setTimeout(() => timer.reject(late()), waitMs);
  try {
    return await Promise.race([promise, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
}
