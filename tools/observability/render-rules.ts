import { type Alert, type AlertGroup, type Example, expressionOf } from './alert.ts';
import { RUNBOOKS } from './render-dashboard.ts';

const HEAD = (about: string): string =>
  `# ${about}\n# Written by tools/observability: change it there, then \`npm run observability\`.\n`;

const runbookOf = (alert: string): string => `${RUNBOOKS}/${alert}.md`;

/** A text in quotes is the same in JSON and in YAML. */
const quoted = (text: string): string => JSON.stringify(text);

/** Writes a group as a file of rules, which is also what a PrometheusRule holds. */
export function renderRules({ name, about, alerts }: AlertGroup): string {
  const rules = alerts.map(
    (alert) => `      - alert: ${alert.name}
        expr: ${quoted(expressionOf(alert))}
        for: ${alert.for}
        labels:
          severity: ${alert.severity}
        annotations:
          summary: ${quoted(alert.summary)}
          runbook_url: ${runbookOf(alert.name)}
`,
  );
  return `${HEAD(about)}groups:\n  - name: capstan-${name}\n    rules:\n${rules.join('')}`;
}

/** Writes what `promtool test rules` tries: each alert fires at its time and not before, and never where it must not. */
export function renderRuleTests(groups: readonly AlertGroup[]): string {
  const files = groups.map(({ name }) => `  - ../${name}.yaml\n`).join('');
  const tests = groups.flatMap(({ alerts }) => alerts.flatMap(testsOf));
  return `${HEAD('When alerts fire, and when they do not: promtool test rules k8s/alerts/tests/alerts.yaml')}rule_files:
${files}evaluation_interval: 1m
tests:
${tests.join('')}`;
}

function testsOf(alert: Alert): readonly string[] {
  const { fires, quiet, name } = alert;
  const before = fires.atMinutes - 1;
  return [
    testText(`${name} fires`, fires.series, [
      expectation(alert, before),
      expectation(alert, fires.atMinutes, fires),
    ]),
    testText(`${name} is quiet`, quiet, [expectation(alert, fires.atMinutes)]),
  ];
}

function testText(name: string, series: Example['series'], expected: readonly string[]): string {
  const input = Object.entries(series).map(
    ([one, values]) => `      - series: ${quoted(one)}\n        values: ${quoted(values)}\n`,
  );
  return `  - name: ${name}
    interval: 1m
    input_series:
${input.join('')}    alert_rule_test:
${expected.join('')}`;
}

function expectation({ name, severity }: Alert, atMinutes: number, example?: Example): string {
  const head = `      - alertname: ${name}\n        eval_time: ${atMinutes}m\n`;
  if (example === undefined) return `${head}        exp_alerts: []\n`;
  const all = Object.entries({ severity, ...example.labels });
  const lines = all.map(([key, value]) => `              ${key}: ${quoted(value)}\n`);
  return `${head}        exp_alerts:
          - exp_labels:
${lines.join('')}            exp_annotations:
              summary: ${quoted(example.says)}
              runbook_url: ${runbookOf(name)}
`;
}
