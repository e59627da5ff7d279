import type { MarketSession } from './api.ts';
import type { ZoneClock } from './format.ts';

/** Says in a few words how a market stands, by the page's clock; nothing of one that has not begun. */
export function sessionText(market: MarketSession, clock: ZoneClock): string | undefined {
  const { atUs, open, closure, session } = market;
  if (atUs === undefined || session === undefined) return undefined;
  if (open === true) {
    const early = session.earlyClose ? ', early' : '';
    return `open until ${clock.minute(session.closeUs)}${early}`;
  }
  const isToday = clock.day(session.openUs) === clock.day(atUs);
  const opens = isToday ? '' : `${clock.day(session.openUs)} `;
  const why = closure === undefined ? '' : ` (${closure})`;
  return `closed${why} until ${opens}${clock.minute(session.openUs)}`;
}
