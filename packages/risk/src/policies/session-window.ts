import type { Policy } from '../policy.ts';
import { outsideWindow } from '../session-window.ts';

/** Outside the hours of the limits, past the kill time and shortly before the close nothing is added. */
export const sessionWindowPolicy: Policy = {
  name: 'session-window',
  denies:
    'what adds outside `sessionStart` to `sessionEnd`, from `killTime` on, and within `flatBeforeCloseMinutes` of the close',
  advice: 'Wait for its hours, or set other ones.',
  check: (intent, view, limits) => {
    if (intent.reducing) return undefined;
    const calendar = view.calendar(view.instrument(intent.symbol));
    const outside = outsideWindow(limits, calendar, intent.decidedAtUs);
    return outside === undefined ? undefined : { reason: outside.reason };
  },
};
