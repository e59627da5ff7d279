import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHART } from './helm.ts';
import type { Rendered } from './render-chart.ts';
import { every, rendered, the } from './rendered.test-support.ts';

describe('what watches it', () => {
  const filesOf = (folder: string): string[] => readdirSync(join(CHART, 'files', folder));
  const watched = (): readonly Rendered[] =>
    rendered({
      metrics: {
        serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
        prometheusRule: {
          enabled: true,
          repository: 'https://git.example.com/capstan/',
          labels: { release: 'prometheus' },
        },
        dashboards: { enabled: true },
      },
    });

  test('is found by the labels that it is given, and there only where it is wanted', () => {
    const all = watched();
    const found = [the(all, 'ServiceMonitor', ''), ...every(all, 'PrometheusRule')];
    expect(found).toHaveLength(1 + filesOf('alerts').length);
    for (const { metadata } of found)
      expect(metadata.labels).toMatchObject({ release: 'prometheus' });
    const dashboards = every(all, 'ConfigMap').filter(
      ({ metadata }) => metadata.labels?.grafana_dashboard === '1',
    );
    expect(dashboards).toHaveLength(filesOf('dashboards').length);
    for (const { data } of dashboards) {
      expect(() =>
        JSON.parse(Object.values(data as Record<string, string>)[0] ?? ''),
      ).not.toThrow();
    }
    expect(rendered().filter(({ apiVersion }) => apiVersion.startsWith('monitoring'))).toEqual([]);
  });

  test('has a page of what to do for each alert, and its words untouched', () => {
    const rules = every(watched(), 'PrometheusRule').flatMap(({ spec }) =>
      spec.groups.flatMap((group: { readonly rules: readonly object[] }) => group.rules),
    );
    const alerts = rules.filter((rule) => 'alert' in rule);
    expect(alerts.length).toBeGreaterThan(5);
    for (const { annotations } of alerts)
      expect(annotations.runbook_url).toMatch(
        /^https:\/\/git\.example\.com\/capstan\/docs\/runbooks\/\w+\.md$/,
      );
    expect(JSON.stringify(alerts)).toContain('{{ $labels.');
  });
});
