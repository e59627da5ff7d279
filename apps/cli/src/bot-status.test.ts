import { expect, test } from 'vitest';
import { botStatus, cashText } from './bot-status.ts';

const bot = { botId: 'trend', accountId: 'paper', strategy: 'ma-cross', state: 'running' };
const row = (symbol: string, quantity: number, more: object = {}) => ({
  botId: 'trend',
  symbol,
  quantity,
  realisedMicros: 10_000_000,
  feesMicros: 1_000_000,
  ...more,
});

test('puts what a bot holds and has made together from its own rows', () => {
  const rows = [
    row('AAPL', 47, { unrealisedMicros: 5_000_000 }),
    row('SPY', 0),
    row('QQQ', -3),
    { ...row('IWM', 9), botId: 'other' },
  ];
  const told = { ...bot, schedule: 'always', sizingText: '10% of equity', lastSliceEndUs: 7 };
  expect(botStatus(told, rows)).toEqual({
    ...bot,
    schedule: 'always',
    sizing: '10% of equity',
    lastSliceEndUs: 7,
    position: 'AAPL +47 QQQ -3',
    profitMicros: 32_000_000,
    error: undefined,
  });
});

test('says in a few words when a bot may open, and shows what it does not understand', () => {
  const scheduleOf = (schedule?: unknown) => botStatus({ ...bot, schedule }, []).schedule;
  expect(scheduleOf({ days: ['mon', 'tue'], start: '10:00', atEnd: 'flatten' })).toBe(
    'mon,tue 10:00-24:00, then flat',
  );
  expect(scheduleOf({ moon: 'full' })).toBe('{"moon":"full"}');
  expect(scheduleOf()).toBe('');
});

test('a bot that has not traded has made nothing; one that crashed says why', () => {
  const crashed = botStatus({ ...bot, state: 'crashed', error: 'boom' }, []);
  expect(crashed).toMatchObject({ position: '', profitMicros: 0, state: 'crashed', error: 'boom' });
});

test.each([
  [0, '0.00'],
  [1_234_567_890_000, '1,234,567.89'],
  [-999_995_000, '-999.99'],
  [-1_000_000_000, '-1,000.00'],
  [4_999, '0.00'],
])('writes %i micros as %s', (micros, text) => {
  expect(cashText(micros)).toBe(text);
});
