import { count, metricText, money, number } from './format.ts';
import { type Html, html, prose } from './html.ts';
import { pageOf } from './page-shell.ts';
import { barSection } from './sections/head.ts';
import { panel } from './sections/panel.ts';
import { warningsSection } from './sections/warnings.ts';
import type { SweepBest, SweepReport } from './sweep-report.ts';
import { listOf } from './warnings-of.ts';

const LINKS = [
  ['heat', 'Heat map'],
  ['combinations', 'Combinations'],
] as const;

/** Writes `sweep.html`: a heat map over two parameters, all combinations, and how stable the best of them are. */
export function renderSweep(report: SweepReport): string {
  const { strategy, symbols, listed } = report;
  const body = html`${barSection('Sweep', LINKS)}
<main id="main">
${sweepTitle(report)}
${warningsSection(report.warnings)}
<div class="grid">
${bestPanel('best', 'Best by itself', report, report.best)}
${bestPanel('calm', 'Best by its neighbourhood', report, report.bestByNeighbours)}
${heatPanel()}
${panel({
  id: 'combinations',
  title: 'Combinations',
  span: 12,
  note: `${count(listed)}${listed < report.count ? ` of ${count(report.count)}; metrics.csv has all that were run` : ''}; neighbours differ by one step at most on each axis`,
  body: html`<div id="sweep-table"><noscript><p class="empty">The list needs JavaScript; metrics.csv has the same.</p></noscript></div>`,
})}
${panel({ id: 'provenance', title: 'What it can be repeated by', span: 12, body: provenance(report) })}
</div>
</main>
<footer><p>Simulations on past prices. They show what the rules would have done, and promise nothing.</p></footer>`;
  return pageOf({
    title: `${strategy.title}, sweep: ${symbols.slice(0, 3).join(', ')}`,
    body,
    script: 'sweep',
    hasCharts: false,
    data: report.data,
  });
}

function sweepTitle(report: SweepReport): Html {
  const { strategy, symbols, period, data, fixed } = report;
  const facts: readonly (readonly [string, string])[] = [
    ['Period', period === undefined ? 'no bar' : `${period.from} to ${period.to}`],
    ['Bars', report.timeframe],
    ['Capital', `${money(report.cashMicros)} ${report.currency}`],
    ['Combinations', count(report.count)],
  ];
  const chips = [
    ...data.axes.map(({ name, values }) => ({
      name,
      value: `${String(values[0])} … ${String(values.at(-1))} (${values.length})`,
    })),
    ...fixed,
  ];
  return html`<section class="title" aria-labelledby="title">
<div class="title-main">
<h1 id="title">${strategy.title}</h1>
<p class="symbols">${listOf(symbols)}</p>
<p class="dim">${prose(strategy.description)}</p>
<ul class="params" aria-label="Parameters">${chips.map(({ name, value }) => html`<li><span>${name}</span> <b>${value}</b></li>`)}</ul>
</div>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</section>
`;
}

function bestPanel(
  id: string,
  title: string,
  { rankBy }: SweepReport,
  best: SweepBest | undefined,
): Html {
  if (best === undefined) {
    return panel({
      id,
      title,
      span: 6,
      body: html`<p class="empty">No combination has a value of ${rankBy.title}${id === 'calm' ? ' and a neighbour that has one' : ''}.</p>`,
    });
  }
  const text = (value: number | undefined) => metricText(value, rankBy.unit);
  const rows: readonly (readonly [string, string])[] = [
    [`Mean of its ${count(best.neighbours)} neighbours`, text(best.neighbourMean)],
    ['Worst neighbour', text(best.neighbourWorst)],
    [
      'Deviation of the neighbours',
      rankBy.unit === 'ratio' ? number(best.neighbourDeviation, 3) : text(best.neighbourDeviation),
    ],
  ];
  return panel({
    id,
    title,
    span: 6,
    note: `combination ${count(best.combination)}`,
    body: html`<div class="best"><p><span class="dim">${rankBy.title}</span> <b class="best-value">${text(best.value)}</b></p>
<ul class="params">${best.params.map(({ name, value }) => html`<li><span>${name}</span> <b>${value}</b></li>`)}</ul></div>
<dl class="lines">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`,
  });
}

const heatPanel = (): Html =>
  panel({
    id: 'heat',
    title: 'Heat map',
    span: 12,
    body: html`<div class="controls" id="heat-controls"></div>
<p class="legend" id="heat-legend" aria-live="polite"></p>
<div class="heat-place"><canvas id="heat-canvas" tabindex="0" role="img" aria-label="Heat map of a metric over two parameters; arrows move from cell to cell, the table below has the values"></canvas></div>
<noscript><p class="empty">The heat map needs JavaScript; metrics.csv has the values.</p></noscript>`,
  });

function provenance({ provenance: of, strategy }: SweepReport): Html {
  const rows: readonly (readonly [string, string])[] = [
    ['Strategy', strategy.name],
    ['Digest of all combinations', of.digest],
    ['Fingerprint of the data', of.dataFingerprint],
    ...(of.configHash === undefined
      ? []
      : ([['Hash of the configuration', of.configHash]] as const)),
    ['Engine', of.engineVersion],
  ];
  return html`<dl class="provenance">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
