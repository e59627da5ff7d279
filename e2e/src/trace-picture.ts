import type { ReceivedSpan } from './collector.ts';

const WIDTH = 1_000;
const LABEL_WIDTH = 330;
const ROW = 20;
const HEAD = 46;
const COLOURS: Readonly<Record<string, string>> = {
  'market-data': '#4c78a8',
  signal: '#72b7b2',
  risk: '#f58518',
  execution: '#e45756',
  'paper-exchange': '#b279a2',
  reporting: '#54a24b',
};
/** What adapters do inside of a step, beside the call to the venue. */
const DETAIL = /^(pg|prisma|GET|POST|tcp|dns)\b|prisma:/;

interface Row {
  readonly span: ReceivedSpan;
  readonly depth: number;
}

/** Draws a trace as a picture: a line a step, each under what led to it, along the time since the first began. */
export function drawTrace(spans: readonly ReceivedSpan[]): string {
  const steps = spans.filter(({ name }) => !DETAIL.test(name));
  const [first] = steps.filter(({ parentSpanId }) => parentSpanId === '');
  if (first === undefined) throw new Error('a trace without its first span');
  const rows = rowsUnder(first, steps, 0);
  const startUs = first.startUs;
  const endUs = Math.max(...rows.map(({ span }) => span.endUs));
  const height = HEAD + rows.length * ROW + 16;
  const scale = (WIDTH - LABEL_WIDTH - 70) / Math.max(1, endUs - startUs);
  const drawn = rows.map((row, index) => rowText(row, HEAD + index * ROW, startUs, scale));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="11">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="12" y="20" font-size="13" font-weight="600" fill="#1a1a1a">One trace: ${rows.length} steps in ${milliseconds(endUs - startUs)}</text>
${ticks(endUs - startUs, scale, height)}
${drawn.join('\n')}
</svg>
`;
}

function rowsUnder(span: ReceivedSpan, all: readonly ReceivedSpan[], depth: number): Row[] {
  const children = all
    .filter(({ parentSpanId }) => parentSpanId === span.spanId)
    .sort((a, b) => a.startUs - b.startUs || (a.spanId < b.spanId ? -1 : 1));
  return [{ span, depth }, ...children.flatMap((child) => rowsUnder(child, all, depth + 1))];
}

function rowText({ span, depth }: Row, y: number, startUs: number, scale: number): string {
  const service = span.service.replace(/^capstan-/, '');
  const x = LABEL_WIDTH + (span.startUs - startUs) * scale;
  const width = Math.max(1.5, (span.endUs - span.startUs) * scale);
  const label = `${service}: ${span.name.replace(/^grpc\..*\//, 'call ')}`;
  const colour = COLOURS[service] ?? '#888888';
  return [
    `<text x="${12 + depth * 10}" y="${y + 13}" fill="#333333">${escaped(label)}</text>`,
    `<rect x="${x.toFixed(1)}" y="${y + 4}" width="${width.toFixed(1)}" height="11" rx="2" fill="${colour}"/>`,
    `<text x="${(x + width + 4).toFixed(1)}" y="${y + 13}" fill="#777777">${milliseconds(span.endUs - span.startUs)}</text>`,
  ].join('\n');
}

function ticks(totalUs: number, scale: number, height: number): string {
  const parts = 4;
  return Array.from({ length: parts + 1 }, (_, index) => {
    const us = (totalUs * index) / parts;
    const x = (LABEL_WIDTH + us * scale).toFixed(1);
    return `<line x1="${x}" y1="${HEAD - 8}" x2="${x}" y2="${height - 8}" stroke="#e3e3e3"/>
<text x="${x}" y="${HEAD - 12}" fill="#777777" text-anchor="middle">${milliseconds(us)}</text>`;
  }).join('\n');
}

const milliseconds = (us: number): string =>
  us >= 10_000 ? `${Math.round(us / 1_000)} ms` : `${(us / 1_000).toFixed(1)} ms`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
