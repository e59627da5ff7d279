import { expect, it } from 'vitest';
import type { Result } from './benchmark.ts';
import type { Machine } from './machine.ts';
import { numberText, resultMarkdown, resultText } from './render.ts';

const MACHINE: Machine = {
  cores: 2,
  cpu: 'CPU',
  memoryGib: 8,
  node: 'v24.0.0',
  system: 'linux 6 x64',
  load: 0.5,
  commit: 'abc',
  at: '2026-01-05T10:00Z',
};

const RESULT: Result = {
  benchmark: 'one',
  how: 'Somehow.',
  figures: [
    {
      what: 'slow',
      value: 30,
      unit: 'ms',
      bar: { value: 25, better: 'less' },
      spread: { count: 3, p50: 10, p99: 30, max: 40 },
    },
    { what: 'fast', value: 5_000, unit: 'bars/s', bar: { value: 4_000, better: 'more' } },
    { what: 'plain', value: 1.234, unit: 's' },
  ],
  notes: ['Noted.'],
};

it('says of each figure whether it reaches its bar', () => {
  const lines = resultText(RESULT).split('\n');
  expect(lines[2]).toContain('30.0 ms  bar ≤ 25 ms: MISSED  (p50 10.0, p99 30.0, max 40.0, n 3)');
  expect(lines[3]).toContain('5,000 bars/s  bar ≥ 4000 bars/s: reached');
  expect(lines[4]).toBe('  plain: 1.23 s');
});

it('writes a table with the command and the machine', () => {
  const page = resultMarkdown(RESULT, MACHINE);
  expect(page).toContain('`npm run bench -- one`');
  expect(page).toContain('| slow | 30.0 ms | ≤ 25 ms | MISSED | 10.0 | 30.0 |');
  expect(page).toContain('2 cores (CPU), 8 GiB');
});

it('keeps the decimals that mean something', () => {
  expect([1_234.5, 12.34, 0.125].map(numberText)).toEqual(['1,235', '12.3', '0.13']);
});
