import type { ScheduleEnd } from '@capstan/domain';
import { reasonText, type Target } from '@capstan/strategy';

/** What a bot could say of a symbol, were it within its schedule. */
export interface OutsideSchedule {
  /** The target of the last signal that went out. */
  readonly emitted: Target | undefined;
  /** What the strategy wants now; `undefined` where it has no new opinion. */
  readonly target: Target | undefined;
  readonly atEnd: ScheduleEnd;
}

/**
 * Returns what a bot says outside its schedule: flat or nothing. No other direction goes out, not even a smaller one, because
 * the entry before it may never have filled, and the smaller one would then open. A turn to the other side closes; what is
 * then still wanted opens when the schedule does. A bot that is to leave nothing open also says so where it cannot know
 * whether something is: it may have begun anew after a crash.
 */
export function closingTarget({ emitted, target, atEnd }: OutsideSchedule): Target | undefined {
  if (target?.direction === 'flat') return target;
  if (emitted?.direction === 'flat') return undefined;
  if (atEnd === 'flatten') return flat('outside its schedule: nothing stays open');
  if (emitted === undefined || target === undefined || target.direction === emitted.direction)
    return undefined;
  return flat(`${reasonText(target)}; outside its schedule: closes, and opens nothing`);
}

const flat = (reason: string): Target => ({ direction: 'flat', strength: 0, reason });
