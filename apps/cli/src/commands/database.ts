import { join } from 'node:path';
import { AppError, hasCode } from '@capstan/domain';
import { startPostgres } from '@capstan/embedded';
import type { Store } from '@capstan/ports';
import { createLogger, postgresAddress, readEnvironment, systemClock } from '@capstan/runtime';
import { applyMigrations, type DatabaseAddress, migrationStatus, openStore } from '@capstan/store';
import { type Command, Option } from 'commander';
import { loadStack, type StackOptions } from '../config/stack-config.ts';
import { renderTable } from '../console/table.ts';
import type { CliErrorCode } from '../error-codes.ts';
import { makeTokenKnown } from '../known-token.ts';
import { DATABASE_POLL_MS } from '../limits.ts';
import type { CommandContext } from '../program.ts';
import { MIGRATIONS_DIR } from '../project.ts';
import { DATABASE } from '../supervisor/infrastructure.ts';
import { isSameProcess } from '../supervisor/process-identity.ts';
import { readRunRecord } from '../supervisor/run-file.ts';
import { countArgument, jsonOption } from './arguments.ts';
import { prune, pruneText } from './prune.ts';

interface Options extends StackOptions {
  readonly json?: boolean;
}

const HELP = `
The database is that of postgres.url (in the configuration or CAPSTAN_POSTGRES__URL), else the embedded one of the
data directory, which is started for the moment when the stack does not run.`;

const PRUNE_HELP = `
The stack does it by itself at the end of each day of a market. A message that a receiver has not read stays, and so do
orders, intents, fills and ledgers, for ever; equity is thinned to the last point of each hour.

Examples:
  capstan db prune --dry-run
  CAPSTAN_RETENTION__COMMAND_DAYS=30 capstan db prune --dry-run`;

/** Adds `db migrate`, `db status`, `db prune` and `token add`. */
export function addDatabaseCommands(program: Command, { output, exit }: CommandContext): void {
  const db = program
    .command('db')
    .description('look after the database')
    .addHelpText('after', HELP);
  withStackOptions(db.command('migrate').description('apply the migrations that it does not have'))
    .option('--wait <seconds>', 'how long PostgreSQL may take to answer', countArgument)
    .addOption(jsonOption())
    .action(async ({ wait = 0, ...options }: Options & { readonly wait?: number }) => {
      const applied = await withDatabase(options, (url) =>
        onceAvailable(wait, () => applyMigrations(url, MIGRATIONS_DIR)),
      );
      if (options.json === true) output.out(JSON.stringify({ applied }, null, 2));
      else if (applied.length === 0) output.out('The database is up to date.');
      else output.out(`Applied ${applied.join(', ')}.`);
    });
  withStackOptions(
    db.command('status').description('list the migrations; exit code 1 if any is missing'),
  )
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const rows = await withDatabase(options, (url) => migrationStatus(url, MIGRATIONS_DIR));
      if (options.json === true) output.out(JSON.stringify({ migrations: rows }, null, 2));
      else {
        output.out(
          renderTable(
            [
              { title: 'migration', text: ({ name }) => name },
              { title: 'state', text: ({ state }) => state },
            ],
            rows,
          ),
        );
      }
      if (rows.some(({ state }) => state !== 'applied')) exit(1);
    });
  withStackOptions(
    db.command('prune').description('remove the rows that are older than retention says'),
  )
    .option('--dry-run', 'only say how many would go')
    .addOption(jsonOption())
    .addHelpText('after', PRUNE_HELP)
    .action(async (options: Options & { readonly dryRun?: boolean }) => {
      const remove = options.dryRun !== true;
      const { config } = loadStack(options, readEnvironment());
      const pruned = await withStore(options, (store) => prune(store, config, remove));
      output.out(
        options.json === true
          ? JSON.stringify({ dryRun: !remove, ...pruned }, null, 2)
          : pruneText(pruned, remove),
      );
    });
  const token = program.command('token').description("look after the gateway's bearer tokens");
  withStackOptions(
    token
      .command('add')
      .description('make a token; it is shown once, only its hash is stored')
      .argument('<name>', 'whose it is; the audit shows it'),
  )
    .addOption(
      new Option('--role <role>', 'what it allows')
        .choices(['viewer', 'operator'])
        .default('viewer'),
    )
    .option('--file <file>', 'make the token known that this file holds, as often as you like')
    .action(async (name: string, options: TokenOptions) => {
      output.out(
        await withStore(options, (store) =>
          makeTokenKnown({ ...options, name }, store, systemClock),
        ),
      );
    });
}

interface TokenOptions extends Options {
  readonly role: 'viewer' | 'operator';
  readonly file?: string;
}

function withStackOptions(command: Command): Command {
  return command
    .option('--env <name>', 'the environment: dev or paper (default: dev)')
    .option('--config <file>', "a configuration file in place of the environment's")
    .option('--data-dir <dir>', 'the data directory of the stack (default: .capstan/<run>)');
}

/** Runs `use` with the journal of the stack. */
function withStore<T>(options: Options, use: (store: Store) => Promise<T>): Promise<T> {
  return withDatabase(options, async (url) => {
    const log = createLogger({ service: 'capstan', level: 'error', format: 'text' });
    const opened = openStore({ url, poolMax: 1, log });
    try {
      return await use(opened.store);
    } finally {
      await opened.close();
    }
  });
}

/** Does it again while the server does not answer, for so many seconds. */
async function onceAvailable<T>(seconds: number, attempt: () => Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + seconds * 1_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!hasCode(error, 'STORE.UNAVAILABLE') || performance.now() >= deadlineMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, DATABASE_POLL_MS));
    }
  }
}

/** Runs `use` with the address of the stack's database. */
async function withDatabase<T>(
  options: Options,
  use: (address: DatabaseAddress) => Promise<T>,
): Promise<T> {
  const plan = loadStack(options, readEnvironment());
  if (plan.postgresUrl !== undefined) return use(postgresAddress(plan.config.postgres));
  const record = readRunRecord(plan.dataDir);
  if (record !== undefined && isSameProcess(record)) {
    if (record.postgresUrl !== undefined) return use(record.postgresUrl);
    throw new AppError({
      code: 'CLI.NOT_RUNNING' satisfies CliErrorCode,
      why: `The stack on ${plan.dataDir} has no PostgreSQL yet.`,
      fix: 'Try again in a moment.',
    });
  }
  const postgres = await startPostgres({ dataDir: join(plan.dataDir, 'postgres') });
  try {
    return await use(await postgres.createDatabase(DATABASE));
  } finally {
    await postgres.stop();
  }
}
