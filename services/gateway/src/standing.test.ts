import { timeUs } from '@capstan/domain';
import { expect, it } from 'vitest';
import type { BreakerJson, KillSwitchJson } from './json.ts';
import { standingReasons } from './standing.ts';

const since = { accountId: 'paper', sinceUs: timeUs(1) };
const kill: KillSwitchJson = {
  ...since,
  ...{ mode: 'hard', actor: 'ann', reason: 'fire', foreign: false, unsaved: false },
  progress: 'round 1 flattens SPY',
};
const breaker: BreakerJson = {
  ...since,
  ...{ open: true, failures: 5, failuresMax: 5, reason: 'not today' },
};

it('says who stopped an account and why, and what to do about it', () => {
  expect(standingReasons('paper', [kill], [breaker])).toEqual([
    'The hard kill switch of paper was thrown by ann: fire. Now: round 1 flattens SPY. Lift it with: capstan unkill --account paper',
    'The breaker of paper is open after 5 failures in a row, the last: not today. Only what reduces is sent. Reset it with: capstan breaker reset paper',
  ]);
  expect(standingReasons('paper', [{ ...kill, progress: '' }], [])[0]).not.toContain('Now:');
});

it('says nothing of another account, nor of what is off or closed', () => {
  expect(standingReasons('other', [kill], [breaker])).toEqual([]);
  expect(
    standingReasons('paper', [{ ...kill, mode: 'off' }], [{ ...breaker, open: false }]),
  ).toEqual([]);
});
