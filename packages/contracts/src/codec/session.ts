import { type CashMicros, deriveId, type TimeUs } from '@capstan/domain';
import * as wire from '../gen/capstan/control/v1/session.ts';
import { sessionEventKinds } from './enums.ts';
import { decodeAs, int64, present } from './wire.ts';

/** A point of a day's schedule; `readiness` is what was found when it was looked at, some time after the pre-market tasks. */
export type SessionPoint = Parameters<typeof sessionEventKinds.toWire>[0];

/** How an account stands at a point of a day. */
export interface SessionAccount {
  readonly accountId: string;
  /** At the last slice before the point. */
  readonly equityMicros?: CashMicros;
  /** Of the trade date, at its end. */
  readonly pnlMicros?: CashMicros;
  readonly feesMicros?: CashMicros;
  readonly fills?: number;
}

/** A point of a market's day that the run has reached. */
export interface ReachedSession {
  readonly runId: string;
  readonly calendar: string;
  /** The trade date. */
  readonly date: string;
  readonly kind: SessionPoint;
  /** When it was due. */
  readonly atUs: TimeUs;
  /** How far the run's clock was when it was noted. */
  readonly reachedAtUs: TimeUs;
  /** What a person should know of, in words. */
  readonly problems: readonly string[];
  /** Of those that it is about. */
  readonly accounts: readonly SessionAccount[];
}

/** Returns the id of a reached point: the same whoever reaches it, and however often. */
export function sessionEventId(
  of: Pick<ReachedSession, 'runId' | 'calendar' | 'date' | 'kind' | 'atUs'>,
): string {
  return deriveId('session', of.runId, of.calendar, of.date, of.kind, of.atUs);
}

export function encodeSession(session: ReachedSession): Uint8Array {
  const { runId, calendar, date, kind, atUs, reachedAtUs, problems, accounts } = session;
  return wire.SessionEvent.encode({
    eventId: sessionEventId(session),
    runId,
    calendar,
    date,
    kind: sessionEventKinds.toWire(kind),
    atUs: int64.of(atUs),
    reachedAtUs: int64.of(reachedAtUs),
    problems: [...problems],
    accounts: accounts.map((one) => ({
      accountId: one.accountId,
      equityMicros: int64.optional(one.equityMicros),
      pnlMicros: int64.optional(one.pnlMicros),
      feesMicros: int64.optional(one.feesMicros),
      fills: one.fills,
    })),
  }).finish();
}

/** @throws CONTRACTS.MALFORMED */
export function decodeSession(data: Uint8Array): ReachedSession {
  const session = decodeAs('SessionEvent', wire.SessionEvent, data);
  const cash = (value: bigint | undefined) => (value === undefined ? undefined : int64.cash(value));
  return {
    runId: session.runId,
    calendar: session.calendar,
    date: session.date,
    kind: sessionEventKinds.fromWire(session.kind),
    atUs: int64.time(session.atUs),
    reachedAtUs: int64.time(session.reachedAtUs),
    problems: session.problems,
    accounts: session.accounts.map((one) => ({
      accountId: one.accountId,
      ...present({
        equityMicros: cash(one.equityMicros),
        pnlMicros: cash(one.pnlMicros),
        feesMicros: cash(one.feesMicros),
        fills: one.fills,
      }),
    })),
  };
}
