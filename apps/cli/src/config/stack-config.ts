import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AppError } from '@capstan/domain';
import {
  type ConfigOf,
  checkPlatform,
  type Environment,
  type FeedConfig,
  loadConfig,
  nearestName,
  readStartOrders,
} from '@capstan/runtime';
import { parse } from 'yaml';
import type { CliErrorCode } from '../error-codes.ts';
import { environmentFile } from '../project.ts';
import type { EmulatorPlan } from './emulated-venue.ts';
import { stackSchema } from './supervisor-section.ts';

export type StackConfig = ConfigOf<typeof stackSchema>;

/** The named environments; each is a file under `config/`. */
export const ENVIRONMENTS = ['dev', 'paper', 'live'] as const;

/** What the command line says about the configuration. */
export interface StackOptions {
  /** A named environment. Default: the file that CAPSTAN_CONFIG names, else dev. */
  readonly env?: string | undefined;
  /** A configuration file in place of the environment's. */
  readonly config?: string | undefined;
  /** Replaces the speed of every feed. */
  readonly speed?: number | 'max' | undefined;
  readonly dataDir?: string | undefined;
  readonly httpPort?: number | undefined;
  readonly restart?: boolean | undefined;
  readonly jsonLogs?: boolean | undefined;
}

/** The configuration of a stack, with every path absolute. */
export interface StackPlan {
  readonly environment: string;
  readonly config: StackConfig;
  /** Sections that the services check themselves. */
  readonly otherSections: Readonly<Record<string, unknown>>;
  /** The file it was read from. */
  readonly file: string;
  readonly dataDir: string;
  /** Undefined where the supervisor is to start one. */
  readonly natsUrl: string | undefined;
  readonly postgresUrl: string | undefined;
  readonly dashboardPort: number;
  /** The emulator of a vendor that the stack brings along. */
  readonly emulator?: EmulatorPlan;
}

/**
 * Reads and checks the configuration of a stack.
 * @throws CLI.USAGE @throws CLI.LIVE @throws CONFIG.FILE @throws CONFIG.SYNTAX @throws CONFIG.INVALID
 */
export function loadStack(options: StackOptions, environment: Environment): StackPlan {
  const name = environmentName(options);
  const given = options.config ?? (options.env === undefined ? namedFile(environment) : undefined);
  const file = resolve(given ?? environmentFile(name));
  const { config: loaded } = loadConfig(stackSchema, { file, environment });
  checkPlatform(loaded);
  // Execution reads them at its start; a word that means nothing is to be seen before anything runs.
  readStartOrders(
    environment,
    loaded.accounts.map((one) => one.accountId),
  );
  const raw = rawSections(file);
  const config = withOptions(absolutePaths(loaded, dirname(file)), options);
  const own = Object.keys(stackSchema.sections);
  const others = Object.entries(raw).filter(([section]) => !own.includes(section));
  return {
    environment: given === undefined ? name : 'custom',
    config,
    otherSections: Object.fromEntries(others),
    file,
    dataDir: dataDirOf(options, config, dirname(file)),
    natsUrl: isGiven(raw, environment, 'nats') ? config.nats.url : undefined,
    postgresUrl: isGiven(raw, environment, 'postgres') ? config.postgres.url : undefined,
    dashboardPort: options.httpPort ?? config.supervisor.dashboardPort,
  };
}

/** The file that services take too where no other is given. */
function namedFile({ CAPSTAN_CONFIG: file }: Environment): string | undefined {
  return file === '' ? undefined : file;
}

function environmentName(options: StackOptions): string {
  const name = options.env ?? 'dev';
  if (options.env !== undefined && options.config !== undefined) {
    throw new AppError({
      code: 'CLI.USAGE' satisfies CliErrorCode,
      why: 'Both --env and --config were given: each names a configuration file.',
      fix: 'Give one of them.',
    });
  }
  if (name === 'live') {
    throw new AppError({
      code: 'CLI.LIVE' satisfies CliErrorCode,
      why: 'No configuration for live trading comes along: real money takes an account of your own and both keys to it.',
      fix: 'Write one as docs/alpaca.md says and give it by --config, or use --env paper, which trades the same way on the paper exchange.',
    });
  }
  if (ENVIRONMENTS.some((known) => known === name)) return name;
  const near = nearestName(name, ENVIRONMENTS);
  throw new AppError({
    code: 'CLI.USAGE' satisfies CliErrorCode,
    why: `There is no environment '${name}'.`,
    fix: near === undefined ? `Known: ${ENVIRONMENTS.join(', ')}.` : `Did you mean '${near}'?`,
  });
}

function rawSections(file: string): Readonly<Record<string, unknown>> {
  const values: unknown = parse(readFileSync(file, 'utf8')) ?? {};
  return typeof values === 'object' && values !== null ? { ...values } : {};
}

/** Tells whether a server's URL was given, rather than being the default. */
function isGiven(
  raw: Readonly<Record<string, unknown>>,
  environment: Environment,
  section: 'nats' | 'postgres',
): boolean {
  const variable = `CAPSTAN_${section.toUpperCase()}__URL`;
  if (environment[variable] !== undefined || environment[`${variable}_FILE`] !== undefined) {
    return true;
  }
  const values = raw[section];
  return typeof values === 'object' && values !== null && 'url' in values;
}

function absolutePaths(config: StackConfig, folder: string): StackConfig {
  return { ...config, feeds: config.feeds.map((feed) => absoluteFeed(feed, folder)) };
}

function absoluteFeed(feed: FeedConfig, folder: string): FeedConfig {
  if (feed.kind === 'file') {
    return { ...feed, paths: feed.paths.map((path) => resolve(folder, path)) };
  }
  if (feed.kind !== 'venue' || feed.record === undefined) return feed;
  return { ...feed, record: resolve(folder, feed.record) };
}

function withOptions(config: StackConfig, options: StackOptions): StackConfig {
  const { speed, restart, jsonLogs } = options;
  const feeds =
    speed === undefined
      ? config.feeds
      : config.feeds.map((feed) => (feed.kind === 'venue' ? feed : { ...feed, speed }));
  const run = restart === false ? { ...config.run, restartBots: false } : config.run;
  const log = jsonLogs === true ? { ...config.log, format: 'json' as const } : config.log;
  return { ...config, feeds, run, log };
}

function dataDirOf(options: StackOptions, config: StackConfig, folder: string): string {
  if (options.dataDir !== undefined) return resolve(options.dataDir);
  const { dataDir } = config.supervisor;
  return dataDir === undefined ? defaultDataDir(config.run.id) : resolve(folder, dataDir);
}

/** Where a run's data are unless told otherwise: under the folder that the command is called in. */
export function defaultDataDir(runId: string): string {
  return resolve('.capstan', runId);
}
