import { dayNumber, newYorkTimeUs } from '@capstan/calendar';
import { type MarketSession, type TimeUs, timeUs } from '@capstan/domain';
import { z } from 'zod';
import { InstantReader } from '../../requests/instant.ts';
import type { AlpacaAnswers, AlpacaClients } from './alpaca-rest.ts';

const wallTime = z.string().regex(/^\d{2}:\d{2}$/);
const calendarAnswer = z.array(z.object({ date: z.iso.date(), open: wallTime, close: wallTime }));
const clockAnswer = z.object({ timestamp: z.string() });

interface Source {
  readonly clients: Pick<AlpacaClients, 'calendar' | 'clock'>;
  readonly answers: AlpacaAnswers;
}

/** Asks for the sessions of some dates; an early close is a session that ends early. */
export async function alpacaSessions(
  { clients, answers }: Source,
  fromDate: string,
  toDate: string,
): Promise<readonly MarketSession[]> {
  const parameters = {
    start: new Date(`${fromDate}T00:00:00Z`),
    end: new Date(`${toDate}T00:00:00Z`),
  };
  const asked = { what: `the calendar from ${fromDate} to ${toDate}` };
  const days = await answers.ask(
    asked,
    () => clients.calendar.legacyCalendarRaw(parameters),
    (text) => calendarAnswer.parse(JSON.parse(text)),
  );
  return days
    .filter(({ date }) => date >= fromDate && date <= toDate)
    .map(({ date, open, close }) => ({
      date,
      openUs: newYorkTime(date, open),
      closeUs: newYorkTime(date, close),
    }));
}

/** Asks Alpaca for its clock's time. */
export function alpacaNow({ clients, answers }: Source): Promise<TimeUs> {
  return answers.ask(
    { what: 'the time' },
    () => clients.clock.legacyClockRaw(),
    (text) => new InstantReader().read(clockAnswer.parse(JSON.parse(text)).timestamp),
  );
}

function newYorkTime(date: string, wall: string): TimeUs {
  const minutes = Number(wall.slice(0, 2)) * 60 + Number(wall.slice(3));
  return timeUs(newYorkTimeUs(dayNumber(date), minutes));
}
