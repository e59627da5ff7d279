import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { durationText, renderTable, timeText } from './table.ts';

test('writes a line a row under its titles, numbers to the right', () => {
  const rows = [
    { name: 'risk', count: 5 },
    { name: 'execution', count: 12 },
  ];
  const table = renderTable(
    [
      { title: 'service', text: ({ name }) => name },
      { title: 'n', align: 'right', text: ({ count }) => `${count}\n` },
    ],
    rows,
  );
  expect(stripVTControlCharacters(table).split('\n')).toEqual([
    'service     n',
    'risk        5',
    'execution  12',
  ]);
});

test('says so where there is nothing', () => {
  expect(stripVTControlCharacters(renderTable([], [], 'no orders'))).toBe('no orders');
});

test.each([
  [999, '0s'],
  [59_999, '59s'],
  [725_000, '12m05s'],
  [12_000_000, '3h20m'],
])('writes %i ms as %s', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});

test('writes times as UTC, and nothing for none', () => {
  expect(timeText(1_767_623_400_000_000)).toBe('2026-01-05 14:30:00');
  expect(timeText(undefined)).toBe('');
  expect(timeText(0)).toBe('');
});
