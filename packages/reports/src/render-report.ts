import { count, plural } from './format.ts';
import { type Html, html } from './html.ts';
import { pageOf } from './page-shell.ts';
import type { RunReport } from './run-report.ts';
import { assumptionsSection, settingsSection } from './sections/assumptions.ts';
import { distributionSection } from './sections/distribution.ts';
import { headlineSection, metricsSection } from './sections/figures.ts';
import { barSection, provenanceSection, titleSection } from './sections/head.ts';
import { chartPlace, panel } from './sections/panel.ts';
import {
  costsSection,
  drawdownsSection,
  equityTable,
  monthsSection,
  sharesSection,
} from './sections/tables.ts';
import { warningsSection } from './sections/warnings.ts';

const LINKS = [
  ['equity', 'Equity'],
  ['months', 'Months'],
  ['price', 'Trades'],
  ['costs', 'Costs'],
  ['metrics', 'Metrics'],
  ['assumptions', 'Assumptions'],
] as const;

/**
 * Writes `report.html`: one file that needs nothing else. Texts of the run are escaped; scripts run by hash alone.
 * @returns the page, the same for the same report; below `REPORT_BYTES_MAX`, whatever the number of bars and trades.
 */
export function renderReport(report: RunReport): string {
  const { strategy, symbols } = report;
  const body = html`${barSection('Backtest', LINKS)}
<main id="main">
${titleSection(report)}
${warningsSection(report.warnings)}
${headlineSection(report)}
<div class="grid">
${equitySection(report)}
${monthsSection(report)}
${drawdownsSection(report)}
${rollingSection(report)}
${distributionSection(report)}
${priceSection(report)}
${tradesSection(report)}
${exposureSection(report)}
${sharesSection(report)}
${costsSection(report)}
${settingsSection(report)}
${metricsSection(report)}
${assumptionsSection(report)}
${panel({ id: 'provenance', title: 'What it can be repeated by', span: 12, body: provenanceSection(report) })}
</div>
</main>
${footSection()}`;
  return pageOf({
    title: `${strategy.title}: ${symbols.slice(0, 3).join(', ')}${symbols.length > 3 ? ' …' : ''}`,
    body,
    script: 'report',
    hasCharts: true,
    data: report.charts,
  });
}

/** The foot of a page with charts, with the notice of their library. */
export const footSection = (): Html => html`<footer>
<p>A simulation on past prices. It shows what the rules above would have done, and promises nothing.</p>
<p>Times are the exchange's. Charts by TradingView Lightweight Charts™, © TradingView, Inc., <span class="url">https://www.tradingview.com/</span>, Apache License 2.0.</p>
</footer>
`;

export function equitySection({ charts, curveShown, benchmarkName, years }: RunReport): Html {
  const { points, of } = curveShown;
  const note =
    points === of
      ? `${count(of)} points, every bar`
      : `${count(points)} of ${count(of)} points: the first, lowest, highest and deepest of each stretch`;
  const against = benchmarkName === undefined ? '' : ` against ${benchmarkName}`;
  return panel({
    id: 'equity',
    title: charts.curve.benchmark === undefined ? 'Equity' : `Equity${against}`,
    note,
    span: 12,
    tools: html`<button type="button" id="curve-log" aria-pressed="false" hidden>Log scale</button><button type="button" id="curve-fit" hidden>Whole run</button>`,
    body: html`${chartPlace('curve', `Equity${against} over the run, and its drawdown below`, 'tall')}${equityTable(years)}`,
  });
}

function rollingSection({ rollingSessions }: RunReport): Html {
  return panel({
    id: 'rolling-panel',
    title: 'Rolling Sharpe ratio',
    span: 6,
    ...(rollingSessions === undefined ? {} : { note: `of ${rollingSessions} sessions each` }),
    body:
      rollingSessions === undefined
        ? html`<p class="empty">The run is too short for a window of sessions.</p>`
        : chartPlace('rolling', `Sharpe ratio of ${rollingSessions} sessions, rolling`, 'mid'),
  });
}

export function priceSection({ charts }: RunReport): Html {
  const { prices } = charts;
  const left = charts.trades.symbols.length - prices.length;
  const options = prices.map(
    ({ symbol }, place) => html`<option value="${place}">${symbol}</option>`,
  );
  return panel({
    id: 'price',
    title: 'Trades on the price',
    span: 12,
    ...(left > 0 ? { note: `the ${prices.length} symbols that traded most` } : {}),
    tools: html`<label class="sr" for="price-symbol">Symbol</label><select id="price-symbol" hidden>${options}</select><button type="button" id="price-fit" hidden>Whole run</button>`,
    body: html`${chartPlace('price-chart', 'Price with entries and exits of the trades, which the table below lists', 'tall')}<p class="hint" id="price-hint" aria-live="polite"></p>`,
  });
}

function tradesSection({ charts }: RunReport): Html {
  const { total, openCount, side } = charts.trades;
  const listed =
    side.count < total ? `; the last ${count(side.count)} are listed, trades.csv has all` : '';
  return panel({
    id: 'trades',
    title: 'Trades',
    span: 12,
    note: `${plural(total - openCount, 'closed trade')}${openCount > 0 ? `, ${count(openCount)} open` : ''}${listed}`,
    body:
      total === 0
        ? html`<p class="empty">Nothing was traded.</p>`
        : html`<div id="trade-table"><noscript><p class="empty">The list needs JavaScript; trades.csv has the same.</p></noscript></div>`,
  });
}

function exposureSection({ charts }: RunReport): Html {
  return panel({
    id: 'exposure-panel',
    title: 'Gross exposure',
    span: 6,
    note: 'worth of all holdings ÷ equity',
    body:
      charts.curve.exposure === undefined
        ? html`<p class="empty">It was not recorded.</p>`
        : chartPlace('exposure', 'Gross exposure as a share of equity over the run', 'mid'),
  });
}
