import { KV_BUCKETS, STREAMS, type StreamDefinition, WORK_CONSUMER } from '@capstan/contracts';
import type { Blobs, Bus, Kv, Log, Requests, WorkQueue } from '@capstan/ports';
import { type BusCredentials, type BusStatus, Connection } from './connection.ts';
import { type BucketDefinition, ensureStreams } from './ensure-streams.ts';
import { FIRST_CONNECT_MS } from './limits.ts';
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
  /** What the server calls this connection. */
  readonly name: string;
  readonly credentials?: BusCredentials | undefined;
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
  readonly log: Log;
}

/** The ports over one connection. */
export interface BusConnection {
  readonly bus: Bus;
  readonly requests: Requests;
  readonly kv: Kv;
  readonly workQueue: WorkQueue;
  readonly blobs: Blobs;
  status(): BusStatus;
  /** Calls `listener` at each change. @returns how to stop. */
  onStatus(listener: (status: BusStatus) => void): () => void;
  /** Ends all reading and listening, sends what is written, and disconnects. */
  close(): Promise<void>;
}

/**
 * Connects to NATS, for ever: a lost connection comes back by itself.
 * @throws BUS.UNAVAILABLE when no server answers in time. @throws BUS.UNAUTHORIZED @throws BUS.STREAM_CONFIG
 */
export async function connectBus(options: BusOptions): Promise<BusConnection> {
  const { servers, name, credentials, log, firstConnectMs = FIRST_CONNECT_MS } = options;
  const urls = (typeof servers === 'string' ? servers.split(',') : servers).map((one) =>
    one.trim(),
  );
  const settings = { servers: urls, name, credentials, firstConnectMs, log };
  const connection = await Connection.open(settings);
  const { streams = STREAMS, buckets = KV_BUCKETS, replicas = 1 } = options;
  const ensure = (): Promise<void> => ensureStreams(connection, { streams, buckets, replicas });
  try {
    await ensure();
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
  return {
    bus: new NatsBus(connection, publisher),
    requests: new NatsRequests(connection),
    kv: new NatsKv(connection),
    workQueue: new NatsWorkQueue(connection, publisher, {
      stream: 'BACKTEST_WORK',
      ackWaitMs: work.ackWaitMs,
      maxDeliver: work.maxDeliver,
      deadSubject,
    }),
    blobs: new NatsBlobs(connection),
    status: () => connection.status,
    onStatus: (listener) => connection.onStatus(listener),
    close: () => connection.close(),
  };
}

const WORK = 'backtest.work.';

/** Work that is given up on `backtest.work.<class>` is told on `backtest.dead.<class>`, beside the jobs' events. */
function deadSubject(subject: string): string | undefined {
  return subject.startsWith(WORK) ? `backtest.dead.${subject.slice(WORK.length)}` : undefined;
}
