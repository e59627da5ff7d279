import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer } from '@capstan/embedded';
import { loadConfig } from '@capstan/runtime';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadStack } from './config/stack-config.ts';
import { stackSchema } from './config/supervisor-section.ts';
import { PROJECT_ROOT } from './project.ts';
import { SERVICES } from './service-list.ts';

interface Container {
  readonly image: string;
  readonly build?: { readonly target?: string; readonly args: Readonly<Record<string, string>> };
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
  readonly restart?: string;
}

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');
const text = read('docker/compose.yaml');
const { services: containers } = parse(text, { merge: true }) as {
  readonly services: Readonly<Record<string, Container>>;
};
const dockerfile = read('docker/Dockerfile');
const imagePort = (name: string): number =>
  Number(new RegExp(`CAPSTAN_SERVER__${name}_PORT=(\\d+)`).exec(dockerfile)?.[1]);

/** Services that run in a cluster alone. */
const CLUSTER_ONLY = new Set(['operator']);
const names = readdirSync(join(PROJECT_ROOT, 'services'))
  .filter((name) => statSync(join(PROJECT_ROOT, 'services', name)).isDirectory())
  .filter((name) => !CLUSTER_ONLY.has(name))
  .sort();
const ours = Object.entries(containers).filter(([, { image }]) => image.includes('capstan-'));

function containerOf(name: string): Container {
  const found = containers[name];
  if (found === undefined) throw new Error(`docker/compose.yaml has no '${name}'`);
  return found;
}

describe('docker/compose.yaml', () => {
  test('runs every service of the platform, each from its own image', () => {
    expect(SERVICES.map(({ name }) => name).sort()).toEqual(names);
    for (const name of names) {
      const { image, build, restart } = containerOf(name);
      expect(image).toContain(`capstan-${name}:`);
      expect(build?.args.SERVICE).toBe(name);
      expect(restart).toBe('unless-stopped');
    }
    const commands = ours.filter(([name]) => !names.includes(name));
    expect(commands.length).toBeGreaterThan(3);
    for (const [, { image, build }] of commands) {
      expect(image).toContain('capstan-cli:');
      expect(build).toMatchObject({ target: 'cli', args: { SERVICE: 'cli' } });
    }
  });

  test('sets only variables that the configuration has', () => {
    for (const [name, { environment = {} }] of ours) {
      const given = Object.entries(environment).map(([key, value]) => [key, withDefaults(value)]);
      const { config } = loadConfig(stackSchema, { environment: Object.fromEntries(given) });
      if (name === 'secrets') continue;
      expect(config.postgres.url).toBe('postgresql://capstan@postgres:5432/capstan');
      expect(config.nats.url).toBe('nats://nats:4222');
      // Each is its own user at NATS, and the setup alone makes streams.
      const user = { streams: 'setup' }[name] ?? (names.includes(name) ? name : undefined);
      expect([name, config.nats.user, config.nats.makeStreams]).toEqual([
        ...[name, user, name === 'streams'],
      ]);
      if (user !== undefined) expect(config.nats.passwordFile).toBe(`/run/secrets/nats-${user}`);
      expect(config.paperExchange.address).toBe(`paper-exchange:${imagePort('GRPC')}`);
    }
  });

  test('tells gateway and Prometheus where every service answers', () => {
    const told = containerOf('gateway').environment?.CAPSTAN_GATEWAY__SERVICES ?? '';
    const port = imagePort('HTTP');
    const urls = names.map((name) => [name, `http://${name}:${port}`]);
    expect(parse(told)).toEqual(Object.fromEntries(urls));
    const { scrape_configs: scraped } = parse(read('docker/observability/prometheus.yaml')) as {
      readonly scrape_configs: readonly {
        readonly static_configs: readonly { readonly targets: readonly string[] }[];
      }[];
    };
    const targets = scraped.flatMap((one) => one.static_configs.flatMap((group) => group.targets));
    expect([...targets].sort()).toEqual(names.map((name) => `${name}:${port}`));
    expect(dockerfile).toContain(`EXPOSE ${port} ${imagePort('GRPC')}`);
  });

  test('confines every container of ours, and grants more time than a drain may take', () => {
    const { server } = loadConfig(stackSchema).config;
    for (const [name, container] of ours) {
      expect(container, name).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      expect(container.security_opt, name).toEqual(['no-new-privileges:true']);
      if (!names.includes(name)) continue;
      const graceMs = Number(container.stop_grace_period?.replace(/s$/, '')) * 1_000;
      expect(graceMs, name).toBeGreaterThan(server.drainDeadlineMs);
    }
    expect(dockerfile).toMatch(/^USER 10001:10001$/m);
  });

  test('reads no secret that is not made at the first start', () => {
    const folder = mkdtempSync(join(tmpdir(), 'capstan-secrets-'));
    try {
      const script = join(PROJECT_ROOT, 'docker/first-secrets.mjs');
      const authorization = join(PROJECT_ROOT, 'charts/capstan/files/nats-authorization.conf');
      const make = (): string =>
        execFileSync(process.execPath, [script, folder, authorization]).toString();
      expect(make()).not.toBe('');
      const made = readdirSync(folder).sort();
      const contents = made.map((name) => readFileSync(join(folder, name), 'utf8'));
      expect(new Set(contents).size).toBe(made.length);
      for (const content of contents) expect(content.length).toBeGreaterThanOrEqual(32);
      const used = [...text.matchAll(/\/run\/secrets\/([a-z.-]+)/g)].map(([, name]) => name);
      // The operator runs in a cluster alone.
      expect([...new Set([...used, 'nats-operator'])].sort()).toEqual(made);
      expect(make()).toBe('');
      expect(made.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(contents);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('has whole secrets after a start that found no room for them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'capstan-secrets-'));
    try {
      const script = join(PROJECT_ROOT, 'docker/first-secrets.mjs');
      const authorization = join(PROJECT_ROOT, 'charts/capstan/files/nats-authorization.conf');
      const make = [process.execPath, script, folder, authorization];
      const noRoom = ['-c', 'ulimit -f 0; exec "$0" "$@"', ...make];
      expect(() => execFileSync('sh', noRoom, { stdio: 'pipe' })).toThrow();
      execFileSync(process.execPath, make.slice(1));
      const made = readdirSync(folder);
      expect(made).toContain('postgres-password');
      expect(made.filter((name) => name.endsWith('.new'))).toEqual([]);
      for (const name of made)
        expect([name, statSync(join(folder, name)).size >= 32]).toEqual([name, true]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('lets NATS know its users by a configuration that it takes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'capstan-secrets-'));
    try {
      const script = join(PROJECT_ROOT, 'docker/first-secrets.mjs');
      const authorization = join(PROJECT_ROOT, 'charts/capstan/files/nats-authorization.conf');
      const make = () => execFileSync(process.execPath, [script, folder, authorization]);
      make();
      const conf = join(folder, 'nats.conf');
      const server = await findNatsServer();
      expect(() => execFileSync(server, ['-t', '-c', conf], { stdio: 'pipe' })).not.toThrow();
      const [, passwordOfRisk] =
        /^NATS_PASSWORD_RISK: "(.+)"$/m.exec(readFileSync(conf, 'utf8')) ?? [];
      expect(passwordOfRisk).toBe(readFileSync(join(folder, 'nats-risk'), 'utf8'));
      const before = readFileSync(conf, 'utf8');
      rmSync(join(folder, 'nats-risk'), { force: true });
      make();
      expect(readFileSync(conf, 'utf8')).not.toBe(before);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('has its settings, with what they are by default, in .env.example', () => {
    const settings = [...text.matchAll(/\$\{([A-Z_]+):-([^}]*)\}/g)].map(
      ([, name, value]) => [name ?? '', value ?? ''] as const,
    );
    const shown = new Map(
      [...read('docker/.env.example').matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [
        name ?? '',
        value ?? '',
      ]),
    );
    shown.delete('COMPOSE_PROFILES');
    expect([...new Set(settings.map(([name]) => name))].sort()).toEqual([...shown.keys()].sort());
    // These two are shown as one would set them.
    const examples = new Set(['CAPSTAN_CONFIG_FILE', 'CAPSTAN_OTLP_ENDPOINT']);
    for (const [name, value] of settings) {
      if (!examples.has(name)) expect(`${name}=${shown.get(name)}`).toBe(`${name}=${value}`);
    }
  });

  test('mounts files that are there, and a configuration that is well', () => {
    const mounted = Object.values(containers)
      .flatMap(({ volumes = [] }) => volumes)
      .map((volume) => withDefaults(volume).split(':')[0] ?? '')
      .filter((path) => path.startsWith('.'));
    expect(mounted.length).toBeGreaterThan(3);
    for (const path of mounted) statSync(join(PROJECT_ROOT, 'docker', path));
    const config = join(
      PROJECT_ROOT,
      'docker',
      mounted.find((path) => /config\/\w+\.yaml$/.test(path)) ?? '',
    );
    expect(loadStack({ config }, {}).config.accounts.every(({ venue }) => venue === 'paper')).toBe(
      true,
    );
  });
});

/** Puts the default in the place of each setting. */
function withDefaults(value: string): string {
  return value.replaceAll(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1');
}
