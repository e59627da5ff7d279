import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConfigSchema, loadConfig } from '../../packages/runtime/src/config.ts';
import {
  checkPlatform,
  type PlatformConfig,
} from '../../packages/runtime/src/platform-sections.ts';
import { CHART } from './helm.ts';
import { type Rendered, renderChart } from './render-chart.ts';
import { componentOf, containerOf, every, rendered, the } from './rendered.test-support.ts';

interface Variable {
  readonly name: string;
  readonly value?: string;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chart-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const textOf = (objects: readonly Rendered[]): string =>
  the(objects, 'ConfigMap', '').data['config.yaml'];

/** Reads the configuration as the service in a pod does, from its file and its variables. */
async function configOf(objects: readonly Rendered[], name: string): Promise<PlatformConfig> {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, textOf(objects));
  const service = name === 'backtest-desk' ? 'backtest-worker' : name;
  const module: unknown = await import(`../../services/${service}/src/config.ts`);
  const { configSchema } = module as { readonly configSchema: ConfigSchema };
  const variables: readonly Variable[] = containerOf(the(objects, 'Deployment', `-${name}`)).env;
  const mounted = join(folder, 'secret');
  writeFileSync(mounted, 'postgresql://user@database/capstan');
  const given = variables.flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, name.endsWith('_FILE') ? mounted : value]],
  );
  const environment = Object.fromEntries(given) as Record<string, string>;
  return loadConfig(configSchema, { file, environment }).config as unknown as PlatformConfig;
}

describe('the configuration that the chart renders', () => {
  test('is one that every service reads and finds whole', async () => {
    for (const file of readdirSync(join(CHART, 'ci'))) {
      const objects = renderChart({ files: [`ci/${file}`] });
      for (const name of every(objects, 'Deployment').map(componentOf)) {
        const config = await configOf(objects, name);
        checkPlatform(config);
        expect([file, name, config.accounts.length]).toEqual([file, name, 1]);
      }
    }
  });

  test('tells pods where each is, and where they listen', async () => {
    const config = await configOf(rendered(), 'gateway');
    expect(config).toMatchObject({
      server: { host: '0.0.0.0', httpPort: 8080, grpcPort: 9090 },
      log: { format: 'json' },
      paperExchange: { address: 'test-capstan-paper-exchange:9090' },
      gateway: { services: { risk: 'http://test-capstan-risk:8080' } },
    });
  });

  test('is the demonstration until something says what is traded, and then nothing of it', async () => {
    const quiet = await configOf(rendered({ config: { log: { level: 'warn' } } }), 'risk');
    expect(quiet.bots.map(({ botId }) => botId)).toContain('trend');
    expect(quiet).toMatchObject({ log: { level: 'warn' } });
    const own = await configOf(rendered({ config: { accounts: [{ accountId: 'mine' }] } }), 'risk');
    expect(own.accounts.map(({ accountId }) => accountId)).toEqual(['mine']);
    expect([own.bots, own.feeds, own.run.id]).toEqual([[], [], 'live']);
  });

  test('takes large and exact numbers as they are', async () => {
    const feed = {
      feed: 'f',
      kind: 'generator',
      seed: 20260105,
      symbols: [{ symbol: 'SPY', startPrice: '600.10', dailyVolume: 80_000_000 }],
    };
    const config = await configOf(rendered({ config: { feeds: [feed] } }), 'market-data');
    expect(config.feeds).toMatchObject([
      { seed: 20260105, symbols: [{ startPrice: '600.10', dailyVolume: 80_000_000 }] },
    ]);
  });

  test('lets the desk answer, and the workers compute', async () => {
    const objects = rendered({ workers: { mode: 'keda', keda: { monitoringEndpoint: 'n:1' } } });
    const computes = async (name: string): Promise<unknown> =>
      Reflect.get(await configOf(objects, name), 'backtest-worker');
    expect(await computes('backtest-desk')).toEqual({ computes: false });
    expect(await computes('backtest-worker')).toEqual({ computes: true });
  });

  test('lets the gateway be asked for under every name by which the chart leads to it', async () => {
    const wayIn = {
      ingress: { enabled: true, hosts: ['a.example.com'] },
      httpRoute: { enabled: true, parentRefs: [{ name: 'g' }], hostnames: ['b.example.com'] },
    };
    const hostsOf = async (hosts: readonly string[]): Promise<unknown> => {
      const config = { gateway: { auth: { localOperator: false, hosts } } };
      const read = await configOf(rendered({ ...wayIn, config }), 'gateway');
      return Reflect.get(read, 'gateway').auth.hosts;
    };
    const service = 'test-capstan-gateway';
    expect(await hostsOf(['c.example.com'])).toEqual([
      ...['c.example.com', service, `${service}.trading`, `${service}.trading.svc`],
      ...['a.example.com', 'b.example.com'],
    ]);
    expect(await hostsOf([])).toEqual([]);
  });

  test('says where pods listen, also by the variable that wins over the image’s', async () => {
    const six = rendered({ config: { server: { host: '::' } } });
    expect(Reflect.get(await configOf(six, 'risk'), 'server')).toMatchObject({
      host: '::',
      httpPort: 8080,
    });
    expect(containerOf(the(six, 'Deployment', '-risk')).env).toContainEqual({
      name: 'CAPSTAN_SERVER__HOST',
      value: '::',
    });
  });

  test('names the consumer of the queue as the workers do', async () => {
    const { consumerName } = await import('../../packages/bus/src/nats-work-queue.ts');
    const { WORK_CLASSES } = await import('../../packages/contracts/src/streams.ts');
    const { subjects } = await import('../../packages/contracts/src/subjects.ts');
    const objects = rendered({ workers: { mode: 'keda', keda: { monitoringEndpoint: 'n:1' } } });
    expect(
      the(objects, 'ScaledObject', '-backtest-worker').spec.triggers[0].metadata,
    ).toMatchObject({
      natsServerMonitoringEndpoint: 'n:1',
      stream: 'BACKTEST_WORK',
      consumer: consumerName(subjects.backtestWork(WORK_CLASSES[0])),
    });
  });
});
