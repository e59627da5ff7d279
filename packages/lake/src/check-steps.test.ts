import { US_PER_DAY, US_PER_MINUTE } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { BarTable } from './bar-table.ts';
import { checkSteps } from './check-steps.ts';

const OPEN_US = 1_704_205_800_000_000;
const PRICES = { openNanos: 1e9, highNanos: 1e9, lowNanos: 1e9, closeNanos: 1e9, volume: 1 };

function tableOf(minutes: readonly number[]): BarTable {
  const table = new BarTable('AAA', 0);
  minutes.forEach((minute, at) => {
    table.push({ ...PRICES, stampUs: OPEN_US + minute * US_PER_MINUTE }, at + 2, undefined);
  });
  return table;
}

const DAY = US_PER_DAY / US_PER_MINUTE;

describe('rows of a file', () => {
  it.each([
    ['minutes', '5m', [0, 1, 2, 3, 10], /sooner than bars of 5m can\. Say 1m/],
    ['minutes', '1d', [0, 1, 2, DAY], /sooner than bars of 1d can\. Say 1m/],
    ['half hours', '1h', [0, 30, 60, 120], /sooner than bars of 1h can\. Say 30m/],
    ['hours', '1d', [0, 60, 120, DAY], /sooner than bars of 1d can\. Say 1h/],
    ['half minutes', '1m', [0, 0.5, 1, 1.5], /sooner than bars of 1m can\. Bars are of a minute/],
  ] as const)('of %s are no bars of %s', (_, timeframe, minutes, expected) => {
    expect(() => checkSteps(tableOf(minutes), timeframe)).toThrow(expected);
  });

  it.each([
    ['1m', [0, 1, 2, 3]],
    ['1m', [0, DAY, 2 * DAY]],
    ['5m', [0, 1, 5, 10, 15]],
    ['5m', [0, 1, 6]],
    // Days on which the clocks change are 23 and 25 hours long.
    ['1d', [0, DAY - 60, 2 * DAY, 3 * DAY + 60]],
    ['1d', [0, 0, 0, 0]],
    ['1d', []],
  ] as const)('may be bars of %s at minutes %j', (timeframe, minutes) => {
    expect(() => checkSteps(tableOf(minutes), timeframe)).not.toThrow();
  });
});
