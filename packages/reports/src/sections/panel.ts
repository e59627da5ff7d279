import { type Html, html } from '../html.ts';

/** A part of a page with a heading. */
export interface PanelParts {
  readonly id: string;
  readonly title: string;
  /** Beside the heading, dim. */
  readonly note?: string;
  /** How much of the width it takes, in twelfths. */
  readonly span: 4 | 5 | 6 | 7 | 8 | 12;
  readonly tools?: Html;
  readonly body: Html;
}

/** Makes a panel. */
export function panel({ id, title, note, span, tools, body }: PanelParts): Html {
  return html`<section class="panel span-${span}" id="${id}" aria-labelledby="${id}-title">
<header><h2 id="${id}-title">${title}</h2>${note === undefined ? undefined : html`<span class="note">${note}</span>`}${tools === undefined ? undefined : html`<span class="tools">${tools}</span>`}</header>
${body}
</section>
`;
}

/** A place for a chart that the page's script draws, described for those who do not see it. */
export function chartPlace(id: string, label: string, size: 'tall' | 'mid' | 'low'): Html {
  return html`<div class="legend" id="${id}-legend" aria-hidden="true"></div>
<div class="chart ${size}" id="${id}" role="img" aria-label="${label}"></div>
<noscript><p class="empty">Charts need JavaScript; the tables do not.</p></noscript>
`;
}

/** One column of a static table. */
export interface Column {
  readonly title: string;
  /** Numbers stand right. */
  readonly isNumber?: boolean;
}

/** Makes a table; cells are markup. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Html[])[],
): Html {
  const kind = ({ isNumber = false }: Column) => (isNumber ? html` class="num"` : html``);
  return html`<div class="rows" tabindex="0" role="region" aria-label="${caption}"><table>
<caption class="sr">${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col"${kind(column)}>${column.title}</th>`)}</tr></thead>
<tbody>${rows.map(
    (cells) =>
      html`<tr>${cells.map((cell, at) => html`<td${kind(columns[at] ?? { title: '' })}>${cell}</td>`)}</tr>\n`,
  )}</tbody>
</table></div>`;
}

/** A table behind a line that opens it: what a chart shows, for reading. */
export const asTable = (summary: string, content: Html): Html =>
  html`<details class="as-table"><summary>${summary}</summary>${content}</details>`;
