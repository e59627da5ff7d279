import { count, percent } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { RunReport } from '../run-report.ts';
import { asTable, panel, table } from './panel.ts';

const WIDTH = 640;
const HEIGHT = 220;
const BOTTOM = 26;
const TOP = 24;
/** Of what is written at a line: it turns to the other side where this would not fit. */
const LABEL_WIDTH = 110;

/** The distribution of session returns as a drawing, with mean and value at risk. */
export function distributionSection({ distribution, metrics }: RunReport): Html {
  const { bins, count: returns, mean } = distribution;
  const first = bins[0];
  const last = bins.at(-1);
  if (first === undefined || last === undefined) {
    return panel({
      id: 'distribution',
      title: 'Distribution of session returns',
      span: 6,
      body: html`<p class="empty">There is no session return.</p>`,
    });
  }
  const valueAtRisk = metrics.find(({ definition }) => definition.key === 'valueAtRisk95')?.value;
  const low = first.from;
  const span = last.to - low || 1;
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const x = (value: number): number => round(((value - low) / span) * WIDTH);
  const height = (many: number): number => round((many / most) * (HEIGHT - TOP - BOTTOM));
  const bars = bins.map((bin) => {
    const tall = height(bin.count);
    const wide = Math.max(1, x(bin.to) - x(bin.from) - 1);
    const tone = bin.to <= 0 ? 'down' : bin.from >= 0 ? 'up' : 'even';
    return html`<rect class="bar ${tone}" x="${x(bin.from)}" y="${round(HEIGHT - BOTTOM - tall)}" width="${round(wide)}" height="${tall}"><title>${percent(bin.from)} to ${percent(bin.to)}: ${count(bin.count)}</title></rect>`;
  });
  const label = `Distribution of ${count(returns)} session returns from ${percent(low)} to ${percent(last.to)}, mean ${percent(mean, 3)}`;
  const lines = [
    markLine(x(0), low < 0 && last.to > 0, 'zero', ''),
    mean === undefined ? html`` : markLine(x(mean), true, 'mean', `mean ${percent(mean, 3)}`),
    valueAtRisk === undefined
      ? html``
      : markLine(x(valueAtRisk), true, 'risk', `VaR 95% ${percent(valueAtRisk)}`),
  ];
  const ticks = [low, low + span / 4, low + span / 2, low + (3 * span) / 4, last.to].map(
    (value, at) =>
      html`<text class="tick${at % 2 === 1 ? ' between' : ''}" x="${x(value)}" y="${HEIGHT - 5}" text-anchor="${at === 0 ? 'start' : at === 4 ? 'end' : 'middle'}">${percent(value)}</text>`,
  );
  return panel({
    id: 'distribution',
    title: 'Distribution of session returns',
    note: `${count(returns)} sessions`,
    span: 6,
    body: html`<svg class="drawing" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${bars}${lines}<line class="axis" x1="0" x2="${WIDTH}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/>${ticks}</svg>
${asTable(
  'As a table',
  table(
    'Distribution of session returns',
    [
      { title: 'From', isNumber: true },
      { title: 'To', isNumber: true },
      { title: 'Sessions', isNumber: true },
    ],
    bins.map((bin) => [
      html`${percent(bin.from)}`,
      html`${percent(bin.to)}`,
      html`${count(bin.count)}`,
    ]),
  ),
)}`,
  });
}

function markLine(x: number, isShown: boolean, kind: string, text: string): Html {
  if (!isShown) return html``;
  const wanted = kind === 'risk' ? 'end' : 'start';
  const anchor = x < LABEL_WIDTH ? 'start' : x > WIDTH - LABEL_WIDTH ? 'end' : wanted;
  return html`<line class="mark ${kind}" x1="${x}" x2="${x}" y1="${TOP - 4}" y2="${HEIGHT - BOTTOM}"/><text class="tick ${kind}" x="${anchor === 'end' ? x - 4 : x + 4}" y="${TOP - 6}" text-anchor="${anchor}">${text}</text>`;
}

const round = (value: number): number => Math.round(value * 100) / 100;
