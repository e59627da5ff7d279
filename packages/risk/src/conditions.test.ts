import { expect, it } from 'vitest';
import { decodeConditions, encodeConditions } from './conditions.ts';

it('are read as they were written', () => {
  const conditions = { clockOffsetUs: 3, halted: ['AAA'], shortRestricted: ['BBB', 'CCC'] };
  expect(decodeConditions(encodeConditions(conditions))).toEqual(conditions);
});

it.each([
  '',
  '7',
  'null',
  '{}',
  '{"clockOffsetUs":0,"halted":[1],"shortRestricted":[]}',
  '{"clockOffsetUs":1.5,"halted":[],"shortRestricted":[]}',
])('of the text %j are unreadable', (text) => {
  expect(decodeConditions(text)).toBe('unreadable');
});
