import { TIMEFRAMES } from '@capstan/domain';
import { arbitrary, subjectMatches } from '@capstan/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KV_BUCKETS, STREAMS } from './streams.ts';
import { headerNames, leaseKey, nameOfToken, subjects, subjectToken } from './subjects.ts';

const names = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ minLength: 1, unit: 'grapheme' }),
  fc.string({ minLength: 1, unit: 'binary' }),
  arbitrary.symbols,
  fc.constantFrom('BRK.B', '*', '>', '.', '=', '=2e=', 'a b', '日経', 'risk/paper', '\ud800'),
);
const TOKEN = /^[A-Za-z0-9_=-]+$/;

describe('a name in a subject', () => {
  it('is one token that matches nothing but itself, and comes back', () => {
    fc.assert(
      fc.property(names, (name) => {
        const token = subjectToken(name);
        expect(token).toMatch(TOKEN);
        expect(nameOfToken(token)).toBe(name);
      }),
      { numRuns: 500 },
    );
  });

  it('never looks like that of another', () => {
    fc.assert(
      fc.property(names, names, (a, b) => {
        expect(subjectToken(a) === subjectToken(b)).toBe(a === b);
      }),
    );
  });

  it('stays readable', () => {
    expect(subjectToken('BRK.B')).toBe('BRK=2e=B');
    expect(subjectToken('sma-spy_1')).toBe('sma-spy_1');
    expect(leaseKey('risk/paper')).toBe('risk/paper');
    expect(leaseKey('bot/BRK.B')).toBe('bot/BRK=2e=B');
  });

  it('is not empty', () => {
    const NAME = expect.objectContaining({ code: 'CONTRACTS.NAME' });
    expect(() => subjectToken('')).toThrow(NAME);
    expect(() => subjects.signal('')).toThrow(NAME);
    expect(() => leaseKey('risk/')).toThrow(NAME);
  });
});

const streamsOf = (subject: string): string[] =>
  STREAMS.filter((stream) => stream.subjects.some((filter) => subjectMatches(filter, subject))).map(
    ({ name }) => name,
  );

/** The stream of every event, by name; `undefined` for notices and questions, which are not stored. */
const HOME: Readonly<Record<keyof typeof subjects, string | undefined>> = {
  bar: 'MARKET',
  barsOfVenue: 'MARKET',
  allBars: 'MARKET',
  quote: 'QUOTES',
  quotesOfVenue: 'QUOTES',
  option: 'QUOTES',
  optionsOf: 'QUOTES',
  barsClosed: 'MARKET',
  allBarsClosed: 'MARKET',
  signal: 'TRADING',
  allSignals: 'TRADING',
  denied: 'TRADING',
  approved: 'TRADING',
  order: 'TRADING',
  allOrders: 'TRADING',
  fill: 'TRADING',
  emergency: 'TRADING',
  snapshot: 'POSITION',
  drift: 'POSITION',
  backtestWork: 'BACKTEST_WORK',
  backtestEvent: 'BACKTEST_EVENTS',
  session: 'CONTROL',
  allSessions: 'CONTROL',
  command: undefined,
  anyCommand: undefined,
  commandDone: undefined,
  anyCommandDone: undefined,
  rpc: undefined,
};

describe('every subject', () => {
  it('of an event is in exactly one stream, whatever the names; the others are in none', () => {
    const build = (kind: keyof typeof subjects, a: string, b: string): string => {
      if (kind === 'bar') return subjects.bar(a, b, '1m');
      if (kind === 'barsOfVenue') return subjects.barsOfVenue(a, '1d');
      if (kind === 'allBars') return subjects.allBars('1m');
      if (kind === 'quote') return subjects.quote(a, b);
      if (kind === 'option') return subjects.option(a, b, a);
      if (kind === 'optionsOf') return subjects.optionsOf(a, b);
      if (kind === 'rpc') return subjects.rpc('capstan.risk.v1.RiskService', 'ListAccounts');
      const subject = subjects[kind];
      return typeof subject === 'string' ? subject : subject(a);
    };
    const kinds = Object.keys(HOME) as (keyof typeof subjects)[];
    expect(kinds.sort()).toEqual(Object.keys(subjects).sort());
    fc.assert(
      fc.property(names, names, (a, b) => {
        for (const kind of kinds) {
          const home = HOME[kind];
          expect(streamsOf(build(kind, a, b))).toEqual(home === undefined ? [] : [home]);
        }
      }),
    );
  });

  it('of a bar is found by its venue and timeframe, and by no other', () => {
    fc.assert(
      fc.property(names, names, fc.constantFrom(...TIMEFRAMES), (venue, symbol, timeframe) => {
        const bar = subjects.bar(venue, symbol, timeframe);
        expect(subjectMatches(subjects.barsOfVenue(venue, timeframe), bar)).toBe(true);
        expect(subjectMatches(subjects.barsOfVenue(`${venue}x`, timeframe), bar)).toBe(false);
        expect(subjectMatches(subjects.allBars(timeframe), bar)).toBe(true);
        expect(subjectMatches(subjects.allBarsClosed, subjects.barsClosed(symbol))).toBe(true);
        expect(subjectMatches(subjects.allSignals, subjects.signal(symbol))).toBe(true);
        expect(subjectMatches(subjects.allOrders, subjects.fill(symbol))).toBe(false);
      }),
    );
  });
});

it('streams, buckets and headers have names of their own', () => {
  const distinct = (all: readonly string[]) => expect(new Set(all).size).toBe(all.length);
  distinct(STREAMS.map(({ name }) => name));
  distinct(KV_BUCKETS.map(({ name }) => name));
  distinct(Object.values(headerNames));
  for (const name of Object.values(headerNames)) expect(name).toBe(name.toLowerCase());
});
