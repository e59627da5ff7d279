import { type Html, html } from '../html.ts';
import type { ReportWarning, WarningLevel } from '../run-report.ts';

const LEVEL_WORDS: Record<WarningLevel, string> = {
  danger: 'Do not rely on it',
  warning: 'Caution',
  note: 'Note',
};

/** What to know before believing the figures: what matters in the open, notes behind a line. */
export function warningsSection(warnings: readonly ReportWarning[]): Html {
  if (warnings.length === 0) return html``;
  const loud = warnings.filter(({ level }) => level !== 'note');
  const notes = warnings.filter(({ level }) => level === 'note');
  return html`<section class="warnings" id="warnings" aria-label="Warnings">
${loud.length === 0 ? undefined : html`<ul>${loud.map(warningItem)}</ul>`}
${notes.length === 0 ? undefined : html`<details><summary>${notes.length === 1 ? '1 note' : `${notes.length} notes`}: ${[...new Set(notes.map(({ title }) => title.toLowerCase()))].join(', ')}</summary><ul>${notes.map(warningItem)}</ul></details>`}
</section>
`;
}

const warningItem = ({ level, title, text }: ReportWarning): Html =>
  html`<li class="${level}"><b><span class="sr">${LEVEL_WORDS[level]}: </span>${title}</b> <span>${text}</span></li>\n`;
