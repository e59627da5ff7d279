import { getCalendar } from '@capstan/calendar';
import { expect, test } from 'vitest';
import { runCli } from '../program.ts';
import { sessionLine } from '../session-status.ts';
import { marketDays, renderDays } from './sessions.ts';

async function capstan(...args: readonly string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const write = (text: string): void => {
    said += `${text}\n`;
  };
  return { code: await runCli(args, { out: write, err: write, isTerminal: false }), said };
}

const TIMES = {
  preMarketMinutes: 30,
  endOfDayMinutes: 15,
  kills: [{ kind: 'at', time: '12:55' }],
} as const;

test('sessions shows dates in a row: holidays by name, early closes, kill times', () => {
  const days = marketDays(getCalendar('XNYS'), '2026-11-25', 3, TIMES);
  const lines = renderDays(days)
    .split('\n')
    .map((line) => line.replace(/ +/g, ' '));
  expect(lines.slice(1)).toEqual([
    'XNYS Wed 2026-11-25 09:00 09:30 12:55 16:00 16:15 America/New_York',
    'XNYS Thu 2026-11-26 America/New_York Thanksgiving Day',
    'XNYS Fri 2026-11-27 09:00 09:30 12:55 13:00 13:15 America/New_York early close',
  ]);
});

test('sessions goes round the clock, and names the date of what lies on another', () => {
  const at = (preMarketMinutes: number) =>
    renderDays(marketDays(getCalendar('XNYS'), '2026-11-25', 1, { ...TIMES, preMarketMinutes }));
  expect(at(600)).toContain('23:30 (11-24)');
  const always = renderDays(
    marketDays(getCalendar('24x7'), '2026-03-08', 1, { ...TIMES, kills: [] }),
  );
  expect(always.replace(/ +/g, ' ')).toContain('24x7 Sun 2026-03-08 00:00 00:00 24:00 24:00 UTC');
});

test('sessions --json gives the times in microseconds', async () => {
  const { code, said } = await capstan(
    ...['sessions', '--date', '2026-11-26', '--days', '2', '--calendar', 'XNYS', '--json'],
  );
  expect(code).toBe(0);
  const { days } = JSON.parse(said) as { days: { events: { kind: string; atUs: number }[] }[] };
  expect(days[0]).toMatchObject({ closure: 'Thanksgiving Day', events: [] });
  expect(days[1]?.events.at(-2)).toMatchObject({
    kind: 'close',
    atUs: Date.parse('2026-11-27T18:00:00Z') * 1_000,
  });
});

test.each([
  [['--date', '2026-13-01'], /date such as 2026-01-31/],
  [['--days', '367'], /1 to 366/],
  [['--calendar', 'XLON'], /24x7, XNAS, XNYS/],
])('sessions %j is refused with what to do', async (args, message) => {
  const { code, said } = await capstan('sessions', ...args);
  expect(code).toBe(2);
  expect(said).toMatch(message);
});

const us = (text: string) => Date.parse(text) * 1_000;
const MARKET = {
  calendar: 'XNYS',
  timeZone: 'America/New_York',
  session: {
    date: '2026-11-27',
    openUs: us('2026-11-27T14:30:00Z'),
    closeUs: us('2026-11-27T18:00:00Z'),
    earlyClose: true,
  },
};

test('status says of a closed market why, when it opens and what comes next', () => {
  const next = { kind: 'preMarket', atUs: us('2026-11-27T14:00:00Z') };
  const atUs = us('2026-11-26T15:00:00Z');
  expect(sessionLine({ ...MARKET, atUs, open: false, closure: 'Thanksgiving Day', next })).toBe(
    'XNYS closed (Thanksgiving Day), opens Fri 2026-11-27 09:30, early close 13:00 · now Thu 2026-11-26 10:00 America/New_York · next: pre-market Fri 2026-11-27 09:00',
  );
});

test('status says of an open market until when, and of one that has not begun so much', () => {
  const next = { kind: 'killTime', atUs: us('2026-11-27T17:55:00Z') };
  const atUs = us('2026-11-27T14:31:00Z');
  expect(sessionLine({ ...MARKET, atUs, open: true, next })).toBe(
    'XNYS open until 13:00 (early close) · now Fri 2026-11-27 09:31 America/New_York · next: kill time 12:55',
  );
  expect(sessionLine({ calendar: '24x7', timeZone: 'UTC' })).toBe('24x7 has not begun');
});
