import { newLakeBars } from '@capstan/lake';
import { expect, it } from 'vitest';
import { jumpsText } from './unexplained-jumps.ts';

const DAY_US = 86_400_000_000;

function textOf(closes: readonly number[]): string | undefined {
  const bars = newLakeBars(closes.length);
  bars.closeNanos.set(closes);
  bars.endUs.set(closes.map((_, row) => row * DAY_US));
  return jumpsText(bars);
}

it.each([
  [[700, 100], /a third or more on 1970-01-02, and there are no corporate actions/],
  [[100, 100, 2_000, 999], /a third or more 2 times, first on 1970-01-03,/],
  [[300, 199], /on 1970-01-02/],
  [[200, 301], /on 1970-01-02/],
])('closes of %j may hide a split', (closes, expected) => {
  expect(textOf(closes)).toMatch(expected);
});

it.each([[[]], [[5]], [[300, 200, 300]], [[100, 149, 100]]])('closes of %j do not', (closes) => {
  expect(textOf(closes)).toBeUndefined();
});
