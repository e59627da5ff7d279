import { KV_BUCKETS, STREAMS, type StreamDefinition, WORK_CONSUMER } from '@capstan/contracts';
import { type AppError, hasCode } from '@capstan/domain';
import type { Blobs, Bus, Kv, Log, Requests, WorkQueue } from '@capstan/ports';
import { type BusStatus, type BusTls, Connection } from './connection.ts';
import type { BusLogin } from './credentials.ts';
import { type BucketDefinition, ensureStreams, expectStreams } from './ensure-streams.ts';
import { FIRST_CONNECT_MS, STREAMS_POLL_MS } from './limits.ts';
import { NatsBlobs } from './nats-blobs.ts';
import { NatsBus } from './nats-bus.ts';
import { NatsKv } from './nats-kv.ts';
import { NatsRequests } from './nats-requests.ts';
import { NatsWorkQueue } from './nats-work-queue.ts';
import { Publisher } from './publisher.ts';

/** How to reach NATS and what is to exist there. */
export interface BusOptions {
  /** URLs, such as `nats://127.0.0.1:4222` or `tls://nats:4222`; several of one cluster, or with commas between. */
  readonly servers: string | readonly string[];
  /** What the server calls this connection; the subjects of its answers begin with it. */
  readonly name: string;
  readonly credentials?: BusLogin | undefined;
  /** Nothing is sent unencrypted where it is given, or where a URL begins with `tls:`. */
  readonly tls?: BusTls | undefined;
  /** False only sees that the streams and buckets are there: for users who may not make them. True unless told. */
  readonly makeStreams?: boolean | undefined;
  /** Streams that are made or changed at the start and after each reconnect; all of them unless told. */
  readonly streams?: readonly StreamDefinition[] | undefined;
  /** Key-value buckets, likewise. */
  readonly buckets?: readonly BucketDefinition[] | undefined;
  /** Copies of each stream in a cluster; 1 unless told. */
  readonly replicas?: number | undefined;
  /** How work is handed out: 30 s and 5 deliveries unless told. */
  readonly work?: { readonly ackWaitMs: number; readonly maxDeliver: number } | undefined;
  /** How long the first connection is tried for, in milliseconds; 30 s unless told. */
  readonly firstConnectMs?: number | undefined;
  /** Hears why there is no first connection yet, or what is missing there, as often as it is tried: for health pages. */
  readonly onWait?: ((why: AppError) => void) | undefined;
  readonly log: Log;
}

/** The ports over one connection. */
export interface BusConnection {
  readonly bus: Bus;
  readonly requests: Requests;
  readonly kv: Kv;
  readonly workQueue: WorkQueue;
  readonly blobs: Blobs;
  /** Makes the consumer from which work of a subject is taken, so that others may look at it before anybody takes any. */
  prepareWork(subject: string): Promise<void>;
  status(): BusStatus;
  /** Calls `listener` at each change. @returns how to stop. */
  onStatus(listener: (status: BusStatus) => void): () => void;
  /** Ends all reading and listening, sends what is written, and disconnects. */
  close(): Promise<void>;
}

/**
 * Connects to NATS, for ever: a lost connection comes back by itself.
 * @throws BUS.UNAVAILABLE when no server answers in time. @throws BUS.UNAUTHORIZED @throws BUS.STREAM_CONFIG
 * @throws BUS.NO_STREAM when it may not make a stream that is not there in time.
 */
export async function connectBus(options: BusOptions): Promise<BusConnection> {
  const { servers, name, credentials, log, firstConnectMs = FIRST_CONNECT_MS } = options;
  const urls = (typeof servers === 'string' ? servers.split(',') : servers).map((one) =>
    one.trim(),
  );
  const tls = options.tls ?? (urls.some((url) => url.startsWith('tls:')) ? {} : undefined);
  const connection = await Connection.open({
    ...{ servers: urls, name, credentials, tls, firstConnectMs, onWait: options.onWait, log },
  });
  const { streams = STREAMS, buckets = KV_BUCKETS, replicas = 1, makeStreams = true } = options;
  const things = { streams, buckets, replicas };
  const ensure = (): Promise<void> =>
    makeStreams ? ensureStreams(connection, things) : expectStreams(connection, things);
  try {
    await eventually(ensure, { waitMs: firstConnectMs, log, onWait: options.onWait });
  } catch (error) {
    await connection.close();
    throw error;
  }
  connection.onBack(() => {
    ensure().catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      log.error('the streams could not be checked after a reconnect', { error: text });
    });
  });
  const publisher = new Publisher(connection);
  const work = options.work ?? WORK_CONSUMER;
  const workQueue = new NatsWorkQueue(connection, publisher, {
    stream: 'BACKTEST_WORK',
    ackWaitMs: work.ackWaitMs,
    maxDeliver: work.maxDeliver,
    deadSubject,
  });
  return {
    bus: new NatsBus(connection, publisher),
    requests: new NatsRequests(connection),
    kv: new NatsKv(connection),
    workQueue,
    prepareWork: (subject) => workQueue.prepare(subject),
    blobs: new NatsBlobs(connection),
    status: () => connection.status,
    onStatus: (listener) => connection.onStatus(listener),
    close: () => connection.close(),
  };
}

interface Wait extends Pick<BusOptions, 'log' | 'onWait'> {
  readonly waitMs: number;
}

/** Waits for those who make the streams, and for a server whose JetStream is yet to start. */
async function eventually(look: () => Promise<void>, wait: Wait): Promise<void> {
  const { log, onWait } = wait;
  const deadlineMs = performance.now() + wait.waitMs;
  let said = '';
  for (;;) {
    try {
      await look();
      return;
    } catch (error) {
      const mayCome = hasCode(error, 'BUS.NO_STREAM') || hasCode(error, 'BUS.UNAVAILABLE');
      if (!mayCome || performance.now() >= deadlineMs) throw error;
      onWait?.(error);
      if (error.message !== said) log.warn(error.message);
      said = error.message;
      await new Promise((resolve) => setTimeout(resolve, STREAMS_POLL_MS));
    }
  }
}

const WORK = 'backtest.work.';

/** Work that is given up on `backtest.work.<class>` is told on `backtest.dead.<class>`, beside the jobs' events. */
function deadSubject(subject: string): string | undefined {
  return subject.startsWith(WORK) ? `backtest.dead.${subject.slice(WORK.length)}` : undefined;
}
