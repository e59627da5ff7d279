import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Html, html, trusted } from './html.ts';

/** Scripts of this package's own, built from `page/`. */
export const PAGE_SCRIPTS = { report: 'report.js', plot: 'plot.js', sweep: 'sweep.js' } as const;
export type PageScript = keyof typeof PAGE_SCRIPTS;

/** One self-contained page. */
export interface PageParts {
  readonly title: string;
  readonly body: Html;
  readonly script: PageScript;
  /** Whether it draws with the chart library. */
  readonly hasCharts: boolean;
  /** What the script reads; anything that JSON has. */
  readonly data: unknown;
}

/**
 * Makes a page that needs nothing but itself: style and scripts are inside, and its policy lets nothing else run or load. Only what
 * is hashed runs, so that no text from the data could.
 */
export function pageOf({ title, body, script, hasCharts, data }: PageParts): string {
  const style = ownFile('page.css');
  const scripts = [
    ...(hasCharts ? [chartLibrary()] : []),
    ownFile(`generated/${PAGE_SCRIPTS[script]}`),
  ].map(insideScript);
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="generator" content="Capstan">
<link rel="icon" href="${ICON}">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
${body}
<script type="application/json" id="data">${trusted(jsonInside(data))}</script>
${scripts.map((text) => html`<script>${trusted(text)}</script>\n`)}</body>
</html>
`;
  return page.text;
}

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f4fd1"/><path d="M9 8h14v4h-3l2 12H10l2-12H9z" fill="#fff"/></svg>',
)}`;

const ownFile = (path: string): string =>
  readFileSync(new URL(`./${path}`, import.meta.url), 'utf8');

/** The library as one script, with its notice of licence. */
function chartLibrary(): string {
  const module = import.meta.resolve('lightweight-charts');
  return readFileSync(new URL('./lightweight-charts.standalone.production.js', module), 'utf8');
}

/** Script text that cannot end its element. */
const insideScript = (text: string): string =>
  text.replaceAll(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');

/** JSON that cannot end its element or begin another. */
export const jsonInside = (data: unknown): string =>
  JSON.stringify(data)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');

const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
