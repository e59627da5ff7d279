import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '@capstan/domain';
import { type ChildServer, type ServerExit, startChildServer } from './child-server.ts';
import { freePort } from './free-port.ts';
import { PORT_ATTEMPTS_MAX } from './limits.ts';
import { findNatsServer, type NatsBinaryOptions } from './nats-binary.ts';
import { claimPort, portTaken } from './port-holder.ts';
import { remainingPredecessor } from './process-alive.ts';

/** How to start a NATS server. */
export interface NatsOptions extends NatsBinaryOptions {
  /** Holds the streams, the configuration and the pid file; created when absent. */
  readonly dataDir: string;
  /** Default: any free port. */
  readonly port?: number | undefined;
  /** The port of the monitoring page. Default: no page. */
  readonly httpPort?: number | undefined;
  /** The configuration keys that set the ports, for the message when one is taken. */
  readonly portKey?: string | undefined;
  readonly httpPortKey?: string | undefined;
  /**
   * How often JetStream flushes its files to the disk: `always`, or a duration. Default `1s`: a killed server loses
   * nothing that it has acknowledged, a power cut at most this much, which the journal in PostgreSQL still holds.
   */
  readonly syncInterval?: string | undefined;
  /** Further blocks of its configuration, such as who may do what, or TLS. */
  readonly furtherConfig?: string | undefined;
  /** The most that streams may take on the disk, in bytes. Default {@link STORE_BYTES_MAX}. */
  readonly storeBytesMax?: number | undefined;
}

/** A running NATS server of this machine, with JetStream, on the loopback interface. */
export interface EmbeddedNats {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Settles when the server has ended, for whatever reason; never rejects. */
  readonly exited: Promise<ServerExit>;
  /** Stops it gracefully, then urgently. */
  stop(): Promise<ServerExit>;
}

/**
 * Starts nats-server with JetStream on files in `dataDir`; streams of an earlier start are continued.
 * @throws EMBEDDED.PORT_TAKEN @throws EMBEDDED.DATA_DIR_IN_USE @throws EMBEDDED.NATS_MISSING
 * @throws EMBEDDED.NATS_UNUSABLE @throws EMBEDDED.START_FAILED
 */
export async function startNats(options: NatsOptions): Promise<EmbeddedNats> {
  const binary = await findNatsServer(options);
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await ensureUnused(dataDir);
  if (options.httpPort !== undefined) {
    const claim = { port: options.httpPort, portKey: options.httpPortKey };
    await claimPort({ ...claim, server: 'NATS monitoring' });
  }
  if (options.port !== undefined) {
    await claimPort({ port: options.port, server: 'NATS', portKey: options.portKey });
    return embedded(await startOn({ ...options, dataDir, binary }, options.port), options.port);
  }
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return embedded(await startOn({ ...options, dataDir, binary }, port), port);
    } catch (error) {
      const lost = error instanceof AppError && error.code === 'EMBEDDED.PORT_TAKEN';
      if (!lost || attempt >= PORT_ATTEMPTS_MAX) throw error;
    }
  }
}

function embedded(server: ChildServer, port: number): EmbeddedNats {
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    pid: server.pid,
    exited: server.exited,
    stop: () => server.stop(),
  };
}

async function ensureUnused(dataDir: string): Promise<void> {
  const pid = await remainingPredecessor(join(dataDir, 'nats.pid'), 'nats-server');
  if (pid === undefined) return;
  throw new AppError({
    code: 'EMBEDDED.DATA_DIR_IN_USE',
    why: `Process ${pid} runs NATS on ${dataDir}.`,
    fix: 'Stop the other Capstan (or that process), or choose another data directory.',
    details: { pid },
  });
}

async function startOn(
  options: NatsOptions & { readonly binary: string },
  port: number,
): Promise<ChildServer> {
  const path = join(options.dataDir, 'nats.conf');
  await writeFile(path, natsConfig(options, port), { mode: 0o600 });
  try {
    return await startChildServer({
      name: 'NATS',
      binary: options.binary,
      args: ['--config', path],
      cwd: options.dataDir,
      readyText: 'Server is ready',
      stopSignals: ['SIGTERM', 'SIGTERM'],
      log: options.log,
    });
  } catch (error) {
    if (!/address already in use/i.test(String(error))) throw error;
    throw await portTaken({ port, server: 'NATS', portKey: options.portKey }, error);
  }
}

/**
 * The server's own choice is three quarters of what is free on the disk, of which it promises each stream its limit: a disk with less
 * than 13 GB free would keep everything from starting, long before anything is written. What is full says so when it is.
 */
const STORE_BYTES_MAX = 32 * 1024 ** 3;

/** Writes the server's configuration file. */
export function natsConfig(options: NatsOptions, port: number): string {
  const quoted = (text: string): string => JSON.stringify(text);
  const store = [
    `  store_dir: ${quoted(join(options.dataDir, 'streams'))}`,
    `  sync_interval: ${options.syncInterval ?? '1s'}`,
    `  max_file_store: ${options.storeBytesMax ?? STORE_BYTES_MAX}`,
  ];
  return [
    'server_name: capstan',
    `listen: "127.0.0.1:${port}"`,
    ...(options.httpPort === undefined ? [] : [`http: "127.0.0.1:${options.httpPort}"`]),
    `pid_file: ${quoted(join(options.dataDir, 'nats.pid'))}`,
    'jetstream {',
    ...store,
    '}',
    options.furtherConfig ?? '',
  ].join('\n');
}
