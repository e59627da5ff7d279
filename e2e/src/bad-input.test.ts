import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, startTestServers, type TestServers, waitUntil } from '@capstan/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type ServiceName, ServiceProcess, STACK_START_MS } from './service-process.ts';

/** Stands for every password: no log and no page may show it. */
const CANARY = 'canary-91c2d7';
const LOOK_MS = 60_000;
const POLL_MS = 100;
const ALPACA = { accounts: [{ accountId: 'fund', venue: 'alpaca' }] };
const NO_JETSTREAM = /no JetStream.*Start the server with JetStream/;
/** As the chart has it: who trades makes no streams. */
const NO_STREAMS = { CAPSTAN_NATS__MAKE_STREAMS: 'false' };

/** What is wrong, and how the service says so: in which words of its first line, how it ends, or which check is bad. */
interface Case {
  readonly name: ServiceName;
  readonly config?: object;
  readonly environment?: Readonly<Record<string, string>>;
  /** True where its NATS is one without JetStream. */
  readonly isPlain?: true;
  readonly first: RegExp;
  readonly exitCode?: number;
  readonly check?: 'nats' | 'postgres';
}

const CASES: Readonly<Record<string, Case>> = {
  'a key that there is not ends it': {
    name: 'risk',
    config: { riks: {} },
    first: /^risk: CONFIG\.INVALID: .*\.yaml:\d+: unknown section 'riks'\. Did you mean 'risk'\?/s,
    exitCode: 2,
  },
  'a secret that is not mounted ends it': {
    name: 'signal',
    environment: { CAPSTAN_POSTGRES__URL_FILE: '/run/secrets/none/url' },
    first:
      /CONFIG\.FILE: CAPSTAN_POSTGRES__URL_FILE names \/run\/secrets\/none\/url.*Mount the secret/,
    exitCode: 2,
  },
  'keys of a broker that are not there end it': {
    name: 'position-sync',
    config: ALPACA,
    environment: { ALPACA_KEY_ID_FILE: '/run/secrets/none/id', ALPACA_SECRET_KEY: CANARY },
    first: /VENUE\.CREDENTIALS.*ALPACA_KEY_ID/,
    exitCode: 1,
  },
  'a password for NATS that is not mounted is waited for': {
    name: 'reporting',
    environment: {
      CAPSTAN_NATS__USER: 'reporting',
      CAPSTAN_NATS__PASSWORD_FILE: '/run/secrets/none/password',
    },
    first: /nats\.passwordFile names \/run\/secrets\/none\/password.*Mount the secret/,
    check: 'nats',
  },
  'a database that cannot be reached is waited for': {
    name: 'risk',
    first: /connect ECONNREFUSED.*Check that PostgreSQL runs, and that postgres\.url leads there/,
    check: 'postgres',
  },
  'NATS without JetStream is waited for by the one that makes the streams': {
    name: 'market-data',
    isPlain: true,
    first: NO_JETSTREAM,
    check: 'nats',
  },
  'NATS without JetStream is waited for by those that make none': {
    name: 'backtest-worker',
    isPlain: true,
    environment: NO_STREAMS,
    first: NO_JETSTREAM,
    check: 'nats',
  },
};

let servers: TestServers<{ nats: true }>;
let withoutStreams: TestServers<{ nats: true }>;
let closedPort = 0;
const services = new Map<string, ServiceProcess>();

/** Starts a service as a pod does, which waits for NATS as long as its startup probe lets it. */
async function start(label: string, one: Case): Promise<void> {
  const folder = join(servers.folder, label);
  await mkdir(folder);
  const file = join(folder, 'config.yaml');
  const { url } = one.isPlain === true ? withoutStreams.nats : servers.nats;
  await writeFile(file, stringify({ nats: { url, waitSeconds: 150 }, ...one.config }));
  const environment = {
    CAPSTAN_LOG__FORMAT: 'json',
    CAPSTAN_POSTGRES__URL: `postgresql://u:${CANARY}@127.0.0.1:${closedPort}/capstan`,
    ...one.environment,
  };
  const service = new ServiceProcess(one.name, file, folder, environment);
  services.set(label, service);
  await service.start();
}

beforeAll(async () => {
  [servers, withoutStreams] = await Promise.all([
    startTestServers({ nats: true }),
    startTestServers({ nats: true, natsOptions: { furtherConfig: 'jetstream: disabled' } }),
  ]);
  closedPort = await freePort();
  await Promise.all(Object.entries(CASES).map(([label, one]) => start(label, one)));
}, STACK_START_MS);
afterAll(async () => {
  await Promise.all([...services.values()].map((one) => one.kill()));
  await Promise.all([servers?.stop(), withoutStreams?.stop()]);
});

const logOf = ({ logFile }: ServiceProcess): string => readFileSync(logFile, 'utf8');

/** Waits for the first words of a service, a line or two, and looks that no secret is in any. */
async function firstWords(service: ServiceProcess): Promise<string> {
  const hasSpoken = () => Promise.resolve(logOf(service).includes('\n'));
  expect(await waitUntil(hasSpoken, LOOK_MS, POLL_MS)).toBe(true);
  expect(logOf(service)).not.toContain(CANARY);
  return logOf(service).split('\n').slice(0, 2).join('\n');
}

describe('what is wrong is said at once, with the value and the remedy:', () => {
  it.each(Object.entries(CASES))('%s', async (label, { first, exitCode, check }) => {
    const service = services.get(label) as ServiceProcess;
    const said = await firstWords(service);
    expect(said).toMatch(first);
    if (check === undefined) {
      const isOver = () => Promise.resolve(service.exitCode !== null);
      expect(await waitUntil(isOver, LOOK_MS, POLL_MS)).toBe(true);
      expect(service.exitCode).toBe(exitCode);
      return;
    }
    const isTold = async () => (await service.readiness())?.checks[check]?.ok === false;
    expect(await waitUntil(isTold, LOOK_MS, POLL_MS)).toBe(true);
    const page = await service.readiness();
    expect(page?.checks[check]?.reason).toMatch(first);
    expect(JSON.stringify(page)).not.toContain(CANARY);
    expect(service.exitCode).toBeNull();
  });
});
