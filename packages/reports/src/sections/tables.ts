import type { DatedDrawdown } from '@capstan/analytics';
import { count, money, NONE, number, percent, price, toneOf } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { ReportShare, ReportYear, RunReport } from '../run-report.ts';
import { asTable, panel, table } from './panel.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HEAT_STEPS = 5;

/** The deepest drawdowns, dated. */
export function drawdownsSection({ drawdowns }: RunReport): Html {
  const rows = drawdowns.map((one, place) => [
    html`${place + 1}`,
    html`<span class="down">${percent(one.depthFraction)}</span>`,
    html`${one.peakDate ?? 'start'}`,
    html`${one.troughDate}`,
    recovery(one),
    html`${count(one.sessions)}`,
  ]);
  const columns = [
    { title: '#', isNumber: true },
    { title: 'Depth', isNumber: true },
    { title: 'Peak' },
    { title: 'Trough' },
    { title: 'Recovered' },
    { title: 'Sessions', isNumber: true },
  ];
  return panel({
    id: 'drawdowns',
    title: 'Worst drawdowns',
    note: 'every bar counts',
    span: 5,
    body:
      rows.length === 0
        ? html`<p class="empty">Equity was never below an earlier peak.</p>`
        : table('Worst drawdowns', columns, rows),
  });
}

const recovery = ({ recoveryDate }: DatedDrawdown): Html =>
  recoveryDate === undefined ? html`<span class="warn">not yet</span>` : html`${recoveryDate}`;

/** Returns by month as a heat map, the year beside the benchmark's. */
export function monthsSection({ years, benchmarkName }: RunReport): Html {
  const all = years.flatMap(({ months }) => months).filter((one) => one !== undefined);
  const most = Math.max(1e-9, ...all.map(Math.abs));
  const hasBenchmark = benchmarkName !== undefined;
  const head = html`<tr><th scope="col">Year</th>${MONTHS.map((month) => html`<th scope="col">${month}</th>`)}<th scope="col" class="year">Year</th>${hasBenchmark ? html`<th scope="col" class="year" title="${benchmarkName}">Bench.</th>` : undefined}</tr>`;
  const rows = years.map(
    (year) =>
      html`<tr><th scope="row">${year.year}</th>${year.months.map((value) => heatCell(value, most))}<td class="year ${toneOf(year.total)}">${percent(year.total, 1)}</td>${hasBenchmark ? html`<td class="year dim">${percent(year.benchmark, 1)}</td>` : undefined}</tr>\n`,
  );
  return panel({
    id: 'months',
    title: 'Monthly returns',
    note: 'per cent; the first and the last month may be parts',
    span: 7,
    body:
      years.length === 0
        ? html`<p class="empty">There is no session.</p>`
        : html`<div class="rows" tabindex="0" role="region" aria-label="Monthly returns"><table class="heat"><caption class="sr">Returns by month in per cent</caption><thead>${head}</thead><tbody>${rows}</tbody></table></div>`,
  });
}

function heatCell(value: number | undefined, most: number): Html {
  if (value === undefined) return html`<td class="blank" aria-label="no session"></td>`;
  const step = Math.ceil((Math.abs(value) / most) * HEAT_STEPS);
  const shade = step === 0 ? 'h0' : `${value > 0 ? 'hu' : 'hd'}${Math.min(HEAT_STEPS, step)}`;
  return html`<td class="${shade}">${number(value * 100, 1)}</td>`;
}

/** What each side and each symbol brought. */
export function sharesSection({ bySide, bySymbol, symbolsLeftOut }: RunReport): Html {
  const columns = [
    { title: '' },
    { title: 'Trades', isNumber: true },
    { title: 'Won', isNumber: true },
    { title: 'Gross profit', isNumber: true },
    { title: 'Costs', isNumber: true },
    { title: 'Net profit', isNumber: true },
    { title: 'Open', isNumber: true },
  ];
  const traded = bySide.filter((one) => one.trades > 0 || one.openNetMicros !== 0);
  const rest =
    symbolsLeftOut === 0
      ? undefined
      : html`<p class="empty">${count(symbolsLeftOut)} more symbols with less effect are in trades.csv.</p>`;
  return panel({
    id: 'shares',
    title: 'By side and symbol',
    note: 'closed trades; open ones at the last close',
    span: 6,
    body: html`${table('Profit by side and symbol', columns, [...traded, ...bySymbol].map(shareRow))}${rest}`,
  });
}

const shareRow = (one: ReportShare): Html[] => [
  html`<b>${one.name}</b>`,
  html`${count(one.trades)}`,
  html`${one.trades === 0 ? NONE : percent(one.winners / one.trades, 1)}`,
  html`${money(one.grossMicros)}`,
  html`${money(one.feesMicros)}`,
  html`<span class="${toneOf(one.netMicros)}">${money(one.netMicros, true)}</span>`,
  html`<span class="${toneOf(one.openNetMicros)}">${one.openNetMicros === 0 ? NONE : money(one.openNetMicros, true)}</span>`,
];

/** What trading cost, and what was charged for. */
export function costsSection(report: RunReport): Html {
  const figure = (key: string) =>
    report.metrics.find(({ definition }) => definition.key === key)?.value;
  const costs = figure('costs') ?? 0;
  const net = figure('netProfit');
  const gross = net === undefined ? undefined : net + costs;
  const fills = figure('fills') ?? 0;
  const share = gross === undefined || gross <= 0 ? undefined : costs / gross;
  const rows: readonly (readonly [string, Html])[] = [
    ['Profit before costs', html`${money(gross, true)}`],
    ['Commissions and fees', html`${money(-costs)}`],
    ['Net profit', html`<b class="${toneOf(net)}">${money(net, true)}</b>`],
    ['Costs of the profit before them', html`${percent(share, 1)}`],
    ['Costs a fill', html`${fills === 0 ? NONE : money(costs / fills)}`],
    ['Costs of the initial capital', html`${percent(costs / report.cashMicros)}`],
    ['Turnover a year', html`${number(figure('turnover'), 1)}×`],
  ];
  return panel({
    id: 'costs',
    title: 'Costs',
    note: 'slippage is in the prices of the fills',
    span: 6,
    body: html`<dl class="lines">${rows.map(
      ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
    )}</dl>
${positions(report)}`,
  });
}

function positions({ openPositions }: RunReport): Html {
  if (openPositions.length === 0) return html``;
  const columns = [
    { title: 'Open at the end' },
    { title: 'Quantity', isNumber: true },
    { title: 'Entry', isNumber: true },
    { title: 'Last close', isNumber: true },
    { title: 'Profit', isNumber: true },
  ];
  const rows = openPositions
    .slice(0, 20)
    .map((one) => [
      html`<b>${one.symbol}</b>`,
      html`${one.quantityText.replace('-', '−')}`,
      html`${price(one.entryPriceNanos)}`,
      html`${price(one.markNanos)}`,
      html`<span class="${toneOf(one.netMicros)}">${money(one.netMicros, true)}</span>`,
    ]);
  return table('Open positions', columns, rows);
}

/** Equity by month as a table, for those who do not see the chart. */
export function equityTable(years: readonly ReportYear[]): Html {
  const columns = [
    { title: 'Year' },
    { title: 'Return', isNumber: true },
    { title: 'Benchmark', isNumber: true },
  ];
  const rows = years.map((one) => [
    html`${one.year}`,
    html`${percent(one.total)}`,
    html`${percent(one.benchmark)}`,
  ]);
  return asTable('As a table, by year', table('Returns by year', columns, rows));
}
