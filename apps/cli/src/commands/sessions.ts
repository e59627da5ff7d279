import {
  CALENDAR_NAMES,
  type Calendar,
  dateOfDay,
  dayNumber,
  getCalendar,
  localDateOf,
  localTimeOf,
  type SessionEvent,
  type SessionEventKind,
  type SessionTimes,
  sessionDay,
  weekdayOfDay,
} from '@capstan/calendar';
import type { TimeZone } from '@capstan/domain';
import { instrumentsOf, readEnvironment, sessionTimesOf, systemClock } from '@capstan/runtime';
import { type Command, Option } from 'commander';
import { loadStack, type StackConfig, type StackOptions } from '../config/stack-config.ts';
import { renderTable } from '../console/table.ts';
import type { CommandContext } from '../program.ts';
import { dateArgument, daysArgument, jsonOption } from './arguments.ts';

interface Options extends StackOptions {
  readonly date?: string;
  readonly days: number;
  readonly calendar?: string;
  readonly json?: boolean;
}

/** One date of a market: its schedule, or why it has none. */
export interface MarketDay {
  readonly calendar: string;
  readonly timeZone: TimeZone;
  readonly date: string;
  readonly closure?: string;
  readonly earlyClose: boolean;
  readonly events: readonly SessionEvent[];
}

/** What people call the points of a day. */
export const EVENT_NAMES: Readonly<Record<SessionEventKind, string>> = {
  preMarket: 'pre-market',
  open: 'open',
  killTime: 'kill time',
  close: 'close',
  endOfDay: 'end of day',
};

const HELP = `
What happens at each point, by the clocks of the exchange (a playback's by the time of its bars):
  pre-market   each account's equity is noted; 30 s later it is checked that feeds, brokers and switches are ready
  open, close  of the exchange; holidays and early closes are known from 1998 to 2099
  kill time    accounts with killTime or flatBeforeCloseMinutes among their limits close what they hold
  end of day   results are drawn up, who should be flat and is not is told, old rows are removed
Change them: sessions.preMarketMinutes, sessions.endOfDayMinutes, retention, accounts[].limits.
How the running stack stands: capstan status.

Examples:
  capstan sessions
  capstan sessions --date 2026-11-23 --days 7
  capstan sessions --calendar 24x7 --json`;

/** Adds `sessions`. */
export function addSessions(program: Command, { output }: CommandContext): void {
  program
    .command('sessions')
    .description('show the days of the markets: pre-market, open, kill times, close, end of day')
    .option(
      '--date <date>',
      'the first date, such as 2026-11-27 (default: today at the exchange)',
      dateArgument,
    )
    .option('--days <n>', 'how many dates, at most 366', daysArgument, 1)
    .addOption(
      new Option(
        '--calendar <name>',
        'one market (default: those of the configured instruments)',
      ).choices([...CALENDAR_NAMES]),
    )
    .option('--env <name>', 'the environment: dev or paper (default: dev)')
    .option('--config <file>', "a configuration file in place of the environment's")
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action((options: Options) => {
      const { config } = loadStack(options, readEnvironment());
      const names = options.calendar === undefined ? calendarsOf(config) : [options.calendar];
      const days = names.flatMap((name) => {
        const calendar = getCalendar(name);
        const date = options.date ?? localDateOf(calendar.timeZone, systemClock.nowUs());
        return marketDays(calendar, date, options.days, sessionTimesOf(config));
      });
      if (options.json === true) output.out(JSON.stringify({ days }, null, 2));
      else output.out(renderDays(days));
    });
}

/** Returns the calendars that a configuration trades on, sorted; New York's where it trades nothing. */
function calendarsOf(config: StackConfig): readonly string[] {
  const names = new Set(
    instrumentsOf(config)
      .all()
      .map(({ calendar }) => calendar),
  );
  return names.size === 0 ? ['XNYS'] : [...names].sort();
}

/** Returns dates in a row, with their schedules. @throws CALENDAR.DATE CALENDAR.RANGE */
export function marketDays(
  calendar: Calendar,
  first: string,
  count: number,
  times: SessionTimes,
): readonly MarketDay[] {
  const from = dayNumber(first);
  return Array.from({ length: count }, (_, index) => {
    const date = dateOfDay(from + index);
    const closure = calendar.closure(date);
    return {
      calendar: calendar.name,
      timeZone: calendar.timeZone,
      date,
      ...(closure === undefined ? {} : { closure }),
      earlyClose: calendar.session(date)?.earlyClose ?? false,
      events: sessionDay(calendar, date, times),
    };
  });
}

/** Writes days as a table, by the clocks of their exchanges. */
export function renderDays(days: readonly MarketDay[]): string {
  const at = (kind: SessionEventKind) => (day: MarketDay) =>
    day.events
      .filter((event) => event.kind === kind)
      .map(({ atUs }) => timeOn(day, atUs))
      .join(' ');
  return renderTable(
    [
      { title: 'market', text: ({ calendar }) => calendar },
      { title: 'date', text: ({ date }) => `${weekdayText(date)} ${date}` },
      ...(['preMarket', 'open', 'killTime', 'close', 'endOfDay'] as const).map((kind) => ({
        title: EVENT_NAMES[kind],
        text: at(kind),
      })),
      { title: 'clock', text: ({ timeZone }) => timeZone },
      { title: '', text: (day) => day.closure ?? (day.earlyClose ? 'early close' : '') },
    ],
    days,
  );
}

/** The end of a day round the clock is 24:00 of it. */
function timeOn({ timeZone, date }: MarketDay, atUs: number): string {
  const time = localTimeOf(timeZone, atUs);
  const on = localDateOf(timeZone, atUs);
  if (on === date) return time;
  return time === '00:00' && on > date ? '24:00' : `${time} (${on.slice(5)})`;
}

const WEEKDAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Returns the day of the week of a date. */
export function weekdayText(date: string): string {
  return WEEKDAY_NAMES[weekdayOfDay(dayNumber(date))] ?? '';
}
