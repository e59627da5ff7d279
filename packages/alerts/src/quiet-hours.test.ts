import { timeUs } from '@capstan/domain';
import { describe, expect, it, test } from 'vitest';
import { isQuiet, type QuietHours, readQuietHours } from './quiet-hours.ts';

function read(from: string, to: string): QuietHours {
  const found = readQuietHours(from, to, 'America/New_York');
  if (found.kind === 'problem') throw new Error(found.rule);
  return found.quietHours;
}
const utc = (text: string) => timeUs(Date.parse(text) * 1_000);

describe('isQuiet', () => {
  test.each([
    ['2026-01-06T02:59:00Z', false], // 21:59
    ['2026-01-06T03:00:00Z', true], // 22:00
    ['2026-01-06T05:00:00Z', true], // midnight
    ['2026-01-06T11:59:59Z', true], // 06:59:59
    ['2026-01-06T12:00:00Z', false], // 07:00
  ])('over midnight in winter at %s: %s', (at, quiet) => {
    expect(isQuiet(read('22:00', '07:00'), utc(at))).toBe(quiet);
  });

  test.each([
    ['2026-07-06T02:00:00Z', true], // 22:00 in summer
    ['2026-07-06T11:00:00Z', false], // 07:00
  ])('goes by the clocks of the zone in summer at %s: %s', (at, quiet) => {
    expect(isQuiet(read('22:00', '07:00'), utc(at))).toBe(quiet);
  });

  it('takes hours within a day, to midnight', () => {
    expect(isQuiet(read('12:00', '24:00'), utc('2026-01-06T16:59:00Z'))).toBe(false);
    expect(isQuiet(read('12:00', '24:00'), utc('2026-01-06T17:00:00Z'))).toBe(true);
    expect(isQuiet(read('12:00', '24:00'), utc('2026-01-07T04:59:00Z'))).toBe(true);
    expect(isQuiet(read('12:00', '24:00'), utc('2026-01-07T05:00:00Z'))).toBe(false);
  });
});

test.each([
  ['25:00', '07:00', 'from'],
  ['24:00', '07:00', 'from'],
  ['22:00', '7', 'to'],
  ['22:00', '22:00', 'to'],
  ['00:00', '24:00', 'to'],
])('hours from %s to %s name the key %s', (from, to, key) => {
  expect(readQuietHours(from, to, 'UTC')).toMatchObject({ kind: 'problem', key });
});
