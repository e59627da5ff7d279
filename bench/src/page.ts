/** The page's own words stay; of each benchmark it holds the latest figures between two marks. */
const markOf = (name: string): { begin: string; end: string } => ({
  begin: `<!-- figures ${name} -->`,
  end: `<!-- end ${name} -->`,
});

/**
 * Puts the figures of one benchmark into a page, in place of those that it has, else in a section at its end.
 * @throws Error when a mark begins and does not end.
 */
export function withFigures(page: string, name: string, figures: string): string {
  const { begin, end } = markOf(name);
  const block = `${begin}\n\n${figures}\n\n${end}`;
  const from = page.indexOf(begin);
  if (from < 0) return `${page.trimEnd()}\n\n## ${name}\n\n${block}\n`;
  const to = page.indexOf(end, from);
  if (to < 0) throw new Error(`the page has '${begin}' without '${end}'`);
  return `${page.slice(0, from)}${block}${page.slice(to + end.length)}`;
}
