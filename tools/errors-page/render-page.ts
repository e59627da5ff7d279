import type { ErrorTable } from './error-rows.ts';

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');
}

/** Renders the page of error codes, a section a workspace. */
export function renderPage(tables: readonly ErrorTable[]): string {
  const lines = [
    '# Errors',
    '',
    'Every operating failure that Capstan names, and what to do about it. A failure is matched by its code, which never',
    'changes its meaning. Refusals, such as a denied intent, are values and not errors; bugs stop the process that finds them.',
    '',
    'Generated from the `error-codes.ts` of each workspace by `npm run errors-page`; edit them there.',
  ];
  for (const { workspace, rows } of tables) {
    lines.push(
      '',
      `## ${workspace}`,
      '',
      '| code | what it means | what to do |',
      '| --- | --- | --- |',
    );
    const sorted = [...rows].sort((a, b) => (a.code < b.code ? -1 : 1));
    for (const { code, meaning, fix } of sorted) {
      lines.push(`| \`${code}\` | ${cell(meaning)} | ${cell(fix)} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
