import { arbitrary } from '@capstan/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  decodeSession,
  encodeSession,
  type ReachedSession,
  type SessionAccount,
  sessionEventId,
} from './session.ts';

const { cash, names, times } = arbitrary;
const accounts: fc.Arbitrary<SessionAccount> = fc
  .tuple(
    fc.record({ accountId: names }),
    fc.record(
      {
        equityMicros: cash,
        pnlMicros: cash,
        feesMicros: cash,
        fills: fc.nat({ max: 2 ** 31 - 1 }),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([one, other]) => ({ ...one, ...other }));
const sessions: fc.Arbitrary<ReachedSession> = fc.record({
  runId: names,
  calendar: fc.constantFrom('XNYS', '24x7'),
  date: fc.constantFrom('2026-01-05', '2026-11-27'),
  kind: fc.constantFrom('preMarket', 'open', 'killTime', 'close', 'endOfDay', 'readiness'),
  atUs: times,
  reachedAtUs: times,
  problems: fc.array(fc.string(), { maxLength: 3 }),
  accounts: fc.array(accounts, { maxLength: 3 }),
});

it('carries all that it was given, and nothing that it was not', () => {
  fc.assert(
    fc.property(sessions, (one) => {
      expect(decodeSession(encodeSession(one))).toEqual(one);
    }),
    { numRuns: 200 },
  );
});

it('has the id of what was reached, not of when, by whom or with what result', () => {
  fc.assert(
    fc.property(sessions, sessions, (a, b) => {
      const { runId, calendar, date, kind, atUs } = a;
      const again = { ...b, runId, calendar, date, kind, atUs };
      expect(sessionEventId(again)).toBe(sessionEventId(a));
      expect(sessionEventId({ ...a, atUs: laterUs(a.atUs) })).not.toBe(sessionEventId(a));
    }),
    { numRuns: 100 },
  );
});

const laterUs = (us: ReachedSession['atUs']) => (us + 1) as ReachedSession['atUs'];
