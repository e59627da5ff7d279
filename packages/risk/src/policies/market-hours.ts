import type { Policy } from '../policy.ts';

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
    'Wait for the session, or let decisions at a close mean the next open: `entryTiming: nextOpen`.',
  ofAccount: true,
  stopsReducing: true,
  check: (intent, view, limits) => {
    if (limits.entryTiming === 'nextOpen') return undefined;
    const calendar = view.calendar(view.instrument(intent.symbol));
    const at = intent.decidedAtUs;
    if (calendar.isOpen(at)) return undefined;
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
