/** Markup that is safe to put into a page. Only {@link html} and {@link trusted} make it. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: markup as it is, texts and numbers escaped, lists joined, nothing for what is absent. */
export type HtmlValue = Html | string | number | undefined | false | readonly HtmlValue[];

/** Markup from a template: everything put into it is escaped unless it is markup. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = parts[0] ?? '';
  for (const [index, value] of values.entries()) text += textOf(value) + (parts[index + 1] ?? '');
  return new Html(text);
}

/** Takes text of this package's own as markup; never text that comes from data. */
export const trusted = (text: string): Html => new Html(text);

/** Takes a text in which names stand between backticks: they become code. */
export const prose = (text: string): Html =>
  trusted(escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>'));

/** Escapes text for an element's content or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function textOf(value: HtmlValue): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return escapeHtml(String(value));
  return value.map(textOf).join('');
}
