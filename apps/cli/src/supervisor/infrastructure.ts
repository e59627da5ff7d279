import { join } from 'node:path';
import { connectBus } from '@capstan/bus';
import {
  type EmbeddedNats,
  type EmbeddedPostgres,
  startNats,
  startPostgres,
} from '@capstan/embedded';
import type { Log } from '@capstan/ports';
import { natsAccess, postgresAddress } from '@capstan/runtime';
import { applyMigrations } from '@capstan/store';
import type { StackPlan } from '../config/stack-config.ts';
import { MIGRATIONS_DIR } from '../project.ts';
import { LogFile } from './log-file.ts';
import type { ProcessListener } from './supervised-process.ts';
import { SupervisedServer } from './supervised-server.ts';

/** The name of the database in the embedded PostgreSQL. */
export const DATABASE = 'capstan';

/** What the services stand on. */
export interface Infrastructure {
  /** The servers that the supervisor runs itself. */
  readonly servers: readonly SupervisedServer<EmbeddedNats | EmbeddedPostgres>[];
  /** Starts them and prepares the database and the streams. */
  start(): Promise<InfrastructureUrls>;
}

/** Where the servers are. */
export interface InfrastructureUrls {
  readonly natsUrl: string;
  readonly postgresUrl: string;
  /** Migrations that were applied now. */
  readonly migrations: readonly string[];
}

/** What the infrastructure tells its owner. */
export type InfrastructureListener = Pick<ProcessListener, 'onChange' | 'onEvent'>;

/** Starts NATS and PostgreSQL in the data directory, unless their URLs are given. */
export function embeddedInfrastructure(
  plan: StackPlan,
  log: Log,
  listener: InfrastructureListener,
): Infrastructure {
  const nats = plan.natsUrl === undefined ? natsServer(plan, listener) : undefined;
  const postgres = plan.postgresUrl === undefined ? postgresServer(plan, listener) : undefined;
  return {
    servers: [nats, postgres].filter((server) => server !== undefined),
    start: async () => {
      const [natsUrl, database] = await Promise.all([
        nats === undefined ? (plan.natsUrl ?? '') : nats.start().then(({ url }) => url),
        prepareDatabase(plan, postgres),
      ]);
      const bus = await connectBus({
        ...natsAccess({ ...plan.config.nats, url: natsUrl }),
        name: 'capstan-up',
        log,
      });
      await bus.close();
      return { natsUrl, ...database };
    },
  };
}

async function prepareDatabase(
  plan: StackPlan,
  postgres: SupervisedServer<EmbeddedPostgres> | undefined,
): Promise<Omit<InfrastructureUrls, 'natsUrl'>> {
  const started = await postgres?.start();
  const postgresUrl = (await started?.createDatabase(DATABASE)) ?? plan.postgresUrl ?? '';
  const address = postgresAddress({ ...plan.config.postgres, url: postgresUrl });
  return { postgresUrl, migrations: await applyMigrations(address, MIGRATIONS_DIR) };
}

function natsServer(
  plan: StackPlan,
  listener: InfrastructureListener,
): SupervisedServer<EmbeddedNats> {
  const { natsPort } = plan.config.supervisor;
  const log = new LogFile(join(plan.dataDir, 'logs/nats.log'));
  return new SupervisedServer(
    'nats',
    (port) =>
      startNats({
        dataDir: join(plan.dataDir, 'nats'),
        port: port ?? (natsPort === 0 ? undefined : natsPort),
        portKey: 'supervisor.natsPort',
        log: (line) => log.write(line),
      }),
    listener,
  );
}

function postgresServer(
  plan: StackPlan,
  listener: InfrastructureListener,
): SupervisedServer<EmbeddedPostgres> {
  const { postgresPort } = plan.config.supervisor;
  const log = new LogFile(join(plan.dataDir, 'logs/postgres.log'));
  return new SupervisedServer(
    'postgres',
    (port) =>
      startPostgres({
        dataDir: join(plan.dataDir, 'postgres'),
        port: port ?? (postgresPort === 0 ? undefined : postgresPort),
        portKey: 'supervisor.postgresPort',
        log: (line) => log.write(line),
      }),
    listener,
  );
}
