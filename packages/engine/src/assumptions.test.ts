import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ASSUMPTION_KINDS, EXECUTION_ASSUMPTIONS } from './assumptions.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

it("are the rows of the README's table, in its order", () => {
  const expected = ASSUMPTION_KINDS.flatMap((kind) => [
    `| **${kind}** | |`,
    ...EXECUTION_ASSUMPTIONS.filter((one) => one.kind === kind).map(
      ({ topic, text }) => `| ${topic} | ${text} |`,
    ),
  ]);
  const [, section = ''] = readme.split('## What matching models');
  const rows = (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('|--') && line !== '| | |');
  expect(rows.filter((line) => line !== '|---|---|' && line !== '| --- | --- |')).toEqual(expected);
});

it('name each topic once', () => {
  const topics = EXECUTION_ASSUMPTIONS.map((one) => one.topic);
  expect(new Set(topics).size).toBe(topics.length);
});
