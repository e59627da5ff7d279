import { execFile } from 'node:child_process';
import { access, chown, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '@capstan/domain';
import {
  type ChildServer,
  type Identity,
  type ServerExit,
  startChildServer,
} from './child-server.ts';
import { freePort } from './free-port.ts';
import { PORT_ATTEMPTS_MAX, PREDECESSOR_WAIT_MS } from './limits.ts';
import { claimPort, portTaken } from './port-holder.ts';
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts';
import { postgresIdentity } from './postgres-identity.ts';
import { queryPostgres, quoteIdentifier, quoteLiteral } from './postgres-query.ts';
import { remainingPredecessor } from './process-alive.ts';
import { waitUntil } from './wait-until.ts';

const run = promisify(execFile);
const USER = 'postgres';

/** How to start a PostgreSQL. */
export interface PostgresOptions {
  /** Created when absent; an existing one is continued. */
  readonly dataDir: string;
  /** Default: any free port. */
  readonly port?: number | undefined;
  /** The configuration key that sets the port, for the message when it is taken. */
  readonly portKey?: string | undefined;
  /** Receives each line that the server says. */
  readonly log?: ((line: string) => void) | undefined;
  /** Settings such as `{ fsync: 'off' }`, which only tests should give. */
  readonly flags?: Readonly<Record<string, string>> | undefined;
}

/** A running PostgreSQL of this machine. It trusts every connection of the loopback interface. */
export interface EmbeddedPostgres {
  readonly port: number;
  readonly pid: number;
  /** Settles when the server has ended, for whatever reason; never rejects. */
  readonly exited: Promise<ServerExit>;
  /** Returns the URL of a database. @param database default `postgres`. */
  url(database?: string): string;
  /** Creates a database unless it exists. @returns its URL. @throws EMBEDDED.POSTGRES_QUERY */
  createDatabase(name: string): Promise<string>;
  /**
   * Creates a database as a copy of another, which nobody may be connected to.
   * @returns its URL. @throws EMBEDDED.POSTGRES_QUERY
   */
  createDatabaseFromTemplate(name: string, template: string): Promise<string>;
  /** Ends all connections and stops the server (`fast`, then `immediate`, then SIGKILL). */
  stop(): Promise<ServerExit>;
}

/**
 * Starts PostgreSQL on the loopback interface, and creates the data directory when there is none. Commits are durable
 * (`fsync` stays on) unless `flags` say otherwise. As root it runs as the user postgres or nobody.
 * @throws EMBEDDED.PORT_TAKEN @throws EMBEDDED.DATA_DIR_IN_USE @throws EMBEDDED.POSTGRES_MISSING
 * @throws EMBEDDED.POSTGRES_USER @throws EMBEDDED.POSTGRES_INIT @throws EMBEDDED.START_FAILED
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const identity = await postgresIdentity();
  const binaries = await postgresBinaries(identity);
  const site: Site = { dataDir: resolve(options.dataDir), identity, binaries };
  await ensureUnused(site.dataDir);
  await ensureInitialised(site);
  if (options.port !== undefined) {
    await claimPort({ port: options.port, server: 'PostgreSQL', portKey: options.portKey });
    return embedded(await startWaiting(site, options, options.port), options.port);
  }
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return embedded(await startWaiting(site, options, port), port);
    } catch (error) {
      const lost = error instanceof AppError && error.code === 'EMBEDDED.PORT_TAKEN';
      if (!lost || attempt >= PORT_ATTEMPTS_MAX) throw error;
    }
  }
}

interface Site {
  /** Absolute. */
  readonly dataDir: string;
  readonly identity: Identity | undefined;
  readonly binaries: PostgresBinaries;
}

function embedded(server: ChildServer, port: number): EmbeddedPostgres {
  const url = (database = 'postgres'): string =>
    `postgresql://${USER}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const admin = (sql: string): Promise<(string | null)[][]> =>
    queryPostgres({ port, user: USER, database: 'postgres' }, sql);
  return {
    port,
    pid: server.pid,
    exited: server.exited,
    url,
    createDatabase: async (name) => {
      const found = await admin(`SELECT 1 FROM pg_database WHERE datname = ${quoteLiteral(name)}`);
      if (found.length === 0) await admin(`CREATE DATABASE ${quoteIdentifier(name)}`);
      return url(name);
    },
    createDatabaseFromTemplate: async (name, template) => {
      const from = quoteIdentifier(template);
      await admin(`CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${from}`);
      return url(name);
    },
    stop: () => server.stop(),
  };
}

async function ensureUnused(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  const pid = await remainingPredecessor(pidFile, 'postgres');
  if (pid !== undefined) {
    throw new AppError({
      code: 'EMBEDDED.DATA_DIR_IN_USE',
      why: `Process ${pid} runs PostgreSQL on ${dataDir}.`,
      fix: 'Stop the other Capstan (or that process), or choose another data directory.',
      details: { pid },
    });
  }
  await rm(pidFile, { force: true });
}

async function ensureInitialised(site: Site): Promise<void> {
  const { dataDir, identity, binaries } = site;
  if (await exists(join(dataDir, 'PG_VERSION'))) return;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (identity !== undefined) await chown(dataDir, identity.uid, identity.gid);
  const folder = dataDirArgument(site);
  const args = ['-D', folder, '-U', USER, '--auth=trust', '--encoding=UTF8', '--locale=C'];
  await run(binaries.initdb, [...args, '--no-instructions', '--no-sync'], {
    ...identity,
    cwd: dataDir,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  }).catch((cause: unknown) => {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new AppError({
      code: 'EMBEDDED.POSTGRES_INIT',
      why: `PostgreSQL could not create its data directory ${dataDir}: ${said || String(cause)}`,
      fix: 'Check that the directory is empty, writable and on a disk with room.',
      cause,
    });
  });
}

/**
 * Names the data directory as the server can reach it. Dropped from root it may not pass the directory's
 * ancestors (a private home); Linux lets a process reach its own working directory all the same.
 */
function dataDirArgument({ dataDir, identity }: Site): string {
  return identity !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : dataDir;
}

/** Starts the server; after a crash the orphans of the predecessor may hold its shared memory for a moment. */
async function startWaiting(
  site: Site,
  options: PostgresOptions,
  port: number,
): Promise<ChildServer> {
  let server: ChildServer | undefined;
  let failure: unknown;
  await waitUntil(
    async () => {
      try {
        server = await startOnce(site, options, port);
        return true;
      } catch (error) {
        failure = error;
        return !/shared memory block|is another postmaster/.test(String(error));
      }
    },
    2 * PREDECESSOR_WAIT_MS,
    100,
  );
  if (server !== undefined) return server;
  if (/could not bind|Address already in use/.test(String(failure))) {
    throw await portTaken({ port, server: 'PostgreSQL', portKey: options.portKey }, failure);
  }
  throw failure;
}

function startOnce(site: Site, options: PostgresOptions, port: number): Promise<ChildServer> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...options.flags,
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  return startChildServer({
    name: 'PostgreSQL',
    binary: site.binaries.postgres,
    args: ['-D', dataDirArgument(site), '-p', String(port), ...flags],
    cwd: site.dataDir,
    identity: site.identity,
    readyText: 'ready to accept connections',
    stopSignals: ['SIGINT', 'SIGQUIT'],
    log: options.log,
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
