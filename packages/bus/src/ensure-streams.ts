import { isDeepStrictEqual } from 'node:util';
import type { StreamDefinition } from '@capstan/contracts';
import { AppError, hasCode } from '@capstan/domain';
import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { apiCodes, isApiError } from './bus-error.ts';
import type { Connection } from './connection.ts';
import { DUPLICATE_WINDOW_MS } from './limits.ts';

/** A key-value bucket as data. */
export interface BucketDefinition {
  readonly name: string;
  /** How many values of a key are kept. */
  readonly history: number;
}

/** What is to exist on the server. */
export interface StoredThings {
  readonly streams: readonly StreamDefinition[];
  readonly buckets: readonly BucketDefinition[];
  /** Copies of each in a cluster. */
  readonly replicas: number;
}

/** Names of a bucket's stream and of its subjects. */
export const bucketNames = {
  stream: (bucket: string) => `KV_${bucket}`,
  subjects: (bucket: string, pattern: string) => `$KV.${bucket}.${pattern}`,
} as const;

/** Name of the bucket of blobs, and of its stream. */
export const blobNames = { bucket: 'blobs', stream: 'OBJ_blobs' } as const;

/**
 * Creates the streams and buckets, or changes them into what is wanted. Services may do it all at once.
 * @throws BUS.UNAVAILABLE @throws BUS.STREAM_CONFIG when one cannot be changed into what is wanted.
 */
export async function ensureStreams(connection: Connection, things: StoredThings): Promise<void> {
  const { streams, buckets, replicas } = things;
  const configs = [
    ...streams.map((definition) => streamConfig(definition, replicas)),
    ...buckets.map((bucket) => bucketConfig(bucket, replicas)),
    ...(streams.length === 0 ? [] : [blobsConfig(replicas)]),
  ];
  for (const config of configs) await ensureStream(connection, config);
}

/**
 * Sees that everything is there, for a process that may not make it.
 * @throws BUS.NO_STREAM naming what is missing. @throws BUS.UNAVAILABLE
 */
export async function expectStreams(connection: Connection, things: StoredThings): Promise<void> {
  const names = [
    ...things.streams.map(({ name }) => name),
    ...things.buckets.map(({ name }) => bucketNames.stream(name)),
  ];
  for (const name of names) {
    await connection
      .run(`looking for the stream ${name}`, () => connection.management.streams.info(name))
      .catch((error: unknown) => {
        throw hasCode(error, 'BUS.NO_STREAM') ? notPrepared(name, error) : error;
      });
  }
}

function notPrepared(stream: string, cause: AppError): AppError {
  return new AppError({
    code: 'BUS.NO_STREAM',
    why: `NATS does not have the stream ${stream}, and this process may not make it.`,
    fix: "Run 'capstan bus prepare' against this NATS, as the migrations' Job of the Helm chart does; or set nats.makeStreams: true.",
    retry: 'retryable',
    cause,
  });
}

type NamedConfig = Partial<StreamConfig> & { readonly name: string };

/** Asks for what is not there alone: a server counts a stream that is asked for once more, and may have no room for two. */
async function ensureStream(connection: Connection, config: NamedConfig): Promise<void> {
  const { management } = connection;
  await connection.run(`making the stream ${config.name}`, async () => {
    const there = (await configOf(management, config.name)) ?? (await made(management, config));
    if (there === undefined || isAsWanted(there, config)) return;
    connection.log.info('changing a stream', { stream: config.name });
    await management.streams.update(config.name, { ...config }).catch((cause: unknown) => {
      throw isConfigRefusal(cause) ? cannotChange(config.name, cause) : cause;
    });
  });
}

async function configOf(
  { streams }: JetStreamManager,
  name: string,
): Promise<StreamConfig | undefined> {
  try {
    return (await streams.info(name)).config;
  } catch (error) {
    if (isApiError(error, apiCodes.streamNotFound)) return undefined;
    throw error;
  }
}

/** Returns what there is where another was faster and made it otherwise; `undefined` where it is made. */
async function made(
  management: JetStreamManager,
  config: NamedConfig,
): Promise<StreamConfig | undefined> {
  try {
    await management.streams.add({ ...config });
    return undefined;
  } catch (error) {
    if (!isApiError(error, apiCodes.streamNameInUse)) throw error;
    return await configOf(management, config.name);
  }
}

/** Whether a stream has all that is said of it here; the server fills in the rest, and leaves out what is 0. */
function isAsWanted(there: StreamConfig, wanted: NamedConfig): boolean {
  const given = new Map(Object.entries(there));
  return Object.entries(wanted).every(([key, value]) =>
    isDeepStrictEqual(given.get(key) ?? (value === false ? false : 0), value),
  );
}

const UPDATE_REFUSED = 10_052;
const isConfigRefusal = (error: unknown): error is Error => isApiError(error, UPDATE_REFUSED);

function cannotChange(name: string, cause: Error): AppError {
  return new AppError({
    code: 'BUS.STREAM_CONFIG',
    why: `the stream ${name} exists and cannot be changed into the one wanted: ${cause.message}.`,
    fix: 'Move the old stream out of the way, or restore the definition.',
    cause,
  });
}

function streamConfig(definition: StreamDefinition, replicas: number): NamedConfig {
  const { maxAgeMs, maxBytes, maxMessages } = definition;
  return {
    name: definition.name,
    subjects: [...definition.subjects],
    retention:
      definition.retention === 'workqueue' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    discard: definition.discard === 'new' ? DiscardPolicy.New : DiscardPolicy.Old,
    storage: StorageType.File,
    num_replicas: replicas,
    duplicate_window: nanos(Math.min(DUPLICATE_WINDOW_MS, maxAgeMs ?? DUPLICATE_WINDOW_MS)),
    max_age: maxAgeMs === undefined ? 0 : nanos(maxAgeMs),
    max_bytes: maxBytes ?? -1,
    max_msgs: maxMessages ?? -1,
  };
}

/** Reads go to the leader: a value read after a write is never older than it. */
function bucketConfig(bucket: BucketDefinition, replicas: number): NamedConfig {
  return {
    name: bucketNames.stream(bucket.name),
    subjects: [bucketNames.subjects(bucket.name, '>')],
    max_msgs_per_subject: bucket.history,
    discard: DiscardPolicy.New,
    storage: StorageType.File,
    num_replicas: replicas,
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_direct: false,
  };
}

function blobsConfig(replicas: number): NamedConfig {
  return {
    name: blobNames.stream,
    subjects: [`$O.${blobNames.bucket}.C.>`, `$O.${blobNames.bucket}.M.>`],
    discard: DiscardPolicy.New,
    storage: StorageType.File,
    num_replicas: replicas,
    allow_rollup_hdrs: true,
    allow_direct: true,
  };
}
