import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { schemaProblems, unknownFields } from './check-objects.ts';
import { CHART } from './helm.ts';
import { type Rendered, renderChart } from './render-chart.ts';
import { rendered } from './rendered.test-support.ts';

const FILES = readdirSync(join(CHART, 'ci')).map((name) => `ci/${name}`);
const PLACE = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { a: 'b' } } };

/** Every switch on, and a value wherever one may be. */
const EVERYTHING = {
  global: { registry: 'registry.example.com', tag: '1.2.3' },
  imagePullSecrets: [{ name: 'pull' }],
  commonLabels: { team: 'trading' },
  serviceAccount: { annotations: { role: 'x' } },
  config: { gateway: { auth: { localOperator: false } } },
  defaults: {
    replicas: 3,
    envFrom: [{ secretRef: { name: 'more' } }],
    priorityClassName: 'high',
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [PLACE] } },
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'trading', operator: 'Exists' }],
    podAnnotations: { a: 'b' },
    podLabels: { c: 'd' },
    deploymentAnnotations: { e: 'f' },
    deploymentLabels: { g: 'h' },
    extraVolumes: [{ name: 'lake', emptyDir: {} }],
    extraVolumeMounts: [{ name: 'lake', mountPath: '/lake' }],
    extraContainers: [{ name: 'beside', image: 'beside:1' }],
    initContainers: [{ name: 'before', image: 'before:1' }],
  },
  services: {
    'paper-exchange': {
      replicas: 1,
      persistence: { storageClass: 'fast', annotations: { i: 'j' } },
    },
    risk: { image: { digest: `sha256:${'0'.repeat(64)}` }, args: ['--x'], command: ['run'] },
    gateway: { service: { headless: true, annotations: { k: 'l' } } },
    operator: { enabled: true },
    execution: { env: { KEY: { valueFrom: { secretKeyRef: { name: 's', key: 'k' } } } } },
  },
  workers: { mode: 'keda', keda: { monitoringEndpoint: 'nats:8222' } },
  tokens: [{ name: 'ops', role: 'operator', existingSecret: 'ops' }],
  ingress: {
    enabled: true,
    className: 'nginx',
    hosts: ['a.example.com'],
    tls: [{ secretName: 't' }],
  },
  httpRoute: { enabled: true, parentRefs: [{ name: 'gate' }], hostnames: ['a.example.com'] },
  metrics: {
    serviceMonitor: { enabled: true },
    prometheusRule: { enabled: true },
    dashboards: { enabled: true },
  },
  extraObjects: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'map' }, data: {} },
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "{{ .Release.Name }}-text" }',
  ],
};

/** Servers elsewhere, each with everything that proves us, and keys of a broker. */
const TLS = { existingSecret: 'certificates', certKey: 'tls.crt', keyKey: 'tls.key' };
const PROVEN = {
  externalDatabase: { url: 'postgresql://capstan@db/capstan', existingSecret: 'db', tls: TLS },
  externalNats: { url: 'tls://nats:4222', auth: 'credentials', existingSecret: 'bus', tls: TLS },
  backup: { enabled: true, storage: { existingClaim: 'dumps' }, image: { tag: '18' } },
  credentials: {
    alpaca: { existingSecret: 'keys', services: ['execution'], variables: { ALPACA_KEY_ID: 'id' } },
  },
  serviceAccount: { name: 'own' },
  services: {
    'paper-exchange': { persistence: { existingClaim: 'books' } },
    gateway: { probes: { liveness: { tcpSocket: { port: 'http' } } } },
  },
};

/** Nodes that take nothing but what tolerates them. */
const MARKED = {
  defaults: {
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'trading', operator: 'Exists' }],
  },
  backup: { enabled: true },
};

describe('what the chart renders', () => {
  const all: [name: string, objects: readonly Rendered[]][] = [];
  beforeAll(() => {
    for (const file of FILES) all.push([file, renderChart({ files: [file] })]);
    all.push(['everything', rendered(EVERYTHING)]);
    all.push(['servers elsewhere', rendered(PROVEN)]);
    all.push(['a trial on marked nodes', renderChart({ values: MARKED })]);
    all.push(['an HPA', rendered({ workers: { mode: 'hpa', minReplicas: 1 } })]);
    all.push(['migrations without a hook', rendered({ migrations: { mode: 'job' } })]);
  });

  test('holds to the schemas of Kubernetes, KEDA, the Gateway API and Prometheus', async () => {
    const kinds = new Set<string>();
    for (const [name, objects] of all) {
      for (const { kind } of objects) kinds.add(kind);
      expect([name, await schemaProblems(objects)]).toEqual([name, []]);
    }
    const rare = ['ScaledObject', 'HorizontalPodAutoscaler', 'HTTPRoute', 'ServiceMonitor'];
    for (const kind of [...rare, 'PodDisruptionBudget', 'NetworkPolicy'])
      expect(kinds).toContain(kind);
  });

  test('has no field that those schemas do not know', () => {
    expect(unknownFields(all.flatMap(([, objects]) => objects))).toEqual([]);
  });

  test('runs Jobs and tests where services may run', () => {
    const pods = renderChart({ values: MARKED }).flatMap(({ kind, spec }) => {
      if (kind === 'Job' || kind === 'Deployment') return [spec.template.spec];
      if (kind === 'CronJob') return [spec.jobTemplate.spec.template.spec];
      return kind === 'Pod' ? [spec] : [];
    });
    expect(pods.length).toBeGreaterThan(9);
    for (const pod of pods) {
      expect(pod.nodeSelector).toEqual({ disk: 'ssd' });
      expect(pod.tolerations).toContainEqual({ key: 'trading', operator: 'Exists' });
      expect(pod.enableServiceLinks).toBe(false);
      for (const { resources } of [...(pod.initContainers ?? []), ...pod.containers])
        expect(resources).toHaveProperty('limits.memory');
    }
  });

  test('has each object once', () => {
    for (const [name, objects] of all) {
      const ids = objects.map((one) => `${one.kind}/${one.metadata.name}`);
      expect([name, ids.length]).toEqual([name, new Set(ids).size]);
    }
  });
});

describe('the check itself', () => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } };

  test('sees a field of a wrong type, and a kind that there is not', async () => {
    const [problem = ''] = await schemaProblems([{ ...map, data: { a: 1 } }]);
    expect(problem).toMatch(/^ConfigMap one: .*data/);
    expect(await schemaProblems([{ ...map, kind: 'ConfigMop' }])).toEqual([
      'ConfigMop one: v1 has no such kind',
    ]);
  });

  test('sees a field that nobody knows', () => {
    expect(unknownFields([map, { ...map, dota: {} }])).toEqual([
      expect.stringMatching(/^ConfigMap one: .*dota"' does not exist/),
    ]);
  });
});
