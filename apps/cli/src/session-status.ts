import { localDateOf, localTimeOf } from '@capstan/calendar';
import { AppError, TIME_ZONES, type TimeZone } from '@capstan/domain';
import { EVENT_NAMES, weekdayText } from './commands/sessions.ts';
import { type Answer, type GatewayClient, listIn } from './gateway-client.ts';

/** Asks how the markets stand; none where nobody can say: that is said elsewhere. */
export async function askSessions(open: () => GatewayClient): Promise<readonly Answer[]> {
  try {
    return listIn(await open().get('/api/sessions'), 'sessions');
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}

/** Says in a line how a market stands and what comes next, by the clocks of its exchange. */
export function sessionLine(market: Answer): string {
  const { calendar, timeZone, atUs, open, closure } = market;
  const zone = TIME_ZONES.find((one) => one === timeZone);
  if (zone === undefined || typeof atUs !== 'number') return `${calendar} has not begun`;
  const { openUs, closeUs, earlyClose } = fields(market.session);
  const at = (us: unknown) => momentText(zone, Number(us), atUs);
  const isEarly = earlyClose === true;
  const early = isEarly ? `, early close ${localTimeOf(zone, Number(closeUs))}` : '';
  const why = closure === undefined ? '' : ` (${closure})`;
  const state =
    open === true
      ? `open until ${at(closeUs)}${isEarly ? ' (early close)' : ''}`
      : `closed${why}, opens ${at(openUs)}${early}`;
  const { kind, atUs: nextUs } = fields(market.next);
  const next = EVENT_NAMES[String(kind) as keyof typeof EVENT_NAMES] ?? String(kind);
  return `${calendar} ${state} · now ${dayText(zone, atUs)} ${localTimeOf(zone, atUs)} ${zone} · next: ${next} ${at(nextUs)}`;
}

const fields = (value: unknown): Answer =>
  typeof value === 'object' && value !== null ? { ...value } : {};

function dayText(zone: TimeZone, us: number): string {
  const date = localDateOf(zone, us);
  return `${weekdayText(date)} ${date}`;
}

/** The time of day, with its date where that is another than now's. */
function momentText(zone: TimeZone, us: number, nowUs: number): string {
  const time = localTimeOf(zone, us);
  return localDateOf(zone, us) === localDateOf(zone, nowUs) ? time : `${dayText(zone, us)} ${time}`;
}
