import { ALERT_GROUPS, DASHBOARDS } from './catalogue.ts';
import { renderDashboard } from './render-dashboard.ts';
import { renderRules, renderRuleTests } from './render-rules.ts';

export const DASHBOARD_FOLDER = 'k8s/dashboards';
export const ALERT_FOLDER = 'k8s/alerts';
export const RULE_TESTS = `${ALERT_FOLDER}/tests/alerts.yaml`;

/** Returns the text of each file, by its path from the root. */
export function writtenFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...DASHBOARDS.map(
      (one) => [`${DASHBOARD_FOLDER}/${one.uid}.json`, renderDashboard(one, DASHBOARDS)] as const,
    ),
    ...ALERT_GROUPS.map(
      (group) => [`${ALERT_FOLDER}/${group.name}.yaml`, renderRules(group)] as const,
    ),
    [RULE_TESTS, renderRuleTests(ALERT_GROUPS)],
  ]);
}
