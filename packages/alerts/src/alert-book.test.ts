import { timeUs, US_PER_MINUTE } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { AlertBook, type AlertBookState, type AlertRules } from './alert-book.ts';
import { LIMITS } from './limits.ts';
import type { Route } from './route.ts';
import { alert, minute, route } from './test-alerts.ts';

const WINDOW_US = 15 * US_PER_MINUTE;
const NIGHT = { fromMinute: 22 * 60, toMinute: 7 * 60, timeZone: 'UTC' } as const;

function bookOf(routes: readonly Route[], more: Partial<AlertRules> = {}, state?: AlertBookState) {
  return new AlertBook({ routes, repeatUs: WINDOW_US, ...more }, state);
}
const titles = (book: AlertBook, at: number) =>
  book.due(minute(at)).map(({ channel, alerts }) => [channel, alerts.map(({ title }) => title)]);

describe('repeats', () => {
  it('are counted and told in one when their window is over', () => {
    const book = bookOf([route('ops')]);
    for (let at = 0; at < 15; at += 1) book.raise(alert({ title: `at ${at}` }), minute(at));
    expect(titles(book, 14)).toEqual([['ops', ['at 0']]]);
    book.tick(minute(14));
    expect(book.state().recent).toHaveLength(1);
    book.tick(minute(15));
    expect(book.state().recent.map(({ title, count }) => [title, count])).toEqual([
      ['at 14', 14],
      ['at 0', 1],
    ]);
  });

  it('do not hold back what is graver, nor what is about something else', () => {
    const book = bookOf([route('ops')]);
    book.raise(alert({ title: 'first' }), minute(0));
    book.raise(alert({ title: 'same' }), minute(1));
    book.raise(alert({ title: 'graver', level: 'critical' }), minute(2));
    book.raise(alert({ title: 'other', key: 'other' }), minute(2));
    book.raise(alert({ title: 'milder' }), minute(3));
    book.raise(alert({ title: 'as grave again', level: 'critical' }), minute(4));
    expect(titles(book, 4)).toEqual([['ops', ['first', 'graver', 'other']]]);
    expect(book.state().recent.map(({ count }) => count)).toEqual([1, 2, 1]);
  });

  it('are told anew after a window without any', () => {
    const book = bookOf([route('ops')]);
    book.raise(alert(), minute(0));
    book.tick(minute(15));
    expect(book.state().windows).toEqual([]);
    book.raise(alert({ title: 'again' }), minute(16));
    expect(titles(book, 16)).toEqual([['ops', ['SPY differs', 'again']]]);
  });

  it('of more keys than are kept say what they have before they are forgotten', () => {
    const book = bookOf([]);
    book.raise(alert({ key: 'first' }), minute(0));
    book.raise(alert({ key: 'first' }), minute(0));
    for (let at = 1; at <= LIMITS.windowsMax; at += 1)
      book.raise(alert({ key: `key ${at}` }), minute(0));
    const { windows, recent } = book.state();
    expect(windows).toHaveLength(LIMITS.windowsMax);
    expect(recent.slice(0, 2).map(({ key }) => key)).toEqual([`key ${LIMITS.windowsMax}`, 'first']);
  });
});

describe('routes', () => {
  it('go by level and kind; fills are for who asks', () => {
    const book = bookOf([
      route('all'),
      route('grave', { minLevel: 'critical' }),
      route('fills', { kinds: ['fill'] }),
    ]);
    book.raise(alert({ kind: 'fill', level: 'info', key: 'f', title: 'fill' }), minute(0));
    book.raise(alert({ kind: 'kill', level: 'critical', key: 'k', title: 'kill' }), minute(0));
    book.raise(alert({ kind: 'stale', level: 'warning', key: 's', title: 'stale' }), minute(0));
    expect(titles(book, 0)).toEqual([
      ['all', ['kill', 'stale']],
      ['grave', ['kill']],
      ['fills', ['fill']],
    ]);
  });
});

describe('quiet hours', () => {
  it('hold back what is not critical until they end', () => {
    const book = bookOf([route('ops')], { quietHours: NIGHT });
    book.raise(alert({ title: 'mild' }), minute(0));
    book.raise(alert({ title: 'grave', key: 'k', level: 'critical' }), minute(1));
    expect(titles(book, 1)).toEqual([['ops', ['grave']]]);
    expect(titles(book, 7 * 60 - 1)).toEqual([['ops', ['grave']]]);
    expect(titles(book, 7 * 60)).toEqual([['ops', ['mild', 'grave']]]);
  });
});

describe('a channel that fails', () => {
  it('is tried again ever later, and holds up no other', () => {
    const book = bookOf([route('bad'), route('good')]);
    book.raise(alert(), minute(0));
    const pauses: number[] = [];
    let nowUs = minute(0);
    for (let attempt = 0; attempt < 9; attempt += 1) {
      const bad = book.due(nowUs).find(({ channel }) => channel === 'bad');
      const good = book.due(nowUs).find(({ channel }) => channel === 'good');
      expect([bad !== undefined, good !== undefined]).toEqual([true, attempt === 0]);
      if (good !== undefined) book.settle(good, undefined, nowUs);
      if (bad !== undefined) book.settle(bad, { why: 'it is down', of: 'channel' }, nowUs);
      const { retryAtUs, failures, problem } = book.channels()[0] ?? {};
      expect({ failures, problem }).toEqual({ failures: attempt + 1, problem: 'it is down' });
      pauses.push(((retryAtUs ?? nowUs) - nowUs) / 1_000_000);
      expect(book.due(timeUs((retryAtUs ?? 0) - 1))).toEqual([]);
      nowUs = retryAtUs ?? nowUs;
    }
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
    expect(book.state().recent[0]?.sentTo).toEqual(['good']);
  });

  it('is left alone for as long as it asks, and is well after what gets through', () => {
    const book = bookOf([route('ops')]);
    book.raise(alert(), minute(0));
    const [message] = book.due(minute(0));
    if (message === undefined) throw new Error('nothing is due');
    const waitUs = 10 * US_PER_MINUTE;
    book.settle(message, { why: 'too many', of: 'channel', waitUs }, minute(0));
    expect(book.due(minute(9))).toEqual([]);
    expect(book.due(minute(10))).toEqual([message]);
    book.settle(message, undefined, minute(10));
    expect(book.channels()).toMatchObject([
      { failures: 0, problem: '', pending: [], sentAtUs: minute(10), dropped: 0 },
    ]);
  });

  it('gives up a message that is itself refused, and what is a day old', () => {
    const book = bookOf([route('ops')]);
    book.raise(alert(), minute(0));
    const [message] = book.due(minute(0));
    if (message === undefined) throw new Error('nothing is due');
    book.settle(message, { why: 'HTTP 400', of: 'message' }, minute(0));
    book.raise(alert({ key: 'later', atUs: minute(1) }), minute(1));
    expect(book.channels()).toMatchObject([{ dropped: 1, problem: 'HTTP 400' }]);
    book.tick(minute(24 * 60));
    expect(book.channels()).toMatchObject([{ dropped: 1, pending: [{ key: 'later' }] }]);
    expect(book.tick(minute(24 * 60 + 1))).toBe(true);
    expect(book.channels()).toMatchObject([{ dropped: 2, pending: [] }]);
  });

  it('keeps what is critical when too many wait', () => {
    const book = bookOf([route('ops')]);
    book.raise(alert({ key: 'grave', level: 'critical' }), minute(0));
    for (let at = 0; at < LIMITS.pendingMax + 5; at += 1)
      book.raise(alert({ key: `${at}`, title: `${at}` }), minute(0));
    const [ops] = book.channels();
    expect(ops?.pending).toHaveLength(LIMITS.pendingMax);
    expect(ops?.pending[0]?.key).toBe('grave');
    expect([ops?.pending[1]?.key, ops?.dropped]).toEqual(['6', 6]);
  });
});

it('a book restored with other channels forgets those that are no more', () => {
  const book = bookOf([route('old'), route('kept')]);
  book.raise(alert(), minute(0));
  const again = bookOf([route('kept'), route('new')], {}, book.state());
  expect(again.channels().map(({ channel, pending }) => [channel, pending.length])).toEqual([
    ['kept', 1],
    ['new', 0],
  ]);
});
