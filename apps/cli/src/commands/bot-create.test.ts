import { expect, test } from 'vitest';
import { parametersOf } from './bot-create.ts';
import { scheduleOf } from './bot-schedule.ts';

test('reads parameters as the strategy wants them', () => {
  const options = { strategy: 'ma-cross', param: ['fast=5', 'slow=20'] };
  expect(parametersOf(options)).toEqual({ fast: 5, slow: 20 });
  expect(parametersOf({ strategy: 'ma-cross' })).toEqual({});
});

test.each([
  ['ma-cross', ['fast'], 'CLI.USAGE'],
  ['ma-cross', ['fst=5'], 'STRATEGY.PARAMETER_UNKNOWN'],
  ['ma-cros', [], 'STRATEGY.UNKNOWN'],
])('refuses %s with %j', (strategy, param, code) => {
  expect(() => parametersOf({ strategy, param })).toThrow(expect.objectContaining({ code }));
});

test('lets a bot open always unless told otherwise', () => {
  expect(scheduleOf({})).toBe('always');
  expect(scheduleOf({ days: ['fri', 'mon'], afterOpen: 5 })).toEqual({
    days: ['mon', 'fri'],
    afterOpenMinutes: 5,
    atEnd: 'hold',
  });
});

test.each([
  [{ start: '9:35' }, '--start must be a time of day such as 09:35.'],
  [{ start: '10:00', end: '10:00' }, '--end must differ from start.'],
  [{ atEnd: 'flatten' }, 'The schedule must be always, or bound by days'],
])('names the option of a schedule that cannot be: %j', (options, why) => {
  expect(() => scheduleOf(options)).toThrow(expect.objectContaining({ code: 'CLI.USAGE' }));
  expect(() => scheduleOf(options)).toThrow(why);
});
