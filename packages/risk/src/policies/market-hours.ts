import type { Calendar } from '@capstan/calendar';
import type { TimeUs } from '@capstan/domain';
import type { RiskLimits } from '../limits.ts';
import type { Policy } from '../policy.ts';

/** Tells whether limits let what is decided at a time execute: inside a session, unless they let it wait for the next one. */
export function executesAt(
  { policies, entryTiming }: Pick<RiskLimits, 'policies' | 'entryTiming'>,
  calendar: Calendar,
  atUs: TimeUs,
): boolean {
  return entryTiming === 'nextOpen' || !policies.includes('market-hours') || calendar.isOpen(atUs);
}

/**
 * Judges the time of execution, which is the instant after the decision. A decision at the close of a session, or outside of
 * one, cannot execute in it: with `entryTiming: deny` it is refused, also where it reduces, as it would become an order
 * for another session's prices.
 */
export const marketHoursPolicy: Policy = {
  name: 'market-hours',
  denies:
    "what is decided at a session's close or outside of sessions, unless `entryTiming: nextOpen`",
  advice:
    'Wait for the session, in which a wish to be flat is decided anew, or let decisions at a close mean the next open: `entryTiming: nextOpen`.',
  ofAccount: true,
  stopsReducing: true,
  check: (intent, view, limits) => {
    const calendar = view.calendar(view.instrument(intent.symbol));
    const at = intent.decidedAtUs;
    if (executesAt(limits, calendar, at)) return undefined;
    const next = calendar.sessionAtOrAfter(at);
    const what = intent.reducing ? 'an exit' : 'an entry';
    const where =
      calendar.previousClose(at) === at
        ? `at the close of ${calendar.name} for ${intent.symbol}`
        : `while ${calendar.name} is closed for ${intent.symbol}`;
    return {
      reason:
        `${what} decided ${where} cannot execute before the session of ${next.date}, ` +
        'and entryTiming is deny',
    };
  },
};
