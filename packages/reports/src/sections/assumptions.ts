import { ASSUMPTION_KINDS } from '@capstan/engine';
import { escapeHtml, type Html, html, trusted } from '../html.ts';
import type { RunReport } from '../run-report.ts';
import { panel } from './panel.ts';

const KIND_TITLES = {
  modelled: 'Modelled',
  assumed: 'Assumed',
  'not modelled': 'Not modelled',
} as const;

/** How orders were sized, filled and charged in this run. */
export function settingsSection({ settings }: RunReport): Html {
  return panel({
    id: 'settings',
    title: 'How this run traded',
    span: 6,
    body: html`<dl class="lines">${settings.map(
      ({ name, value }) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
    )}</dl>`,
  });
}

/** What the simulation computes, takes as given, and leaves out. */
export function assumptionsSection({ assumptions }: RunReport): Html {
  const groups = ASSUMPTION_KINDS.map((kind) => {
    const rows = assumptions.filter((one) => one.kind === kind);
    return html`<div class="assumption-group"><h3>${KIND_TITLES[kind]}</h3><dl>${rows.map(
      ({ topic, text }) => html`<dt>${topic}</dt><dd>${codeMarks(text)}</dd>`,
    )}</dl></div>\n`;
  });
  return panel({
    id: 'assumptions',
    title: 'What the simulation models, assumes and leaves out',
    span: 12,
    body: html`<div class="assumption-groups">${groups}</div>`,
  });
}

/** Markdown's code marks as elements. */
const codeMarks = (text: string): Html =>
  trusted(escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>'));
