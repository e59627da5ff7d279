import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRICS } from './metrics.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe("the README's table of metrics", () => {
  it('is what the catalogue says', () => {
    const rows = METRICS.map(
      ({ key, title, unit, formula, source, better }) =>
        `| \`${key}\` | ${title} | ${unit} | ${better} | ${formula.replaceAll('|', '\\|')} | ${source} |`,
    );
    const table = readme.split('\n').filter((line) => line.startsWith('| `'));
    expect(table).toEqual(rows);
  });
});
