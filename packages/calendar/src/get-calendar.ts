import { ALWAYS_OPEN } from './always-open.ts';
import { unknownCalendar } from './errors.ts';
import { NEW_YORK_SESSIONS } from './new-york-sessions.ts';
import type { Calendar } from './session.ts';
import { SessionCalendar } from './session-calendar.ts';
import type { SessionRules } from './session-rules.ts';

const RULES: ReadonlyMap<string, SessionRules> = new Map([
  ['24x7', ALWAYS_OPEN],
  ['XNAS', NEW_YORK_SESSIONS],
  ['XNYS', NEW_YORK_SESSIONS],
]);

/** Names that {@link getCalendar} knows, sorted. `XNAS` is another name of `XNYS`. */
export const CALENDAR_NAMES: readonly string[] = [...RULES.keys()];

/**
 * Builds the calendar of a name. It starts with nothing worked out: keep it, or keep a {@link CalendarBook}.
 * @throws CALENDAR.UNKNOWN naming those that exist.
 */
export function getCalendar(name: string): Calendar {
  const rules = RULES.get(name);
  if (rules === undefined) throw unknownCalendar(name, CALENDAR_NAMES);
  return new SessionCalendar(rules);
}

/** The calendars of a process or a run: each is built once, when first asked for. */
export class CalendarBook {
  readonly #byName = new Map<string, Calendar>();

  /** Returns the calendar of a name. @throws CALENDAR.UNKNOWN naming those that exist. */
  get(name: string): Calendar {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const built = getCalendar(name);
    this.#byName.set(name, built);
    return built;
  }
}
