import { timeUs } from '@capstan/domain';
import type { Difference } from '@capstan/engine';
import { expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
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

it('counts all, keeps the first by time and goes on from its state with just that', () => {
  const most = LIMITS.replayDifferences;
  // 7 has no factor in common with 2,000: each time once, in no order.
  const all = Array.from({ length: 4 * most }, (_, index) =>
    difference('a', 'one', (index * 7) % (4 * most)),
  );
  const dateOf = () => 'day';
  let book = new SessionBook(dateOf);
  for (const one of all) {
    book.add([one]);
    if (one.atUs % 100 > 0) continue;
    const state = JSON.parse(JSON.stringify(book.state()));
    book = new SessionBook(dateOf, state);
    expect(state[0][1][0].differences.length).toBeLessThanOrEqual(2 * most);
  }
  const [bot] = book.session('day') ?? [];
  expect([bot?.found, bot?.unexplained]).toEqual([4 * most, 4 * most]);
  expect(bot?.differences.map(({ atUs }) => atUs)).toEqual(
    Array.from({ length: most }, (_, atUs) => atUs),
  );
  book.forgetBefore('day later');
  expect(book.state()).toEqual([]);
});

it('counts what comes late of a session that is told for good for the first that is not, over a restart too', () => {
  const dateOf = (us: number) => `day ${Math.floor(us / 10)}`;
  const whole = new SessionBook(dateOf);
  whole.add([difference('a', 'one', 1), difference('a', 'one', 11), difference('a', 'one', 21)]);
  whole.forgetBefore('day 1');
  for (const book of [whole, new SessionBook(dateOf, whole.state())]) {
    book.add([difference('a', 'one', 2)]);
    expect(book.tradeDates).toEqual(['day 1', 'day 2']);
    const [bot] = book.session('day 1') ?? [];
    expect(bot?.differences.map(({ atUs }) => atUs)).toEqual([2, 11]);
  }
});
