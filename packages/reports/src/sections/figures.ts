import type { MetricKey } from '@capstan/analytics';
import { METRIC_GROUPS, type MetricGroup } from '@capstan/analytics';
import { metricText, NONE, percent, plural, shortMoney, toneOf } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { ReportMetric, RunReport } from '../run-report.ts';
import { panel } from './panel.ts';

/** The figures on top, and what stands small beside each. */
const HEADLINES: readonly { readonly key: MetricKey; readonly beside?: MetricKey }[] = [
  { key: 'totalReturn' },
  { key: 'cagr', beside: 'netProfit' },
  { key: 'sharpe', beside: 'probabilisticSharpe' },
  { key: 'sortino' },
  { key: 'maxDrawdown', beside: 'maxDrawdownSessions' },
  { key: 'volatility' },
  { key: 'profitFactor', beside: 'hitRate' },
  { key: 'trades', beside: 'costs' },
];

const BESIDE_TEXT: Partial<Record<MetricKey, (value: number) => string>> = {
  netProfit: (value) => shortMoney(value, true),
  probabilisticSharpe: (value) => `${percent(value, 0)} that it is above 0`,
  maxDrawdownSessions: (value) => plural(value, 'session'),
  hitRate: (value) => `${percent(value, 1)} won`,
  costs: (value) => `${shortMoney(value)} costs`,
};

const GROUP_TITLES: Record<MetricGroup, string> = {
  return: 'Return',
  risk: 'Risk',
  benchmark: 'Against the benchmark',
  trades: 'Trades',
  activity: 'Activity and costs',
};

/** Metrics whose sign is coloured. */
const SIGNED = new Set<MetricKey>([
  'totalReturn',
  'netProfit',
  'cagr',
  'excessReturn',
  'benchmarkReturn',
  'alpha',
  'expectancy',
  'averageTrade',
  'bestTrade',
  'worstTrade',
  'bestSession',
  'worstSession',
  'averageWin',
  'averageLoss',
]);

/** The eight figures that are read first. */
export function headlineSection({ metrics }: RunReport): Html {
  const byKey = new Map(metrics.map((one) => [one.definition.key, one]));
  const benchmark = byKey.get('benchmarkReturn');
  const tiles = HEADLINES.flatMap(({ key, beside }) => {
    const metric = byKey.get(key);
    if (metric === undefined) return [];
    const small =
      key === 'totalReturn' && benchmark?.value !== undefined
        ? `benchmark ${percent(benchmark.value)}`
        : besideText(beside === undefined ? undefined : byKey.get(beside));
    return [
      html`<div class="figure"><dt>${term(metric)}</dt><dd class="${toneOfMetric(metric)}">${metricValue(metric)}${small === undefined ? undefined : html`<small>${small}</small>`}</dd></div>`,
    ];
  });
  return html`<dl class="figures" aria-label="Main figures">${tiles}</dl>\n`;
}

function besideText(metric: ReportMetric | undefined): string | undefined {
  if (metric?.value === undefined) return undefined;
  return BESIDE_TEXT[metric.definition.key]?.(metric.value);
}

/** All metrics of the catalogue, each with its formula. */
export function metricsSection({ metrics }: RunReport): Html {
  const groups = METRIC_GROUPS.map((group) => {
    const rows = metrics.filter(({ definition }) => definition.group === group);
    return html`<div class="metric-group"><h3>${GROUP_TITLES[group]}</h3><dl>${rows.map(
      (metric) =>
        html`<div><dt>${term(metric)}</dt><dd class="${toneOfMetric(metric)}">${metricValue(metric)}</dd></div>`,
    )}</dl></div>\n`;
  });
  return panel({
    id: 'metrics',
    title: 'All metrics',
    note: 'ratios are on daily session returns; point at a name for its formula; – has no value, which is not zero',
    span: 12,
    body: html`<div class="metric-groups">${groups}</div>`,
  });
}

/** A metric's name that tells its formula and source. */
function term({ definition }: ReportMetric): Html {
  const { title, formula, source } = definition;
  return html`<span class="term" tabindex="0" data-tip="${formula}" data-source="${source}">${title}</span>`;
}

function metricValue({ definition, value, why }: ReportMetric): Html {
  if (value !== undefined) return html`${metricText(value, definition.unit)}`;
  return html`<span class="none" tabindex="0" data-tip="${why ?? 'It has no value.'}">${NONE}<span class="sr"> no value: ${why}</span></span>`;
}

function toneOfMetric({ definition, value }: ReportMetric): string {
  return SIGNED.has(definition.key) || definition.key === 'maxDrawdown' ? toneOf(value) : 'even';
}
