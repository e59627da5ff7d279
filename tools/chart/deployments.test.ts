import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Rendered } from './render-chart.ts';
import { componentOf, containerOf, every, podOf, rendered, the } from './rendered.test-support.ts';

const FOLDER = join(import.meta.dirname, '../../services');
const SERVICES = readdirSync(FOLDER)
  .filter((name) => existsSync(join(FOLDER, name, 'src/main.ts')))
  .sort();

describe('the Deployments', () => {
  let objects: readonly Rendered[];
  let deployments: readonly Rendered[];
  beforeAll(() => {
    objects = rendered({ services: { operator: { enabled: true } } });
    deployments = every(objects, 'Deployment').filter((one) => SERVICES.includes(componentOf(one)));
  });

  test('are one for each service of the platform, each behind a Service of its name', () => {
    expect(deployments.map(componentOf).sort()).toEqual(SERVICES);
    for (const name of SERVICES) {
      const { selector } = the(objects, 'Service', `-${name}`).spec;
      expect(the(objects, 'Deployment', `-${name}`).spec.selector.matchLabels).toEqual(selector);
      expect(the(objects, 'Deployment', `-${name}`).spec.template.metadata.labels).toMatchObject(
        selector,
      );
    }
  });

  test('hold to the restricted Pod Security standard', () => {
    for (const deployment of deployments) {
      const pod = podOf(deployment);
      // The operator alone calls the API of Kubernetes.
      expect(pod.automountServiceAccountToken).toBe(componentOf(deployment) === 'operator');
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod.hostNetwork ?? pod.hostPID ?? pod.hostIPC).toBeUndefined();
      for (const container of pod.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  test('have more time to stop than the drain takes with what is before it', () => {
    const slow = rendered({ config: { server: { drainDeadlineMs: 45_500 } } });
    const graceOf = (all: readonly Rendered[], name: string): number =>
      podOf(the(all, 'Deployment', `-${name}`)).terminationGracePeriodSeconds;
    expect([graceOf(objects, 'risk'), graceOf(objects, 'gateway')]).toEqual([30, 35]);
    expect([graceOf(slow, 'risk'), graceOf(slow, 'gateway')]).toEqual([56, 61]);
  });

  test('replace a pod by one that is ready, but for the exchange, whose memory only one may have open', () => {
    for (const deployment of deployments) {
      expect(deployment.spec.strategy).toEqual(
        componentOf(deployment) === 'paper-exchange'
          ? { type: 'Recreate' }
          : { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      );
    }
    expect(podOf(the(objects, 'Deployment', '-paper-exchange')).volumes).toContainEqual({
      name: 'data',
      persistentVolumeClaim: { claimName: 'test-capstan-paper-exchange' },
    });
  });

  test('are rolled by a change of the configuration, and by nothing that an upgrade of the chart alone brings', () => {
    const operator = { operator: { enabled: true } };
    const changed = rendered({ services: operator, config: { log: { level: 'debug' } } });
    const templateOf = (all: readonly Rendered[]) =>
      the(all, 'Deployment', '-risk').spec.template.metadata;
    const key = 'capstan.io/configuration';
    expect(templateOf(changed).annotations[key]).not.toBe(templateOf(objects).annotations[key]);
    expect(templateOf(objects).labels).not.toHaveProperty('helm.sh/chart');
  });

  test('are spread over nodes, or as the values say, by the pods of their own service', () => {
    const zones = { topologyKey: 'zone', maxSkew: 2, whenUnsatisfiable: 'DoNotSchedule' };
    const spread = rendered({ services: { risk: { topologySpreadConstraints: [zones] } } });
    const { matchLabels } = the(spread, 'Deployment', '-risk').spec.selector;
    const rulesOf = (name: string) =>
      podOf(the(spread, 'Deployment', name)).topologySpreadConstraints;
    expect(rulesOf('-risk')).toEqual([{ ...zones, labelSelector: { matchLabels } }]);
    expect(rulesOf('-signal')).toMatchObject([{ topologyKey: 'kubernetes.io/hostname' }]);
  });

  test('are asked at the three probes of the runtime, or as the values say', () => {
    for (const deployment of deployments) {
      const { startupProbe, readinessProbe, livenessProbe } = containerOf(deployment);
      const paths = [startupProbe, readinessProbe, livenessProbe].map((one) => one.httpGet.path);
      expect(paths).toEqual(['/health/started', '/health/ready', '/health/live']);
    }
    const probes = { readiness: { exec: { command: ['ask'] } }, liveness: { periodSeconds: 60 } };
    const risk = containerOf(
      the(rendered({ services: { risk: { probes } } }), 'Deployment', '-risk'),
    );
    expect(risk.readinessProbe).toEqual({
      exec: { command: ['ask'] },
      ...{ periodSeconds: 3, timeoutSeconds: 2, failureThreshold: 2 },
    });
    expect(risk.livenessProbe).toMatchObject({ httpGet: { port: 'http' }, periodSeconds: 60 });
  });

  test('take their images by name and version, from one registry or each its own, or pinned', () => {
    const imagesOf = (values: Record<string, unknown>): Record<string, string> =>
      Object.fromEntries(
        every(rendered(values), 'Deployment').map((one) => [
          componentOf(one),
          containerOf(one).image,
        ]),
      );
    expect(containerOf(the(objects, 'Deployment', '-risk')).image).toBe('capstan-risk:0.1.0');
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(
      imagesOf({
        global: { registry: 'registry.example.com/x/', tag: '2.0.0' },
        services: {
          signal: { image: { registry: 'other', tag: '3' } },
          risk: { image: { digest } },
        },
      }),
    ).toMatchObject({
      gateway: 'registry.example.com/x/capstan-gateway:2.0.0',
      signal: 'other/capstan-signal:3',
      risk: `registry.example.com/x/capstan-risk@${digest}`,
    });
  });

  test('are one more with one more block', () => {
    const all = rendered({
      services: {
        'my-feed': { image: { repository: 'my/feed' }, needs: ['nats'] },
        signal: { enabled: false },
      },
      config: { feeds: [{ feed: 'x', kind: 'generator', symbols: [{ symbol: 'SPY' }] }] },
    });
    expect(containerOf(the(all, 'Deployment', '-my-feed')).image).toBe('my/feed:0.1.0');
    expect(the(all, 'Service', '-my-feed').spec.ports).toHaveLength(2);
    expect(the(all, 'NetworkPolicy', '-my-feed').spec.policyTypes).toEqual(['Ingress', 'Egress']);
    const configuration = the(all, 'ConfigMap', '').data['config.yaml'];
    expect(configuration).toContain('my-feed: http://test-capstan-my-feed:8080');
    expect(every(all, 'Deployment').map(componentOf)).not.toContain('signal');
  });

  test('of one replica have no disruption budget, which would only keep nodes from being drained', () => {
    expect(every(objects, 'PodDisruptionBudget')).toEqual([]);
    const two = rendered({ services: { risk: { replicas: 2 } } });
    expect(every(two, 'PodDisruptionBudget').map((one) => one.spec.maxUnavailable)).toEqual([1]);
    const own = { replicas: 3, podDisruptionBudget: { minAvailable: 2 } };
    const [budget] = every(rendered({ services: { risk: own } }), 'PodDisruptionBudget');
    expect(budget?.spec).toMatchObject({ minAvailable: 2 });
    expect(budget?.spec).not.toHaveProperty('maxUnavailable');
  });
});

describe('the workers', () => {
  const workerOf = (all: readonly Rendered[]) => the(all, 'Deployment', '-backtest-worker').spec;
  const scalersOf = (all: readonly Rendered[]): string[] =>
    all.map(({ kind }) => kind).filter((kind) => /Scale|Autoscaler/.test(kind));
  const keda = { mode: 'keda', keda: { monitoringEndpoint: 'nats:8222' } };

  test('are a fixed number, or scaled by one thing that then alone sets the number', () => {
    const fixed = rendered({ workers: { mode: 'fixed', replicas: 3 } });
    expect([workerOf(fixed).replicas, scalersOf(fixed)]).toEqual([3, []]);
    const scaled = rendered({ workers: keda });
    expect([workerOf(scaled).replicas, scalersOf(scaled)]).toEqual([undefined, ['ScaledObject']]);
    const hpa = rendered({ workers: { mode: 'hpa', minReplicas: 1 } });
    expect([workerOf(hpa).replicas, scalersOf(hpa)]).toEqual([
      undefined,
      ['HorizontalPodAutoscaler'],
    ]);
  });

  test('have a desk that takes jobs while there may be none of them', () => {
    const componentsOf = (workers: object): string[] =>
      every(rendered({ workers }), 'Deployment').map(componentOf);
    expect(componentsOf(keda)).toContain('backtest-desk');
    expect(componentsOf({ ...keda, minReplicas: 1 })).not.toContain('backtest-desk');
    expect(componentsOf({ mode: 'fixed' })).not.toContain('backtest-desk');
    const desk = containerOf(the(rendered({ workers: keda }), 'Deployment', '-backtest-desk'));
    expect(desk.image).toBe('capstan-backtest-worker:0.1.0');
  });
});
