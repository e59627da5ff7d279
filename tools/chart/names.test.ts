import { describe, expect, test } from 'vitest';
import { type Rendered, type RenderOptions, renderChart } from './render-chart.ts';
import { every, podOf, withExternal } from './rendered.test-support.ts';

const LONGEST = 'a-release-with-the-longest-name-that-helm-allows-here';
const KEDA = { workers: { mode: 'keda' }, backup: { enabled: true } };
const OPERATOR = { services: { operator: { enabled: true } } };

const namesOf = (objects: readonly Rendered[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);

/** The most letters that Kubernetes lets a name of a kind have, with what its controllers add to it. */
const NAME_MAX: Readonly<Record<string, number>> = {
  Service: 63,
  // As a label of its pods.
  Job: 63,
  CronJob: 52,
  // As a label with the number of its revision.
  StatefulSet: 63 - 11,
  // As a label of what KEDA makes.
  ScaledObject: 63,
};

describe('names', () => {
  test('are short enough for all that is made of them, also of the longest release', () => {
    expect(LONGEST).toHaveLength(53);
    const options: RenderOptions = { values: { ...KEDA, ...OPERATOR }, release: LONGEST };
    const objects = renderChart(options);
    for (const { kind, metadata } of objects) {
      expect([kind, metadata.name.length <= (NAME_MAX[kind] ?? 253)]).toEqual([kind, true]);
      expect(metadata.name).toMatch(/^[a-z]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9.]+)?$/);
      for (const label of Object.values(metadata.labels ?? {}))
        expect(label.length).toBeLessThanOrEqual(63);
    }
    for (const kind of Object.keys(NAME_MAX)) expect(every(objects, kind)).not.toEqual([]);
  });

  test('of two releases in one namespace are apart, and neither selects the pods of the other', () => {
    const [one, two] = ['blue', 'green'].map((release) => renderChart({ values: KEDA, release }));
    const second = new Set(namesOf(two ?? []));
    expect(namesOf(one ?? []).filter((name) => second.has(name))).toEqual([]);
    const selectorsOf = (objects: readonly Rendered[] = []) =>
      objects.flatMap(({ kind, spec }) => {
        if (kind === 'NetworkPolicy') return [spec.podSelector.matchLabels];
        return kind === 'Service' ? [spec.selector] : (spec?.selector?.matchLabels ?? []);
      });
    const labels = every(two ?? [], 'Deployment').map(
      ({ spec }) => spec.template.metadata.labels as Readonly<Record<string, string>>,
    );
    const selectors = selectorsOf(one);
    expect(selectors.length).toBeGreaterThan(20);
    for (const selector of selectors) {
      const entries = Object.entries(selector);
      expect(entries.length).toBeGreaterThan(0);
      expect(labels.some((set) => entries.every(([key, value]) => set[key] === value))).toBe(false);
    }
  });

  test('lead from everything to what it names', () => {
    const values = {
      ...{ ...KEDA, ...OPERATOR, nameOverride: 'desk' },
      tokens: [{ name: 'ops', existingSecret: 'ops' }],
      ingress: { enabled: true, hosts: ['a'] },
      httpRoute: { enabled: true, parentRefs: [{ name: 'g' }] },
      config: { gateway: { auth: { localOperator: false } } },
    };
    const objects = renderChart({ values });
    const made = new Set(namesOf(objects));
    const missing = objects.flatMap((object) =>
      mentioned(object).filter((name) => !made.has(name) && name !== 'Secret/ops'),
    );
    expect(missing).toEqual([]);
    expect(objects.flatMap(mentioned).length).toBeGreaterThan(50);
    expect(objects.every(({ metadata }) => !metadata.name.includes('capstan-capstan'))).toBe(true);
  });
});

/** Objects of the namespace that an object names, as kind and name. */
function mentioned(object: Rendered): string[] {
  const pod = podSpecOf(object);
  const { spec, kind } = object;
  if (kind === 'Ingress') return [`Service/${spec.rules[0].http.paths[0].backend.service.name}`];
  if (kind === 'HTTPRoute') return [`Service/${spec.rules[0].backendRefs[0].name}`];
  if (kind === 'ScaledObject') return [`Deployment/${spec.scaleTargetRef.name}`];
  if (kind === 'RoleBinding') return object.subjects.map(ofSubject);
  if (kind === 'StatefulSet') return [`Service/${spec.serviceName}`, ...ofPod(pod)];
  return pod === undefined ? [] : ofPod(pod);
}

const ofSubject = ({ kind, name }: Rendered['spec']): string => `${kind}/${name}`;

function podSpecOf(object: Rendered): Rendered['spec'] {
  if (object.kind === 'Pod') return object.spec;
  if (object.kind === 'CronJob') return object.spec.jobTemplate.spec.template.spec;
  return object.spec?.template === undefined ? undefined : podOf(object);
}

function ofPod(pod: Rendered['spec']): string[] {
  const account = pod.serviceAccountName;
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  return [
    ...(account === undefined ? [] : [`ServiceAccount/${account}`]),
    ...pod.volumes.flatMap(ofVolume),
    ...containers.flatMap(({ env = [] }) => env.flatMap(ofVariable)),
  ];
}

function ofVolume({
  configMap,
  secret,
  projected,
  persistentVolumeClaim,
}: Rendered['spec']): string[] {
  return [
    ...(configMap === undefined ? [] : [`ConfigMap/${configMap.name}`]),
    ...(secret === undefined ? [] : [`Secret/${secret.secretName}`]),
    ...(projected?.sources ?? []).map((one: Rendered['spec']) => `Secret/${one.secret.name}`),
    ...(persistentVolumeClaim === undefined
      ? []
      : [`PersistentVolumeClaim/${persistentVolumeClaim.claimName}`]),
  ];
}

function ofVariable({ valueFrom }: Rendered['spec']): string[] {
  const ref = valueFrom?.secretKeyRef;
  return ref === undefined ? [] : [`Secret/${ref.name}`];
}

test('the fewest values render with servers elsewhere and nothing kept', () => {
  const values = withExternal({
    services: { 'paper-exchange': { persistence: { enabled: false } } },
    tests: { enabled: false },
  });
  const kinds = new Set(renderChart({ values }).map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(
    ['ConfigMap', 'Deployment', 'Job', 'NetworkPolicy', 'Service', 'ServiceAccount'].sort(),
  );
});
