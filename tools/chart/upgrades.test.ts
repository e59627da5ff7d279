import { beforeAll, describe, expect, test } from 'vitest';
import { type Rendered, renderChart } from './render-chart.ts';
import { every, withExternal } from './rendered.test-support.ts';

type Values = Readonly<Record<string, unknown>>;

const TOKENS = [{ name: 'ops', existingSecret: 'ops' }];
const BEFORE: Values = withExternal({ migrations: { mode: 'job' }, tokens: TOKENS });

/** What an upgrade may say of the pods of Jobs, beside what they are for. */
const CHANGES: readonly (readonly [string, Values])[] = [
  ['tolerations', { defaults: { tolerations: [{ key: 'trading', operator: 'Exists' }] } }],
  ['nodes', { defaults: { nodeSelector: { pool: 'trading' } } }],
  ['labels', { commonLabels: { team: 'desk' } }],
  ['secrets of a registry', { imagePullSecrets: ['registry'] }],
  ['the user', { runAsUser: 20_001 }],
  ['the database', { externalDatabase: { existingSecret: 'another' } }],
  ['grants', { migrations: { mode: 'job', resources: { requests: { memory: '300Mi' } } } }],
];

const jobsOf = (values: Values): readonly Rendered[] => every(renderChart({ values }), 'Job');
const namesOf = (jobs: readonly Rendered[]): readonly string[] =>
  jobs.map(({ metadata }) => metadata.name);

describe('an upgrade', () => {
  let before: readonly string[];
  beforeAll(() => {
    before = namesOf(jobsOf(BEFORE));
  });

  test.each(CHANGES)('may change %s: it asks for no change of a Job that is there', (_, change) => {
    const after = namesOf(jobsOf({ ...BEFORE, ...change }));
    expect(after).toHaveLength(2);
    for (const name of after) expect(before).not.toContain(name);
  });

  test('that changes nothing of them runs no Job again', () => {
    const other = { services: { risk: { podAnnotations: { a: 'b' } } } };
    expect(namesOf(jobsOf({ ...BEFORE, ...other }))).toEqual(before);
  });

  test('by `--reuse-values` goes without what the version before did not know', () => {
    const externalDatabase = { existingSecret: 'database', port: null };
    const workers = { mode: 'keda', keda: { monitoringEndpoint: 'nats:8222', useHttps: null } };
    const objects = renderChart({ values: withExternal({ externalDatabase, workers }) });
    const ports = every(objects, 'NetworkPolicy').flatMap(({ spec }) =>
      (spec.egress ?? []).flatMap(({ ports: to = [] }: Rendered['spec']) =>
        to.map(({ port }: Rendered['spec']) => port),
      ),
    );
    expect(ports).toContain(5432);
    expect(ports).not.toContain(0);
    const [scaled] = every(objects, 'ScaledObject');
    expect(scaled?.spec.triggers[0].metadata.useHttps).toBe('false');
  });

  test('leaves the names of a long release as they are, as volumes and passwords go by them', () => {
    const release = 'a-release-with-the-longest-name-that-helm-allows-here';
    const values = { workers: { mode: 'keda' } };
    const objects = renderChart({ release, values });
    const begin = 'a-release-with-the-longest-name-that-hel';
    const kept = objects.filter(({ kind }) => ['StatefulSet', 'Secret'].includes(kind));
    expect(kept.length).toBeGreaterThan(3);
    for (const { metadata } of kept) expect(metadata.name).toMatch(new RegExp(`^${begin}-`));
    const [scaled] = every(objects, 'ScaledObject');
    const { name } = scaled?.spec.advanced.horizontalPodAutoscalerConfig ?? {};
    expect(name).toBe(`keda-hpa-${begin}-backtest-worke`.slice(0, 63));
  });

  test('leaves KEDA’s own name to what KEDA makes', () => {
    const [scaled] = every(renderChart({ values: { workers: { mode: 'keda' } } }), 'ScaledObject');
    const { name } = scaled?.spec.advanced.horizontalPodAutoscalerConfig ?? {};
    expect(name).toBe(`keda-hpa-${scaled?.metadata.name}`);
  });
});
