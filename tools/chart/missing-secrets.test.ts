import { expect, test } from 'vitest';
import { type Rendered, renderChart } from './render-chart.ts';
import { every, podOf, the, withExternal } from './rendered.test-support.ts';
import { withCluster } from './stub-cluster.test-support.ts';

/** What the notes say of Secrets, in an object that is rendered: notes are shown by an installation alone. */
const NOTES = `{{ dict "apiVersion" "v1" "kind" "ConfigMap"
  "metadata" (dict "name" "test-capstan-missing")
  "data" (dict "text" (include "capstan.secrets.missing" . | trim)) | toYaml }}`;

const VALUES = withExternal({
  externalDatabase: { existingSecret: 'database' },
  externalNats: { url: 'nats://n:4222', auth: 'users', existingSecret: 'bus' },
  credentials: {
    alpaca: {
      existingSecret: 'alpaca',
      services: ['execution'],
      variables: { ALPACA_KEY_ID: 'id', ALPACA_SECRET_KEY: 'secret' },
    },
  },
  tokens: [{ name: 'ops', existingSecret: 'ops' }],
  extraObjects: [NOTES],
});

const saidOf = (objects: readonly Rendered[]): readonly string[] =>
  the(objects, 'ConfigMap', '-missing')
    .data.text.split('\n')
    .filter((line: string) => line !== '');

test('a Secret or a key that is not there is told by the value that names it', async () => {
  const held = { alpaca: { id: 'x' }, ops: { token: 'x' }, database: { url: 'x' } };
  const objects = await withCluster(held, (cluster) => renderChart({ cluster, values: VALUES }));
  expect(saidOf(objects)).toEqual([
    expect.stringMatching(
      /^Secret bus \(externalNats\.existingSecret\) has no backtest-worker, execution, .*, setup$/,
    ),
    'Secret alpaca (credentials.alpaca.existingSecret) has no secret',
  ]);
});

test('nothing is said of Secrets where there is no cluster to look at', () => {
  expect(saidOf(renderChart({ values: VALUES }))).toEqual([]);
});

test('a service starts without them and says what it misses; a Job, which ends, waits', () => {
  const sourcesOf = (pod: Rendered['spec']): readonly boolean[] =>
    pod.volumes
      .flatMap(({ projected }: Rendered['spec']) => projected?.sources ?? [])
      .map(({ secret }: Rendered['spec']) => secret.optional === true);
  const objects = renderChart({ values: VALUES });
  for (const deployment of every(objects, 'Deployment'))
    expect([...new Set(sourcesOf(podOf(deployment)))]).toEqual([true]);
  const jobs = every(objects, 'Job');
  expect(jobs).toHaveLength(2);
  for (const job of jobs) expect([...new Set(sourcesOf(podOf(job)))]).toEqual([false]);
});
