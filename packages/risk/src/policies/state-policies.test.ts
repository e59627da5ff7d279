import { timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { closedBreaker } from '../breaker.ts';
import { CLOSE, NOON } from '../risk-view.fixture.ts';
import { reasonOf } from './reason-of.fixture.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

describe('breaker', () => {
  const breaker = { ...closedBreaker(5), open: true, failures: 5, reason: 'time-out' };
  it('denies adding while it is open', () => {
    expect(reasonOf('breaker', {}, { breaker })).toBe(
      'the breaker is open after 5 failures in a row, the last: time-out',
    );
    expect(reasonOf('breaker', {}, { breaker: closedBreaker(5) })).toBeUndefined();
  });

  it('takes what is not known as open only where it is required', () => {
    expect(reasonOf('breaker', {})).toBeUndefined();
    const limits = { requireBreaker: true };
    expect(reasonOf('breaker', {}, {}, limits)).toBe('it is not known whether the breaker is open');
    expect(reasonOf('breaker', {}, { breaker: closedBreaker(5) }, limits)).toBeUndefined();
  });
});

describe('drift', () => {
  const drifts = [{ symbol: 'AAA', ledger: 10, broker: 9 }];
  it('denies adding in a symbol that drifts, never what reduces', () => {
    expect(reasonOf('drift', {}, { drifts })).toBe('the ledger has 10 of AAA and the broker 9');
    expect(reasonOf('drift', { reducing: true }, { drifts })).toBeUndefined();
    expect(reasonOf('drift', { symbol: 'BBB' }, { drifts })).toBeUndefined();
  });

  it('denies nothing where nobody compares', () => {
    expect(reasonOf('drift', {})).toBeUndefined();
    expect(reasonOf('drift', {}, { drifts: 'unreadable' })).toContain('cannot be read');
  });
});

describe('venue-access', () => {
  const said = { clockOffsetUs: 0, halted: [], shortRestricted: [] };

  it('denies adding while the venue does not take the keys', () => {
    const conditions = { ...said, keysRefused: true };
    expect(reasonOf('venue-access', {}, { conditions })).toBe(
      "the account's venue does not take its keys",
    );
    expect(reasonOf('venue-access', { reducing: true }, { conditions })).toBeUndefined();
  });

  it('denies nothing where the venue answers, or nobody asks it', () => {
    expect(reasonOf('venue-access', {}, { conditions: said })).toBeUndefined();
    expect(reasonOf('venue-access', {}, { conditions: 'unreadable' })).toBeUndefined();
    expect(reasonOf('venue-access', {})).toBeUndefined();
  });
});

describe('clock-offset', () => {
  it('denies adding beyond 10 s unless told otherwise', () => {
    expect(reasonOf('clock-offset', {})).toBeUndefined();
    expect(reasonOf('clock-offset', {}, { clockOffsetUs: 10 * SECOND })).toBeUndefined();
    expect(reasonOf('clock-offset', {}, { clockOffsetUs: 10 * SECOND + 500_000 })).toBe(
      "our clock is 10.5 s off the market's, at most 10 s are allowed",
    );
    const limits = { maxClockOffsetUs: 3 * SECOND };
    expect(reasonOf('clock-offset', {}, { clockOffsetUs: 4 * SECOND }, limits)).toContain('3 s');
  });
});

describe('stale-data', () => {
  const limits = { maxDataAgeUs: 90 * SECOND };
  it('denies adding on a price older than allowed, or on none', () => {
    const aged = (seconds: number) => ({ markedAtUs: timeUs(NOON - seconds * SECOND) });
    expect(reasonOf('stale-data', {}, aged(90), limits)).toBeUndefined();
    expect(reasonOf('stale-data', {}, aged(91), limits)).toBe(
      'the last price of AAA is 91 s old, at most 90 s are allowed',
    );
    expect(reasonOf('stale-data', {}, { markedAtUs: null }, limits)).toBe('AAA has no price yet');
    expect(reasonOf('stale-data', {}, { markedAtUs: null })).toBeUndefined();
  });
});

describe('session-window', () => {
  const at = (us: number) => ({ decidedAtUs: timeUs(us) });
  it('denies adding outside its hours, by the clock of the exchange', () => {
    const limits = { sessionStart: '12:00', sessionEnd: '15:30' };
    expect(reasonOf('session-window', at(NOON), {}, limits)).toBeUndefined();
    expect(reasonOf('session-window', at(NOON - 1), {}, limits)).toBe(
      'it is outside the hours of 12:00 to 15:30, America/New_York',
    );
    const end = NOON + 210 * MINUTE;
    expect(reasonOf('session-window', at(end - 1), {}, limits)).toBeUndefined();
    expect(reasonOf('session-window', at(end), {}, limits)).toContain('12:00 to 15:30');
  });

  it('denies adding from the kill time on, until midnight', () => {
    const limits = { killTime: '15:55' };
    const kill = CLOSE - 5 * MINUTE;
    expect(reasonOf('session-window', at(kill - 1), {}, limits)).toBeUndefined();
    expect(reasonOf('session-window', at(kill), {}, limits)).toBe(
      'it is past the kill time of 15:55',
    );
    const midnight = CLOSE + 8 * 60 * MINUTE;
    expect(reasonOf('session-window', at(midnight - 1), {}, limits)).toContain('15:55');
    expect(reasonOf('session-window', at(midnight), {}, limits)).toBeUndefined();
  });

  it('denies adding within so many minutes of the close, also of an early one', () => {
    const limits = { flatBeforeCloseMinutes: 10 };
    const last = CLOSE - 10 * MINUTE;
    expect(reasonOf('session-window', at(last - 1), {}, limits)).toBeUndefined();
    expect(reasonOf('session-window', at(last), {}, limits)).toBe(
      'the session of 2024-01-03 ends within 10 minutes',
    );
    const earlyClose = 1_720_026_000_000_000;
    expect(reasonOf('session-window', at(earlyClose - MINUTE), {}, limits)).toContain('2024-07-03');
    expect(reasonOf('session-window', at(earlyClose - 11 * MINUTE), {}, limits)).toBeUndefined();
  });
});
