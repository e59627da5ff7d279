import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedNats, type NatsOptions, startNats } from './nats.ts';
import { type EmbeddedPostgres, startPostgres } from './postgres.ts';

/** Settings that trade durability for speed: a test's data dies with it. */
export const UNSAFE_FAST_FLAGS: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  shared_buffers: '32MB',
};

/** Which servers a test wants. */
export interface TestServerOptions {
  readonly nats?: boolean | undefined;
  /** How that server is started beside where. */
  readonly natsOptions?: Pick<NatsOptions, 'furtherConfig' | 'log'> | undefined;
  readonly postgres?: boolean | undefined;
}

/** Servers of one test, in one temporary folder. */
export interface TestServers<O extends TestServerOptions = TestServerOptions> {
  readonly folder: string;
  readonly nats: O['nats'] extends true ? EmbeddedNats : undefined;
  readonly postgres: O['postgres'] extends true ? EmbeddedPostgres : undefined;
  /** Stops the servers and removes the folder. */
  stop(): Promise<void>;
}

/**
 * Starts real servers for a test on free ports in a temporary folder. PostgreSQL does not wait for the disk.
 * @throws whatever {@link startNats} and {@link startPostgres} throw; nothing is left running then.
 */
export async function startTestServers<const O extends TestServerOptions>(
  options: O,
): Promise<TestServers<O>> {
  const folder = await mkdtemp(join(tmpdir(), 'capstan-test-'));
  const [nats, postgres] = await Promise.allSettled([
    options.nats === true
      ? startNats({ ...options.natsOptions, dataDir: join(folder, 'nats') })
      : undefined,
    options.postgres === true
      ? startPostgres({ dataDir: join(folder, 'postgres'), flags: UNSAFE_FAST_FLAGS })
      : undefined,
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all(
      [nats, postgres].map((server) =>
        server.status === 'fulfilled' ? server.value?.stop() : undefined,
      ),
    );
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  if (nats.status === 'rejected' || postgres.status === 'rejected') {
    await stop();
    throw nats.status === 'rejected' ? nats.reason : (postgres as PromiseRejectedResult).reason;
  }
  return { folder, nats: nats.value, postgres: postgres.value, stop } as TestServers<O>;
}

/** Runs `use` with servers of its own and stops them, however it ends. */
export async function withServers<const O extends TestServerOptions, T>(
  options: O,
  use: (servers: TestServers<O>) => Promise<T>,
): Promise<T> {
  const servers = await startTestServers(options);
  try {
    return await use(servers);
  } finally {
    await servers.stop();
  }
}
