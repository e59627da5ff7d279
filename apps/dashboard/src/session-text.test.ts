import { expect, test } from 'vitest';
import { zoneClock } from './format.ts';
import { sessionText } from './session-text.ts';

const clock = zoneClock(['XNYS']);
const us = (text: string) => Date.parse(text) * 1_000;
const session = {
  date: '2026-11-27',
  openUs: us('2026-11-27T14:30:00Z'),
  closeUs: us('2026-11-27T18:00:00Z'),
  earlyClose: true,
};

test('a market is open until its close, which may be early', () => {
  const open = { calendar: 'XNYS', atUs: us('2026-11-27T15:00:00Z'), open: true, session };
  expect(sessionText(open, clock)).toBe('open until 13:00, early');
  const regular = { ...session, closeUs: us('2026-11-27T21:00:00Z'), earlyClose: false };
  expect(sessionText({ ...open, session: regular }, clock)).toBe('open until 16:00');
});

test('a closed market says why and when it opens, with the date where that is another', () => {
  const closed = { calendar: 'XNYS', open: false, session };
  const holiday = { ...closed, atUs: us('2026-11-26T15:00:00Z'), closure: 'Thanksgiving Day' };
  expect(sessionText(holiday, clock)).toBe('closed (Thanksgiving Day) until Nov 27 09:30');
  expect(sessionText({ ...closed, atUs: us('2026-11-27T13:00:00Z') }, clock)).toBe(
    'closed until 09:30',
  );
});

test('a market that has not begun says nothing', () => {
  expect(sessionText({ calendar: '24x7' }, clock)).toBeUndefined();
});
