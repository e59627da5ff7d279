import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsUsers, passwordVariable } from '@capstan/bus';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { CHART } from './helm.ts';
import { type Rendered, refusalOf, renderChart } from './render-chart.ts';
import {
  componentOf,
  containerOf,
  every,
  podOf,
  rendered,
  the,
  withExternal,
} from './rendered.test-support.ts';

let bundled: readonly Rendered[];
beforeAll(() => {
  bundled = renderChart({ values: { backup: { enabled: true } } });
});

/** What a pod's volume of secrets holds: the Secret, its key, and the file. */
const secretsOf = (pod: Rendered['spec']): readonly string[] =>
  (pod.volumes as readonly Rendered['spec'][])
    .filter(({ name }) => name === 'secrets')
    .flatMap(({ projected }) => projected.sources)
    .flatMap(({ secret }) =>
      secret.items.map((one: Rendered['spec']) => `${secret.name} ${one.key} ${one.path}`),
    );
const environmentOf = (container: Rendered['spec']): Readonly<Record<string, string>> =>
  Object.fromEntries(container.env.map((one: Rendered['spec']) => [one.name, one.value]));

describe('a trial', () => {
  test('gives each service its own password at NATS, and nobody another', () => {
    for (const deployment of every(bundled, 'Deployment')) {
      const service = deployment.metadata.name.replace('test-capstan-', '');
      const user = service === 'backtest-desk' ? 'backtest-worker' : service;
      const fromNats = secretsOf(podOf(deployment)).filter((one) => one.includes('-nats '));
      expect(fromNats).toEqual([`test-capstan-nats ${user} nats/password`]);
      expect(environmentOf(containerOf(deployment))).toMatchObject({
        CAPSTAN_NATS__URL: 'nats://test-capstan-nats:4222',
        CAPSTAN_NATS__USER: user,
        CAPSTAN_NATS__MAKE_STREAMS: 'false',
        CAPSTAN_NATS__PASSWORD_FILE: '/run/secrets/capstan/nats/password',
      });
    }
  });

  test('makes a password for every user of the authorization, which the server reads', () => {
    const secret = the(bundled, 'Secret', '-nats');
    expect(Object.keys(secret.stringData)).toEqual([...natsUsers()].sort());
    const passwords: readonly string[] = Object.values(secret.stringData);
    for (const one of passwords) expect(one).toMatch(/^[A-Za-z][A-Za-z0-9]{31}$/);
    expect(new Set(passwords).size).toBe(passwords.length);
    const server = the(bundled, 'StatefulSet', '-nats');
    expect(containerOf(server).env.map((one: Rendered['spec']) => one.name)).toEqual(
      natsUsers().map(passwordVariable),
    );
    const { data } = the(bundled, 'ConfigMap', '-nats');
    expect(data['authorization.conf']).toContain('"trading.approved.*"');
  });

  test('keeps the password of PostgreSQL as long as its volume', () => {
    const { metadata } = the(bundled, 'Secret', '-postgresql');
    expect(metadata.annotations?.['helm.sh/resource-policy']).toBe('keep');
  });

  test('runs the migrations beside its servers, by a Job that is another with each version', () => {
    const nameOf = (values: object): string => {
      const [job] = every(renderChart({ values }), 'Job');
      expect(job?.metadata.annotations?.['helm.sh/hook']).toBeUndefined();
      return job?.metadata.name ?? '';
    };
    const first = nameOf({ global: { tag: '1.0.0' } });
    expect(first).toMatch(/^test-capstan-migrations-[0-9a-f]{8}$/);
    expect(nameOf({ global: { tag: '1.0.0' } })).toBe(first);
    expect(nameOf({ global: { tag: '1.0.1' } })).not.toBe(first);
  });

  test('makes the streams as the user setup, and as nobody else', () => {
    const [job] = every(bundled, 'Job');
    const pod = job?.spec.template.spec;
    expect(pod.initContainers[0].args.slice(0, 2)).toEqual(['db', 'migrate']);
    expect(pod.containers[0].args.slice(0, 2)).toEqual(['bus', 'prepare']);
    expect(environmentOf(pod.containers[0])).toMatchObject({
      CAPSTAN_NATS__USER: 'setup',
      CAPSTAN_NATS__MAKE_STREAMS: 'true',
    });
  });

  test('dumps the database with a password that stands nowhere but in the Secret', () => {
    const pod = the(bundled, 'CronJob', '-backup').spec.jobTemplate.spec.template.spec;
    const [container] = pod.containers;
    expect(environmentOf(container).DATABASE_URL).toBe(
      'postgresql://capstan@test-capstan-postgresql:5432/capstan',
    );
    expect(container.env).toContainEqual({
      name: 'PGPASSWORD',
      valueFrom: { secretKeyRef: { name: 'test-capstan-postgresql', key: 'password' } },
    });
  });

  test('tests itself through the gateway, with a token that is gone with the test', () => {
    const secret = the(bundled, 'Secret', '-test');
    expect(secret.metadata.annotations?.['helm.sh/hook-delete-policy']).toContain('hook-succeeded');
    const pod = the(bundled, 'Pod', '-test').spec;
    expect(pod.containers[0].args).toEqual(['smoke', '--timeout', '180']);
    expect(pod.initContainers[0].args.slice(0, 2)).toEqual(['token', 'add']);
  });
});

describe('servers elsewhere', () => {
  test('let the migrations run as a hook, which brings all that it needs before the rest', () => {
    const [job] = every(rendered(), 'Job');
    expect(job?.metadata.annotations).toMatchObject({
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-weight': '-5',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
    });
    const pod = job?.spec.template.spec;
    const needed = [pod.serviceAccountName, pod.volumes[0].configMap.name];
    const early = rendered().filter(
      ({ metadata }) => metadata.annotations?.['helm.sh/hook-weight'] === '-10',
    );
    expect(early.map(({ metadata }) => metadata.name)).toEqual(needed);
    expect(early.map(({ kind }) => kind).sort()).toEqual(['ConfigMap', 'ServiceAccount']);
  });

  test('may run them without a hook, as Argo CD and Flux have it', () => {
    const annotations = { 'argocd.argoproj.io/sync-wave': '-1' };
    const objects = rendered({ migrations: { mode: 'job', annotations } });
    const together = objects.filter((one) => componentOf(one) === 'migrations');
    const kinds = together.map(({ kind }) => kind).filter((kind) => kind !== 'NetworkPolicy');
    expect(kinds).toEqual(expect.arrayContaining(['ConfigMap', 'Job', 'ServiceAccount']));
    for (const { kind, metadata } of together)
      if (kind !== 'NetworkPolicy') expect(metadata.annotations).toEqual(annotations);
    for (const { metadata } of objects)
      expect(metadata.annotations?.['helm.sh/hook'] ?? 'test').toBe('test');
  });

  test('are told of tokens by a hook, or by a Job that is another with each task', () => {
    const jobOf = (mode: string, ...names: readonly string[]): Rendered | undefined => {
      const tokens = names.map((name) => ({ name, existingSecret: 'tokens' }));
      const objects = rendered({ tokens, migrations: { mode } });
      return objects.find((one) => one.kind === 'Job' && componentOf(one) === 'tokens');
    };
    const hook = jobOf('auto', 'a');
    expect([hook?.metadata.name, hook?.metadata.annotations?.['helm.sh/hook']]).toEqual([
      'test-capstan-tokens',
      'post-install,post-upgrade',
    ]);
    const [one, two] = [jobOf('job', 'a'), jobOf('job', 'a', 'b')];
    expect([one?.metadata.annotations, jobOf('job', 'a')]).toEqual([undefined, one]);
    expect(one?.metadata.name).not.toBe(two?.metadata.name);
  });

  test('are reached by the migrations with what the services have', () => {
    const url = 'postgresql://capstan@db:6432/capstan';
    const own = { url, existingSecret: 'db', tls: { existingSecret: 'certificates' } };
    for (const mode of ['hook', 'job']) {
      const [job] = every(rendered({ externalDatabase: own, migrations: { mode } }), 'Job');
      const pod = job?.spec.template.spec;
      expect(secretsOf(pod)).toEqual([
        'db password postgresql/password',
        'certificates ca.crt postgresql-tls/ca.crt',
      ]);
      for (const container of [...pod.initContainers, ...pod.containers])
        expect(environmentOf(container)).toMatchObject({ CAPSTAN_POSTGRES__URL: url });
    }
  });

  test('are reached by TLS with certificates of Secrets', () => {
    const tls = { existingSecret: 'certificates', certKey: 'tls.crt', keyKey: 'tls.key' };
    const values = {
      externalDatabase: { url: 'postgresql://capstan@db:6432/capstan', existingSecret: 'db', tls },
      externalNats: { url: 'tls://nats:4223', auth: 'credentials', existingSecret: 'creds', tls },
    };
    const risk = the(rendered(values), 'Deployment', '-risk');
    expect(environmentOf(containerOf(risk))).toMatchObject({
      CAPSTAN_POSTGRES__URL: 'postgresql://capstan@db:6432/capstan',
      CAPSTAN_POSTGRES__PASSWORD_FILE: '/run/secrets/capstan/postgresql/password',
      CAPSTAN_POSTGRES__TLS__CA_FILE: '/run/secrets/capstan/postgresql-tls/ca.crt',
      CAPSTAN_NATS__TLS__KEY_FILE: '/run/secrets/capstan/nats-tls/tls.key',
      CAPSTAN_NATS__CREDENTIALS_FILE: '/run/secrets/capstan/nats/credentials',
    });
    expect(secretsOf(podOf(risk))).toEqual([
      'creds risk.creds nats/credentials',
      'db password postgresql/password',
      'certificates ca.crt nats-tls/ca.crt',
      'certificates tls.crt nats-tls/tls.crt',
      'certificates tls.key nats-tls/tls.key',
      'certificates ca.crt postgresql-tls/ca.crt',
      'certificates tls.crt postgresql-tls/tls.crt',
      'certificates tls.key postgresql-tls/tls.key',
    ]);
  });
});

test('keys of brokers are files, of those services alone that are named', () => {
  const credentials = {
    fund: {
      existingSecret: 'capstan-fund',
      services: ['execution', 'position-sync'],
      variables: { FUND_KEY_ID: 'key-id', FUND_SECRET_KEY: 'secret-key' },
    },
  };
  const objects = rendered({ credentials });
  const holders = every(objects, 'Deployment').filter((one) =>
    secretsOf(podOf(one)).some((line) => line.startsWith('capstan-fund ')),
  );
  expect(holders.map(({ metadata }) => metadata.name)).toEqual([
    'test-capstan-execution',
    'test-capstan-position-sync',
  ]);
  expect(environmentOf(containerOf(the(objects, 'Deployment', '-execution')))).toMatchObject({
    FUND_KEY_ID_FILE: '/run/secrets/capstan/fund/key-id',
    FUND_SECRET_KEY_FILE: '/run/secrets/capstan/fund/secret-key',
  });
});

test.each([
  [
    'neither server',
    { postgresql: { enabled: false }, nats: { enabled: false } },
    [
      /externalDatabase\.existingSecret is empty: name a Secret/,
      /externalNats\.url is empty: give the address/,
    ],
  ],
  [
    'both servers',
    { externalNats: { url: 'nats://a:1' }, externalDatabase: { existingSecret: 'x' } },
    [
      /externalDatabase is given and postgresql\.enabled is true: set postgresql\.enabled to false/,
      /externalNats is given and nats\.enabled is true: set nats\.enabled to false/,
    ],
  ],
  [
    'a password in the open',
    withExternal({
      externalDatabase: { url: 'postgresql://capstan:hunter2@db/capstan', existingSecret: 'x' },
    }),
    [/externalDatabase\.url holds a password: leave it out/],
  ],
  [
    'users without their passwords',
    withExternal({
      externalNats: { url: 'nats://a:1', auth: 'users' },
    }),
    [/externalNats\.existingSecret is empty/],
  ],
  [
    'half a certificate',
    withExternal({
      externalNats: { url: 'nats://a:1', tls: { existingSecret: 'x', certKey: 'tls.crt' } },
    }),
    [/externalNats\.tls has one of certKey and keyKey/],
  ],
  [
    'a hook before its servers',
    { migrations: { mode: 'hook' } },
    [/migrations\.mode is hook and .*: .* set migrations\.mode to job or auto/],
  ],
  [
    'a dump by a URL in a Secret',
    withExternal({ backup: { enabled: true } }),
    [
      /backup\.enabled is true and the URL of PostgreSQL is in a Secret: give externalDatabase\.url/,
    ],
  ],
  [
    'keys for no service',
    {
      credentials: { a: { existingSecret: 'x', services: ['executor'], variables: { A: 'a' } } },
    },
    [/credentials\.a\.services names 'executor', which is no service: known are /],
  ],
])('%s is refused, with what to change', (_, values, words) => {
  const said = refusalOf(values).replaceAll(/\s+/g, ' ');
  for (const one of words) expect(said).toMatch(one);
  expect(said).not.toContain('hunter2');
});

test('the example takes from Secrets just what External Secrets is told to make', () => {
  const made = parseAllDocuments(
    readFileSync(join(CHART, 'examples/external-secrets.yaml'), 'utf8'),
  )
    .map((document) => document.toJS() as Rendered)
    .map(({ spec }) => spec.target.name as string);
  const objects = renderChart({ files: ['examples/values-external-secrets.yaml'] });
  const used = every(objects, 'Deployment').flatMap((one) => secretsOf(podOf(one)));
  const names = new Set(used.map((one) => one.split(' ')[0]));
  expect([...names].sort()).toEqual([...made].sort());
  expect(every(objects, 'Secret').map(({ metadata }) => metadata.name)).toEqual([
    'test-capstan-test',
  ]);
});
