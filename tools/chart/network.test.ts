import { beforeAll, describe, expect, test } from 'vitest';
import type { Rendered } from './render-chart.ts';
import { componentOf, every, rendered, the } from './rendered.test-support.ts';

interface Rule {
  readonly ports: readonly { readonly port: number | string }[];
  readonly to?: readonly Peer[];
  readonly from?: readonly Peer[];
}
interface Peer {
  readonly podSelector?: { readonly matchExpressions?: readonly { readonly values: string[] }[] };
  readonly ipBlock?: object;
}

const egressOf = (objects: readonly Rendered[], name: string): readonly Rule[] =>
  the(objects, 'NetworkPolicy', `-${name}`).spec.egress ?? [];

/** Which components a rule lets through. */
const componentsOf = (peers: readonly Peer[] = []): string[] =>
  peers.flatMap(({ podSelector }) => podSelector?.matchExpressions?.[0]?.values ?? []);

/** The ports on which something outside the release may be called. */
const internetPorts = (objects: readonly Rendered[], name: string): (number | string)[] =>
  egressOf(objects, name).flatMap(({ ports, to = [] }) =>
    to.some(({ ipBlock }) => ipBlock !== undefined) ? ports.map(({ port }) => port) : [],
  );

describe('the network policies', () => {
  let objects: readonly Rendered[];
  beforeAll(() => {
    objects = rendered();
  });

  test('let nothing in or out of a pod but names, unless a policy of its own says more', () => {
    const { podSelector, policyTypes, ingress, egress } = the(
      objects,
      'NetworkPolicy',
      '-default',
    ).spec;
    expect(podSelector.matchLabels).toEqual({
      'app.kubernetes.io/name': 'capstan',
      'app.kubernetes.io/instance': 'test',
    });
    expect([policyTypes, ingress]).toEqual([['Ingress', 'Egress'], undefined]);
    expect(egress).toHaveLength(1);
    const deployed = every(objects, 'Deployment').map(componentOf);
    const covered = every(objects, 'NetworkPolicy').map(componentOf);
    expect(covered).toEqual(expect.arrayContaining(deployed));
  });

  test('let the exchange be called by those alone who trade and compare there', () => {
    const ingress: readonly Rule[] = the(objects, 'NetworkPolicy', '-paper-exchange').spec.ingress;
    const grpc = ingress.filter(({ ports }) => ports.some(({ port }) => port === 'grpc'));
    expect(grpc.map(({ from }) => componentsOf(from))).toEqual([['execution', 'position-sync']]);
    for (const name of ['execution', 'position-sync']) {
      const calls = egressOf(objects, name).flatMap(({ to }) => componentsOf(to));
      expect(calls).toEqual(['paper-exchange']);
    }
    expect(egressOf(objects, 'risk').flatMap(({ to }) => componentsOf(to))).toEqual([]);
  });

  test('open gRPC of no other service, but of execution to whom may kill', () => {
    const grpcOf = (all: readonly Rendered[]): string[] =>
      every(all, 'NetworkPolicy')
        .filter(({ spec }) => JSON.stringify(spec.ingress ?? []).includes('"grpc"'))
        .map(componentOf);
    expect(grpcOf(objects)).toEqual(['paper-exchange']);
    const killFrom = [{ namespaceSelector: { matchLabels: { team: 'trading' } } }];
    expect(grpcOf(rendered({ networkPolicy: { killFrom } }))).toEqual([
      'execution',
      'paper-exchange',
    ]);
  });

  test('let only those call the internet whom the configuration has call it', () => {
    for (const { metadata } of every(objects, 'NetworkPolicy')) {
      expect(internetPorts(objects, metadata.name.replace('test-capstan-', ''))).toEqual([]);
    }
    const live = rendered({
      config: {
        feeds: [{ feed: 'f', kind: 'venue', provider: 'alpaca' }],
        accounts: [{ accountId: 'a', venue: 'alpaca' }],
        alerts: {
          channels: [
            { name: 'm', kind: 'email', host: 'mail', from: 'a@b', to: 'a@b' },
            { name: 's', kind: 'slack', url: { file: '/run/url' } },
          ],
        },
      },
      credentials: {
        alpaca: {
          existingSecret: 'alpaca',
          services: ['market-data', 'execution', 'position-sync'],
          variables: { ALPACA_KEY_ID: 'id', ALPACA_SECRET_KEY: 'key' },
        },
      },
    });
    const called = ['market-data', 'execution', 'position-sync', 'reporting', 'risk', 'gateway'];
    expect(called.map((name) => internetPorts(live, name))).toEqual([
      [443],
      [443],
      [443],
      [587, 443],
      [],
      [],
    ]);
  });

  test('let traces out to the port of the collector, and nothing where none are sent', () => {
    const portsOf = (otlpEndpoint: string): number[] => {
      const all = rendered({ config: { telemetry: { otlpEndpoint } } });
      return egressOf(all, 'risk').flatMap(({ ports }) => ports.map(({ port }) => Number(port)));
    };
    const without = egressOf(objects, 'risk').flatMap(({ ports }) => ports.map(({ port }) => port));
    expect(without).toEqual([4222, 5432]);
    expect(portsOf('http://collector:4318')).toEqual([4222, 5432, 4318]);
    expect(portsOf('https://collector.example.com')).toEqual([4222, 5432, 443]);
  });

  test.each([
    ['nats.messaging:4333', [4333]],
    ['nats://a:4333,tls://b', [4222, 4333]],
    ['nats://[fd00::1]:4333', [4333]],
  ])('let services through to NATS at %s', (url, ports) => {
    const values = { externalNats: { url }, services: { risk: { needs: ['nats'] } } };
    const open = egressOf(rendered(values), 'risk').flatMap(({ ports }) => ports);
    expect(open.map(({ port }) => Number(port)).sort()).toEqual(ports);
  });

  test.each([
    [{ existingSecret: 'x' }, 5432],
    [{ existingSecret: 'x', port: 6432 }, 6432],
    [{ existingSecret: 'x', url: 'postgresql://capstan@db:6543/capstan?sslmode=require' }, 6543],
  ])('let services and Jobs through to PostgreSQL by %o', (externalDatabase, port) => {
    const objects = rendered({ externalDatabase, tokens: [{ name: 'a', existingSecret: 'a' }] });
    for (const name of ['risk', 'migrations', 'tokens', 'test']) {
      const open = egressOf(objects, name).flatMap(({ ports }) => ports);
      expect([name, open.map((one) => one.port).includes(port)]).toEqual([name, true]);
    }
  });

  test('are of nothing that is not there', () => {
    const named = (all: readonly Rendered[]): string[] =>
      every(all, 'NetworkPolicy').map(componentOf);
    const none = rendered({ migrations: { enabled: false }, tests: { enabled: false } });
    for (const one of ['migrations', 'test', 'tokens', 'backup', 'nats', 'postgresql'])
      expect(named(none)).not.toContain(one);
  });

  test('let the gateway ask all services, and people in, or those who are named', () => {
    const called = egressOf(objects, 'gateway').flatMap(({ to }) => componentsOf(to));
    const others = every(objects, 'Deployment')
      .map(componentOf)
      .filter((name) => name !== 'gateway');
    expect([...called].sort()).toEqual(others.sort());
    const ingressOf = (all: readonly Rendered[]): readonly Rule[] =>
      the(all, 'NetworkPolicy', '-gateway').spec.ingress;
    expect(ingressOf(objects)[0]?.from).toBeUndefined();
    const gatewayFrom = [{ namespaceSelector: { matchLabels: { name: 'ingress' } } }];
    expect(ingressOf(rendered({ networkPolicy: { gatewayFrom } }))[0]?.from).toHaveLength(2);
  });

  test('are left out where they are not wanted', () => {
    expect(every(rendered({ networkPolicy: { enabled: false } }), 'NetworkPolicy')).toEqual([]);
  });
});
