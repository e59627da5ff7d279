import { describe, expect, test } from 'vitest';
import { rendered, the } from './rendered.test-support.ts';

interface Match {
  readonly path: string;
  readonly type: string;
}

/** Tells whether one of them leads a path to the gateway, by Kubernetes' rules: a prefix ends at a slash. */
const leads = (matches: readonly Match[], path: string): boolean =>
  matches.some(({ path: at, type }) =>
    type === 'Exact' ? path === at : path === at || path.startsWith(`${at.replace(/\/$/, '')}/`),
  );

const CLOSED = { config: { gateway: { auth: { localOperator: false } } } };

function ofIngress(path = '/'): readonly Match[] {
  const ingress = { enabled: true, hosts: ['a.example.com'], path };
  const { rules } = the(rendered({ ...CLOSED, ingress }), 'Ingress', '').spec;
  return rules[0].http.paths.map((one: { readonly path: string; readonly pathType: string }) => ({
    ...{ path: one.path, type: one.pathType },
  }));
}

function ofRoute(): readonly Match[] {
  const httpRoute = { enabled: true, parentRefs: [{ name: 'gate' }] };
  const { rules } = the(rendered({ ...CLOSED, httpRoute }), 'HTTPRoute', '').spec;
  return rules[0].matches.map(
    ({ path }: { readonly path: { readonly type: string; readonly value: string } }) => ({
      ...{ path: path.value, type: path.type },
    }),
  );
}

describe.each([
  ['an Ingress', ofIngress],
  ['a route of the Gateway API', ofRoute],
])('%s', (_, matches) => {
  test('leads to the page and the API', () => {
    const all = matches();
    for (const path of ['/', '/favicon.svg', '/assets/index-x.js', '/api/bots', '/api/events'])
      expect(leads(all, path), path).toBe(true);
  });

  test('leads to nothing that asks for no token', () => {
    const all = matches();
    for (const path of ['/metrics', '/health', '/health/ready', '/health/live', '/apidocs'])
      expect(leads(all, path), path).toBe(false);
  });
});

test('an Ingress below a path has the gateway’s own behind it', () => {
  expect(ofIngress('/desk').map(({ path }) => path)).toEqual([
    ...['/desk/', '/desk/favicon.svg', '/desk/assets', '/desk/api'],
  ]);
});
