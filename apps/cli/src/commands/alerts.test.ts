import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { alertLines, resultLine } from './alerts.ts';

const plain = (lines: readonly string[]) =>
  lines.flatMap((line) =>
    stripVTControlCharacters(line)
      .split('\n')
      .map((one) => one.trimEnd()),
  );

test('alerts are shown with how many they stand for and who has them, channels with how they are', () => {
  const alert = {
    atUs: 1_767_571_200_000_000,
    level: 'critical',
    title: 'paper: drift',
    count: 15,
  };
  const channel = { pending: 0, failures: 0, problem: '', sentAtUs: 0, dropped: 0 };
  const lines = plain(
    alertLines({
      alerts: [
        { ...alert, sentTo: ['ops', 'phone'] },
        { ...alert, count: 1, sentTo: [] },
      ],
      channels: [
        { ...channel, channel: 'ops' },
        { ...channel, channel: 'phone', problem: 'HTTP 500', failures: 3, pending: 2, dropped: 1 },
      ],
    }),
  );
  expect(lines[1]).toMatch(/critical {2}paper: drift \(and 14 more\) {2}ops, phone$/);
  expect(lines[2]).toMatch(/critical {2}paper: drift +-$/);
  expect(lines.slice(3)).toEqual([
    'ops: well, nothing sent yet',
    'phone: fails (3 in a row): HTTP 500, 2 wait, 1 given up',
  ]);
});

test('no alerts and no channels are said, too', () => {
  expect(plain(alertLines({ alerts: [], channels: [] }))).toEqual([
    'no alerts',
    'no channels: see docs/alerts.md',
  ]);
});

test('a test says for each channel whether it got through', () => {
  const lines = [
    { channel: 'ops', problem: '' },
    { channel: 'phone', problem: 'it answers HTTP 404' },
  ].map(resultLine);
  expect(plain(lines)).toEqual(['ops: sent', 'phone: it answers HTTP 404']);
});
