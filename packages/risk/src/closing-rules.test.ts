import { expect, it } from 'vitest';
import { closingRules } from './closing-rules.ts';
import { readLimits } from './read-limits.ts';

it('names the account and each of its parts that is closed, and when', () => {
  const limits = readLimits({
    killTime: '15:50',
    scopes: [
      { bot: 'trend', flatBeforeCloseMinutes: 5, killTime: '12:00' },
      { bot: 'cross', symbol: 'SPY', maxPositions: 1 },
      { symbol: 'QQQ', flatBeforeCloseMinutes: 1 },
    ],
  });
  expect(closingRules(limits)).toEqual([
    { scope: {}, rule: { kind: 'at', time: '15:50' } },
    { scope: { botId: 'trend' }, rule: { kind: 'at', time: '12:00' } },
    { scope: { botId: 'trend' }, rule: { kind: 'beforeClose', minutes: 5 } },
    { scope: { symbol: 'QQQ' }, rule: { kind: 'beforeClose', minutes: 1 } },
  ]);
  expect(closingRules(readLimits({}))).toEqual([]);
});

it('names nothing where the policy is not asked', () => {
  const limits = readLimits({ killTime: '15:50' });
  const policies = limits.policies.filter((name) => name !== 'session-window');
  expect(closingRules({ ...limits, policies })).toEqual([]);
});
