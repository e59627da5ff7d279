import { describe, expect, it } from 'vitest';
import { readStartOrders } from './start-orders.ts';

const ACCOUNTS = ['live', 'paper'];
const read = (environment: Readonly<Record<string, string>>) =>
  readStartOrders(environment, ACCOUNTS);

describe('KILL_SWITCH', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['false', undefined],
    ['off', undefined],
    ['true', 'soft'],
    ['TRUE', 'soft'],
    ['soft', 'soft'],
    [' hard ', 'hard'],
  ] as const)('%s orders %s', (word, kill) => {
    expect(read(word === undefined ? {} : { KILL_SWITCH: word }).kill).toBe(kill);
  });

  it.each(['yes', 'toString', '1'])('%s is refused rather than ignored', (word) => {
    expect(() => read({ KILL_SWITCH: word })).toThrow(/Say true, soft, hard or false/);
  });
});

describe('CIRCUIT_BREAKER_RESET', () => {
  it.each([
    ['', []],
    ['false', []],
    ['paper', ['paper']],
    ['paper, live', ['paper', 'live']],
    ['all', ACCOUNTS],
    ['true', ACCOUNTS],
  ] as const)('%s resets %j', (names, accounts) => {
    expect(read({ CIRCUIT_BREAKER_RESET: names }).breakerResets).toEqual(accounts);
  });

  it('that names no account is refused, with those there are', () => {
    expect(() => read({ CIRCUIT_BREAKER_RESET: 'papr' })).toThrow(/Known: all, live, paper/);
  });
});
