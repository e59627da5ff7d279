import { expect, test } from 'vitest';
import { clockTime, formatLogLine, readLogLine, tellingLine } from './log-line.ts';

test('reads a line of the logger: level, message, further fields, the error in short', () => {
  const raw = JSON.stringify({
    level: 'error',
    time: '2026-01-05T14:30:05.120Z',
    service: 'risk',
    msg: 'cannot start',
    account: 'paper',
    count: 2,
    err: { code: 'STORE.SCHEMA', why: 'no tables.', fix: 'Migrate.', stack: 'long' },
  });
  expect(readLogLine(raw, 'out')).toEqual({
    level: 'error',
    text: 'cannot start account=paper count=2 — STORE.SCHEMA: no tables.: Migrate.',
    time: '2026-01-05T14:30:05.120Z',
    isRaw: false,
  });
});

test.each([
  ['text', 'out', 'info'],
  ['text', 'err', 'warn'],
  ['{"half', 'out', 'info'],
  ['{"no":"level"}', 'err', 'warn'],
] as const)('takes %s on the %s stream as raw text of level %s', (raw, stream, level) => {
  expect(readLogLine(raw, stream)).toEqual({ level, text: raw, time: undefined, isRaw: true });
});

test('writes a line for people with its own time, else with now', () => {
  const atMs = new Date(2026, 0, 5, 14, 30, 5, 120).getTime();
  const line = { level: 'warn', text: 'slow', isRaw: false } as const;
  const time = new Date(atMs).toISOString();
  expect(formatLogLine('risk', { ...line, time }, 0)).toBe('14:30:05.120 WARN  risk: slow');
  expect(formatLogLine('risk', { ...line, time: undefined }, atMs)).toMatch(/^14:30:05\.120 WARN/);
  expect(clockTime(Number.NaN)).toMatch(/^\d\d:\d\d:\d\d\.000$/);
});

test('finds the line that says why a process ended', () => {
  const stack = [
    'file:///main.ts:1',
    "SyntaxError: '#x' must be declared",
    '    at compile (node:internal)',
    '',
    'Node.js v24.21.0',
  ];
  expect(tellingLine(stack)).toBe("SyntaxError: '#x' must be declared");
  expect(tellingLine(['risk: CONFIG.INVALID: no such key', 'see the manual'])).toMatch(/CONFIG/);
  expect(tellingLine(['just words', '    at x'])).toBe('just words');
  expect(tellingLine(['', 'Node.js v24.21.0'])).toBeUndefined();
});
