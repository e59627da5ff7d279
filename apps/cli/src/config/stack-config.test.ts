import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { withBars } from './bars-feed.ts';
import { serviceConfigText, serviceEnvironment } from './service-config.ts';
import { loadStack } from './stack-config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const BARS = `symbol,time,open,high,low,close,volume
SPY,2026-01-05T14:30:00Z,600,601,599,600.5,1000
QQQ,2026-01-05T14:30:00Z,500,501,499,500.5,1000
`;

test.each(['dev', 'paper'])('the environment %s is a whole configuration', (env) => {
  const plan = loadStack({ env }, {});
  expect(plan.environment).toBe(env);
  expect(plan.config.bots.length).toBeGreaterThan(1);
  expect(plan.dataDir).toBe(resolve('.capstan', plan.config.run.id));
  expect([plan.natsUrl, plan.postgresUrl]).toEqual([undefined, undefined]);
});

test('dev is the default; live and unknown environments are refused', () => {
  expect(loadStack({}, {}).environment).toBe('dev');
  expect(() => loadStack({ env: 'live' }, {})).toThrow(/--env paper/);
  expect(() => loadStack({ env: 'papr' }, {})).toThrow(/Did you mean 'paper'/);
  expect(() => loadStack({ env: 'dev', config: 'x.yaml' }, {})).toThrow(/Both/);
});

test('the file that CAPSTAN_CONFIG names counts where the command line names none', () => {
  const file = write('named.yaml', 'run: { id: named }\n');
  const environment = { CAPSTAN_CONFIG: file };
  expect(loadStack({}, environment)).toMatchObject({ environment: 'custom', file });
  expect(loadStack({ env: 'paper' }, environment).environment).toBe('paper');
  expect(loadStack({}, { CAPSTAN_CONFIG: '' }).environment).toBe('dev');
});

test('what the environment orders and means nothing is refused before anything runs; services get the rest', () => {
  expect(() => loadStack({}, { KILL_SWITCH: 'yes' })).toThrow(/Say true, soft, hard or false/);
  expect(() => loadStack({}, { CIRCUIT_BREAKER_RESET: 'papr' })).toThrow(/Known: all, paper/);
  const ordered = { KILL_SWITCH: 'hard', CIRCUIT_BREAKER_RESET: 'paper' };
  expect(serviceEnvironment(loadStack({}, ordered), ordered, 'cache')).toMatchObject(ordered);
});

test('live money takes both keys, and a venue that takes it', () => {
  const account = 'accounts: [{ accountId: main, mode: live }]\n';
  const one = write('one.yaml', account);
  expect(() => loadStack({ config: one }, {})).toThrow(/installation\.allowLive is not true/);
  const both = write('both.yaml', `${account}installation: { allowLive: true }\n`);
  expect(() => loadStack({ config: both }, {})).toThrow(/takes no real money/);
});

test('the command line wins over the file', () => {
  const plan = loadStack(
    { speed: 'max', dataDir: folder, httpPort: 9, restart: false, jsonLogs: true },
    {},
  );
  expect(plan.config.feeds).toMatchObject([{ speed: 'max' }]);
  expect(plan).toMatchObject({ dataDir: folder, dashboardPort: 9 });
  expect(plan.config.run.restartBots).toBe(false);
  expect(plan.config.log.format).toBe('json');
});

test('paths in a file are relative to it, and servers that it names are not started', () => {
  const config = write(
    'my.yaml',
    `run: { id: mine }
nats: { url: 'nats://elsewhere:4222' }
supervisor: { dataDir: data, dashboardPort: 0 }
feeds: [{ kind: file, feed: f, paths: [bars.csv] }]
`,
  );
  const plan = loadStack({ config }, { CAPSTAN_POSTGRES__URL: 'postgresql://u:p@db/capstan' });
  expect(plan).toMatchObject({
    environment: 'custom',
    dataDir: join(folder, 'data'),
    natsUrl: 'nats://elsewhere:4222',
    postgresUrl: 'postgresql://u:p@db/capstan',
    dashboardPort: 0,
  });
  expect(plan.config.feeds[0]).toMatchObject({ paths: [join(folder, 'bars.csv')] });
});

test('a misspelt key is refused with its line', () => {
  const config = write('bad.yaml', 'run: { id: x }\nsupervisor: { dashbordPort: 1 }\n');
  expect(() => loadStack({ config }, {})).toThrow(/bad\.yaml:2.*Did you mean 'dashboardPort'/s);
});

test('--bars plays the files and trades their symbols, in a run named by their content', async () => {
  const bars = [write('bars.csv', BARS)];
  const plan = await withBars(loadStack({}, {}), { bars, speed: 'max' });
  expect(plan.config.feeds).toEqual([
    expect.objectContaining({ kind: 'file', feed: 'bars', paths: bars, speed: 'max' }),
  ]);
  for (const bot of plan.config.bots) {
    expect(bot).toMatchObject({ feed: 'bars', symbols: ['QQQ', 'SPY'] });
  }
  expect(plan.config.run.id).toMatch(/^bars-[0-9a-z]{10}$/);
  expect(plan.dataDir).toBe(resolve('.capstan', plan.config.run.id));
  const same = await withBars(loadStack({}, {}), { bars: [write('copy.csv', BARS)] });
  const other = await withBars(loadStack({}, {}), {
    bars: [write('other.csv', BARS.replace('600.5', '600.6'))],
  });
  expect(same.config.run.id).toBe(plan.config.run.id);
  expect(other.config.run.id).not.toBe(plan.config.run.id);
});

test('a file without symbols needs --symbol, and says so', async () => {
  const text = BARS.split('\n')
    .filter((line) => !line.startsWith('QQQ'))
    .map((line) => line.replace(/^[^,]*,/, ''))
    .join('\n');
  const bars = [write('spy.csv', text)];
  await expect(withBars(loadStack({}, {}), { bars })).rejects.toThrow(/--symbol/);
  const plan = await withBars(loadStack({}, {}), { bars, symbol: 'SPY' });
  expect(plan.config.feeds[0]).toMatchObject({ symbol: 'SPY' });
  await expect(withBars(loadStack({}, {}), { bars: [join(folder, 'no.csv')] })).rejects.toThrow(
    /no such file/,
  );
});

test("a service's file holds all that was resolved, and can be read again", () => {
  const plan = loadStack({}, {});
  const addresses = {
    natsUrl: 'nats://127.0.0.1:1',
    postgresUrl: 'postgresql://127.0.0.1:2/capstan',
    paperExchangePort: 3,
    paperExchangeJournal: '/data/journal.jsonl',
  };
  const text = serviceConfigText(plan, addresses, { http: 4, grpc: 5 });
  const values = parse(text) as Record<string, Record<string, unknown>>;
  expect(values.server).toMatchObject({ host: '127.0.0.1', httpPort: 4, grpcPort: 5 });
  expect(values.paperExchange).toMatchObject({
    address: '127.0.0.1:3',
    journal: '/data/journal.jsonl',
  });
  expect(values.log).toMatchObject({ format: 'json' });
  expect(values.gateway).toEqual(plan.otherSections.gateway);
  expect(values.supervisor).toBeUndefined();
  const again = loadStack({ config: write('again.yaml', text) }, {});
  expect(again.config.bots).toEqual(plan.config.bots);
  expect(again.config.feeds).toEqual(plan.config.feeds);
});

test('a service does not get the variables that its file already contains', () => {
  const environment = serviceEnvironment(
    loadStack({}, {}),
    {
      PATH: '/bin',
      CAPSTAN_SERVER__HTTP_PORT: '1',
      CAPSTAN_PAPER_EXCHANGE__ADDRESS: 'x',
      CAPSTAN_CONFIG: 'x.yaml',
      CAPSTAN_GATEWAY__ENVIRONMENT: 'paper',
    },
    '/cache',
  );
  expect(environment).toEqual({
    PATH: '/bin',
    CAPSTAN_GATEWAY__ENVIRONMENT: 'paper',
    CAPSTAN_SUPERVISED: '1',
    NODE_COMPILE_CACHE: '/cache',
  });
});

test('alerts go to the services as they are written, without a secret', () => {
  const config = write(
    'alerts.yaml',
    `run: { id: mine }
alerts:
  quietHours: { from: '22:00', to: '07:00', timeZone: UTC }
  channels: [{ name: ops, kind: slack, url: { env: SLACK_URL }, minLevel: warning }]
`,
  );
  const environment = { SLACK_URL: 'https://hooks.slack.com/verysecret' };
  const plan = loadStack({ config }, environment);
  const addresses = {
    natsUrl: 'nats://x',
    postgresUrl: 'postgresql://x',
    paperExchangePort: 1,
    paperExchangeJournal: 'j',
  };
  const text = serviceConfigText(plan, addresses, { http: 1, grpc: 2 });
  expect(loadStack({ config: write('again.yaml', text) }, {}).config.alerts).toEqual(
    plan.config.alerts,
  );
  expect(text).toContain('env: SLACK_URL');
  expect(text).not.toContain('verysecret');
  expect(serviceEnvironment(plan, environment, '/cache').SLACK_URL).toBe(environment.SLACK_URL);
});
