import { timeUs } from '@capstan/domain';
import { POLICY_NAMES } from '@capstan/risk';
import { expect, it } from 'vitest';
import { bot, denial, drift, order } from './gateway.fixture.ts';
import type { BreakerJson, KillSwitchJson } from './json.ts';
import { adviceOn, botReasons, lastRefusal, standingReasons } from './standing.ts';

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
  expect(standingReasons('paper', [kill], [breaker], [])).toEqual([
    'The hard kill switch of paper was thrown by ann: fire. Now: round 1 flattens SPY. Lift it with: capstan unkill --account paper',
    'The breaker of paper is open after 5 failures in a row, the last: not today. Only what reduces is sent. Reset it with: capstan breaker reset paper',
  ]);
  expect(standingReasons('paper', [{ ...kill, progress: '' }], [], [])[0]).not.toContain('Now:');
});

it('says in what ledger and broker differ, where that holds something', () => {
  expect(standingReasons('paper', [], [], [{ ...drift, accountId: 'paper' }])).toEqual([
    `paper drifts: the ledger has ${drift.ledger} of ${drift.symbol} and the broker ${drift.broker}. Nothing is added until that is explained.`,
  ]);
});

it('says what to do about what was there before, and about an account that is not open', () => {
  const held = { ...drift, accountId: 'paper', ledger: 0 };
  expect(standingReasons('paper', [], [], [held])[0]).toMatch(
    /explained\. Where Capstan did not buy it, sell it, or set `foreign: ignore`/,
  );
  const opening = { ...held, symbol: '$opening', ledger: 9_000_000, broker: 8_500_000 };
  expect(standingReasons('paper', [], [], [opening])).toEqual([
    'paper is not open: the configuration opens it with cash: 9.00, and the broker holds 8.50: leave `cash` out, or write `cash: 8.50`.',
  ]);
});

it('says nothing of another account, nor of what is off or closed', () => {
  expect(standingReasons('other', [kill], [breaker], [drift])).toEqual([]);
  expect(
    standingReasons('paper', [{ ...kill, mode: 'off' }], [{ ...breaker, open: false }], []),
  ).toEqual([]);
});

it('says what to do about a refusal of any policy, of sizing and of order', () => {
  for (const name of [...POLICY_NAMES, 'sizing', 'reduction', 'slice-order', 'portfolio']) {
    expect([name, adviceOn(name)?.endsWith('.') ?? adviceOn(name)]).toEqual([name, true]);
  }
  expect(adviceOn('moon-phase')).toBeUndefined();
});

it("says why the latest decision became no order, with the policy's figures", () => {
  const late = { ...denial, decidedAtUs: timeUs(order.decidedAtUs + 1) };
  expect(lastRefusal({ denials: [denial, late], orders: [order] })).toEqual([
    'Its last decision, in SPY, was denied by market-hours: the session is closed. Wait for the session, in which a wish to be flat is decided anew, or let decisions at a close mean the next open: `entryTiming: nextOpen`.',
  ]);
  expect(lastRefusal({ denials: [denial], orders: [order] })).toEqual([]);
  expect(lastRefusal({ denials: [], orders: [] })).toEqual([]);
});

it('says what in the state of a bot keeps it from trading', () => {
  expect(botReasons({ ...bot, state: 'running' })).toEqual([]);
  expect(botReasons({ ...bot, state: 'crashed', error: 'no money' })[0]).toContain(
    'has crashed: no money.',
  );
  expect(botReasons({ ...bot, state: 'paused' })[0]).toContain('capstan bots resume');
});
