import { count, money } from '../format.ts';
import { type Html, html, prose } from '../html.ts';
import type { ReportSetting, RunReport } from '../run-report.ts';
import { listOf } from '../warnings-of.ts';

const SYMBOLS_SHOWN_MAX = 24;

/** The bar above a page, with its links. */
export function barSection(badge: string, links: readonly (readonly [string, string])[]): Html {
  return html`<a class="skip" href="#main">Skip to the report</a>
<header class="head">
<b class="brand"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 2h8v2.4h-1.6L11.8 14H4.2l1.4-9.6H4z" fill="currentColor"/></svg>Capstan</b>
<span class="badge">${badge}</span>
<nav aria-label="Sections">${links.map(([id, text]) => html`<a href="#${id}">${text}</a>`)}</nav>
<span class="spring"></span>
<button type="button" id="print" hidden>Print</button>
<button type="button" id="theme" hidden>Theme</button>
</header>
`;
}

/** Strategy, symbols, period, parameters, and what the run is recognised by. */
export function titleSection(report: RunReport): Html {
  const { strategy, symbols, timeframe, period, cashMicros, currency } = report;
  const facts: readonly (readonly [string, string])[] = [
    ['Period', period === undefined ? 'no bar' : `${period.from} to ${period.to}`],
    ['Bars', `${count(report.bars)} of ${timeframe}`],
    ['Capital', `${money(cashMicros)} ${currency}`],
    ['Benchmark', report.benchmarkName ?? 'none'],
  ];
  return html`<section class="title" aria-labelledby="title">
<div class="title-main">
<h1 id="title">${strategy.title}</h1>
<p class="symbols" title="${symbols.length > SYMBOLS_SHOWN_MAX ? symbols.join(', ') : undefined}">${symbols.length <= SYMBOLS_SHOWN_MAX ? symbols.join(', ') : listOf(symbols)}</p>
<p class="dim">${prose(strategy.description)}</p>
${parameterList(report.params)}
</div>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</section>
`;
}

function parameterList(params: readonly ReportSetting[]): Html {
  if (params.length === 0) return html``;
  return html`<ul class="params" aria-label="Parameters">${params.map(
    ({ name, value, description }) =>
      html`<li${description === undefined ? html`` : html` tabindex="0" data-tip="${description}"`}><span>${name}</span> <b>${value}</b></li>`,
  )}</ul>`;
}

/** What a run can be recognised and repeated by. */
export function provenanceSection({ provenance, strategy, slices }: RunReport): Html {
  const rows: readonly (readonly [string, string])[] = [
    ['Strategy', strategy.name],
    ['Digest of orders, fills and ledger', provenance.digest],
    ['Fingerprint of the data', provenance.dataFingerprint],
    ...(provenance.configHash === undefined
      ? []
      : ([['Hash of the configuration', provenance.configHash]] as const)),
    ['Engine', provenance.engineVersion],
    ['Slices', count(slices)],
  ];
  return html`<dl class="provenance">${rows.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}
