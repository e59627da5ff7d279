import { expect, test } from 'vitest';
import { renderChart } from './render-chart.ts';
import { rendered, the } from './rendered.test-support.ts';

/** What KEDA's scaler for JetStream reads, by its documentation; all of it are texts. */
const SCALER_KEYS = [
  ...['account', 'activationLagThreshold', 'consumer', 'lagThreshold'],
  ...['natsServerMonitoringEndpoint', 'stream', 'useHttps'],
];

test('KEDA is told all that its scaler reads, and how it starts, stops and falls back', () => {
  const keda = { monitoringEndpoint: 'nats:8222', activationJobs: 3, jobsPerWorker: 2 };
  const workers = { mode: 'keda', maxReplicas: 9, keda: { ...keda, useHttps: true } };
  const { spec } = the(rendered({ workers }), 'ScaledObject', '-backtest-worker');
  const [{ type, metadata }] = spec.triggers;
  expect([type, Object.keys(metadata).sort()]).toEqual(['nats-jetstream', SCALER_KEYS]);
  for (const value of Object.values(metadata)) expect(value).toBeTypeOf('string');
  expect(metadata).toMatchObject({
    ...{ account: '$G', useHttps: 'true', lagThreshold: '2', activationLagThreshold: '3' },
  });
  expect(spec).toMatchObject({
    ...{ minReplicaCount: 0, maxReplicaCount: 9 },
    fallback: { failureThreshold: 3, replicas: 1 },
  });
});

test('KEDA asks the release’s own NATS across namespaces, which lets it in', () => {
  const objects = renderChart({ values: { workers: { mode: 'keda' } } });
  const [{ metadata }] = the(objects, 'ScaledObject', '-backtest-worker').spec.triggers;
  expect(metadata.natsServerMonitoringEndpoint).toBe('test-capstan-nats.trading.svc:8222');
  const { ingress } = the(objects, 'NetworkPolicy', '-nats').spec;
  const watched = ingress.find(
    ({ ports }: { readonly ports: readonly { readonly port: number }[] }) =>
      ports.some(({ port }) => port === 8222),
  );
  expect(watched).not.toHaveProperty('from');
  expect(the(objects, 'ConfigMap', '-nats').data['nats.conf']).toContain('http: 8222');
});
