import { expect, test } from 'vitest';
import { countArgument, portArgument, speedArgument } from './arguments.ts';

test.each([
  ['60', 60],
  ['0.5', 0.5],
  ['max', 'max'],
  ['1000000', 1_000_000],
])('reads the speed %s', (text, speed) => {
  expect(speedArgument(text)).toBe(speed);
});

test.each(['0', '-1', 'fast', '', '1e3', '1000001', 'Infinity'])('refuses the speed %j', (text) => {
  expect(() => speedArgument(text)).toThrow(/max/);
});

test('reads ports and counts within their bounds', () => {
  expect([portArgument('0'), portArgument('65535')]).toEqual([0, 65_535]);
  for (const text of ['65536', '-1', '80a', '']) expect(() => portArgument(text)).toThrow(/65535/);
  expect(countArgument('25')).toBe(25);
  for (const text of ['0', '-3', '1.5', 'all']) expect(() => countArgument(text)).toThrow(/from 1/);
});
