import { timeUs } from '@capstan/domain';
import type { Difference } from '@capstan/engine';
import { expect, it } from 'vitest';
import { foundOf, SessionBook } from './session-book.ts';

const difference = (accountId: string, botId: string, atUs: number): Difference => ({
  ...{ atUs: timeUs(atUs), accountId, botId, symbol: 'SPY', kind: 'order' },
  ...{ cause: 'unexplained', live: 'one', replay: 'another' },
});

it('keeps accounts apart whose books bear one name, and what is of no bot', () => {
  const book = new SessionBook((us) => `day ${Math.floor(us / 10)}`);
  book.add([
    difference('b', 'house', 2),
    difference('a', 'house', 1),
    difference('b', '', 3),
    difference('b', 'house', 0),
    difference('a', '', 12),
  ]);
  expect(book.tradeDates).toEqual(['day 0', 'day 1']);
  const first = book.session('day 0') ?? [];
  expect(first.map(({ accountId, botId, found }) => [accountId, botId, found])).toEqual([
    ['b', '-', 1],
    ['a', 'house', 1],
    ['b', 'house', 2],
  ]);
  expect(first.at(-1)?.differences.map(({ atUs }) => atUs)).toEqual([0, 2]);
  expect(foundOf(first)).toEqual([
    { accountId: 'a', differences: 1, unexplained: 1 },
    { accountId: 'b', differences: 3, unexplained: 3 },
  ]);
});
