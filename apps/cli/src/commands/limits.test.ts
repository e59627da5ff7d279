import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { limitLines, limitsIn } from './limits.ts';

test('limits are read by key; one without a value is taken away', () => {
  expect(limitsIn(['maxPositions=3', 'killTime=', 'blockedSymbols=A,B'])).toEqual({
    maxPositions: '3',
    killTime: null,
    blockedSymbols: 'A,B',
  });
  expect(() => limitsIn(['maxPositions'])).toThrow("'maxPositions' is no limit.");
  expect(() => limitsIn(['=3'])).toThrow('is no limit');
});

test('limits are shown a line each, those of bots and symbols under their names', () => {
  const limits = {
    policies: ['kill-switch', 'positions'],
    maxPositions: 3,
    blockedSymbols: ['GME', 'AMC'],
    scopes: [
      { bot: 'trend', symbol: 'TSLA', maxOrderUnits: 10 },
      { symbol: 'SPY', longOnly: true },
    ],
  };
  const lines = limitLines({ accountId: 'paper', changed: true, limits });
  expect(lines.map(stripVTControlCharacters)).toEqual([
    'paper (changed since the configuration):',
    '  maxPositions: 3',
    '  blockedSymbols: GME, AMC',
    '  policies: kill-switch, positions',
    'bot trend in TSLA:',
    '  maxOrderUnits: 10',
    'SPY:',
    '  longOnly: true',
  ]);
});
