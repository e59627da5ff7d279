import { expect, it } from 'vitest';
import { grouped, metricText, NO_VALUE } from './metric-text.ts';

it('groups thousands, and gives a zero no sign', () => {
  expect([grouped(1234.5, 2), grouped(-1234.5, 2)]).toEqual(['1,234.50', '-1,234.50']);
  expect([grouped(-0.001, 2), grouped(-0)]).toEqual(['0.00', '0']);
});

it('says where a metric has no value', () => {
  expect([metricText('sharpe', null), metricText('sharpe', Number.NaN)]).toEqual([
    NO_VALUE,
    NO_VALUE,
  ]);
});
