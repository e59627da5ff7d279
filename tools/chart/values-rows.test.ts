import { describe, expect, test } from 'vitest';
import { readValues, valuesTables } from './values-rows.ts';

const FILE = `# A file.

## One

# First | and <more>,
# on two lines.
first: 1

second:
  # Third.
  third: { a: 1 }
  fourth: ''

## Two

# Covers what is below.
fifth:
  sixth: true
`;

describe('the values of a file', () => {
  test('are told by the comments above them, under their headings', () => {
    const { sections } = readValues(FILE);
    expect(sections).toEqual([
      {
        title: 'One',
        rows: [
          { path: 'first', byDefault: '1', about: 'First | and <more>, on two lines.' },
          { path: 'second.third', byDefault: '{"a":1}', about: 'Third.' },
        ],
      },
      {
        title: 'Two',
        rows: [{ path: 'fifth', byDefault: '{"sixth":true}', about: 'Covers what is below.' }],
      },
    ]);
  });

  test('that nothing is said of are named', () => {
    expect(readValues(FILE).undescribed).toEqual(['second.fourth']);
  });

  test('make a table that no word of theirs breaks', () => {
    const lines = valuesTables(readValues(FILE).sections).split('\n');
    expect(lines).toContain('| `first` | `1` | First \\| and &lt;more>, on two lines. |');
    expect(lines.filter((line) => line.startsWith('### '))).toEqual(['### One', '### Two']);
  });
});
