import { type BusConnection, connectBus, connectionName } from '@capstan/bus';
import { waitUntil } from '@capstan/embedded';
import type { Bus, Log, Store } from '@capstan/ports';
import { createLogger } from '@capstan/runtime';
import { openStore, type PostgresStoreHandle } from '@capstan/store';
import { comesThrough, recovered, throughUs } from '../drills/coming-through.ts';
import type { Scene } from '../drills/evidence.ts';
import { DRILL_WORLD } from '../drills/trading-world.ts';
import { RUN_ID, stackConfig } from '../world.ts';
import { Forward } from './forward.ts';
import type { Kubernetes } from './kubernetes.ts';
import { LeaseWatch } from './lease-watch.ts';
import type { Release } from './release.ts';

/** About five slices a second. */
const SPEED = 300;
/** After a fault everything is ready and works again within this. */
const RECOVER_MS = 240_000;
const FILL_POLL_MS = 100;
const PORT = { postgresql: 5_432, nats: 4_222, exchange: 9_090 } as const;
/** Reads all streams and the leases, and may change none but its own. */
const READER = 'reporting';
const JOURNAL = '/var/lib/capstan/paper-exchange/journal.jsonl';
/** The images have no shell. */
const PRINT_JOURNAL = `require('fs').createReadStream('${JOURNAL}').pipe(process.stdout)`;

/** How long an installation took. */
export interface Installed {
  /** Milliseconds from `helm install` until every pod was ready. */
  readonly readyMs: number;
  /** Until the first fill was in the books. */
  readonly firstFillMs: number;
}

/** The platform in a cluster under load, and what it did. */
export class ClusterWorld implements Scene {
  readonly release: Release;
  readonly leases: LeaseWatch;
  readonly store: Store;
  readonly kubernetes: Kubernetes;
  readonly #opened: PostgresStoreHandle;
  readonly #connection: BusConnection;
  readonly #forwards: readonly Forward[];
  readonly #exchange: Forward;

  private constructor(parts: {
    readonly kubernetes: Kubernetes;
    readonly release: Release;
    readonly opened: PostgresStoreHandle;
    readonly connection: BusConnection;
    readonly leases: LeaseWatch;
    readonly forwards: readonly [Forward, Forward, Forward];
  }) {
    this.release = parts.release;
    this.leases = parts.leases;
    this.store = parts.opened.store;
    this.kubernetes = parts.kubernetes;
    this.#opened = parts.opened;
    this.#connection = parts.connection;
    this.#forwards = parts.forwards;
    this.#exchange = parts.forwards[2];
  }

  /** Installs the chart; resolves when it trades. */
  static async install(
    kubernetes: Kubernetes,
    release: Release,
  ): Promise<{ readonly world: ClusterWorld; readonly installed: Installed }> {
    const startMs = performance.now();
    const config = {
      ...stackConfig(DRILL_WORLD, SPEED),
      gateway: { auth: { localOperator: true } },
    };
    await release.install({ config });
    const opening = ClusterWorld.#open(kubernetes, release);
    const [world, readyMs] = await Promise.all([
      opening,
      release.rolled().then(() => performance.now() - startMs),
    ]);
    const hasFilled = async () =>
      (await world.store.fills({ runId: RUN_ID, limit: 1 }).catch(() => [])).length > 0;
    if (!(await waitUntil(hasFilled, RECOVER_MS, FILL_POLL_MS))) {
      throw new Error(`no fill in ${RECOVER_MS / 1_000} s after everything was ready`);
    }
    const firstFillMs = performance.now() - startMs;
    await world.recovered();
    return { world, installed: { readyMs, firstFillMs } };
  }

  static async #open(kubernetes: Kubernetes, release: Release): Promise<ClusterWorld> {
    const log = createLogger({ service: 'cluster', level: 'error', format: 'text', secrets: [] });
    const forwards = await Promise.all([
      Forward.open(kubernetes, `service/${release.of('postgresql')}`, PORT.postgresql),
      Forward.open(kubernetes, `service/${release.of('nats')}`, PORT.nats),
      Forward.open(kubernetes, `service/${release.of('paper-exchange')}`, PORT.exchange),
    ]);
    const [database, nats] = forwards;
    const password = await kubernetes.secret(release.of('postgresql'), 'password');
    const url = `postgresql://capstan:${password}@127.0.0.1:${database.port}/capstan`;
    const opened = openStore({ url, log });
    const connection = await busOf(kubernetes, release, nats.port, log);
    const leases = await LeaseWatch.open(connection.kv);
    return new ClusterWorld({ kubernetes, release, opened, connection, leases, forwards });
  }

  get bus(): Bus {
    return this.#connection.bus;
  }

  get venueAddress(): string {
    return `127.0.0.1:${this.#exchange.port}`;
  }

  throughUs(): Promise<number> {
    return throughUs(this.store);
  }

  /** See {@link comesThrough}. */
  comesThrough(afterUs: number, slices: number): Promise<boolean> {
    return comesThrough(this, afterUs, slices, RECOVER_MS);
  }

  notReady(): Promise<readonly string[]> {
    return this.release.notReady();
  }

  /** See {@link recovered}. */
  recovered(): Promise<void> {
    return recovered(this, RECOVER_MS);
  }

  async endFeed(): Promise<void> {
    await this.release.scale(`deployment/${this.release.of('market-data')}`, 0);
    await this.kubernetes.kubectl(
      ...['wait', '--for=delete', 'pod', '-l', this.release.selector('market-data')],
      '--timeout=120s',
    );
  }

  exchangeJournal(): Promise<string> {
    const pod = `deployment/${this.release.of('paper-exchange')}`;
    return this.kubernetes.kubectl('exec', pod, '--', 'node', '-e', PRINT_JOURNAL);
  }

  /** Leaves the cluster to itself: what is installed stays. */
  async close(): Promise<void> {
    await this.leases.close();
    await this.#connection.close();
    await this.#opened.close();
    await Promise.all(this.#forwards.map((one) => one.close()));
  }
}

async function busOf(
  kubernetes: Kubernetes,
  release: Release,
  port: number,
  log: Log,
): Promise<BusConnection> {
  const password = await kubernetes.secret(release.of('nats'), READER);
  return await connectBus({
    servers: `nats://127.0.0.1:${port}`,
    name: connectionName(READER),
    credentials: { user: READER, password },
    makeStreams: false,
    firstConnectMs: RECOVER_MS,
    log,
  });
}
