import { getCalendar } from '@capstan/calendar';
import { US_PER_MINUTE } from '@capstan/domain';
import { symbolNames } from './bar-file.ts';

const SYMBOLS = 500;
const BOTS = 20;
const CALENDAR = 'XNYS';
/** The session before it is the history that bots warm up on. */
const HISTORY_DATE = '2026-01-05';
export const DATE = '2026-01-06';
const { openUs, closeUs } = sessionOf(DATE);

/** Minutes of the day that is played. */
export const MINUTES = (closeUs - openUs) / US_PER_MINUTE;
export const DAY_SYMBOLS = symbolNames(SYMBOLS);
export const DAY_ACCOUNT = 'paper';

function sessionOf(date: string) {
  const session = getCalendar(CALENDAR).session(date);
  if (session === undefined) throw new Error(`no session on ${date}`);
  return session;
}

/** Returns how many minutes of the day have ended by a time: one more than there are where the next day has begun. */
export function minutesThrough(us: number): number {
  if (us > closeUs) return MINUTES + 1;
  return Math.max(0, Math.floor((us - openUs) / US_PER_MINUTE));
}

/** Names the stretch of the day that a minute is in. */
export function stretchOf(minutes: number): string {
  if (minutes === 0) return 'start';
  return minutes > MINUTES ? 'evening' : `hour ${Math.floor((minutes - 1) / 60) + 1}`;
}

/** Returns what plays a day of 500 symbols with bots on all of them, after one session of history; the next day's first slice ends it. */
export function dayConfig(postgresUrl: string) {
  const each = SYMBOLS / BOTS;
  return {
    run: { id: 'bench' },
    postgres: { url: postgresUrl },
    gateway: { auth: { localOperator: true } },
    feeds: [
      {
        ...{ kind: 'generator', feed: 'bench', calendar: CALENDAR, startDate: HISTORY_DATE },
        ...{ historySessions: 1, slicesMax: MINUTES + 1, speed: 'max' },
        symbols: DAY_SYMBOLS.map((symbol) => ({ symbol })),
      },
    ],
    accounts: [{ accountId: DAY_ACCOUNT, cash: '100000000' }],
    bots: Array.from({ length: BOTS }, (_, index) => ({
      botId: `bot-${String(index).padStart(2, '0')}`,
      accountId: DAY_ACCOUNT,
      feed: 'bench',
      strategy: 'ma-cross',
      params: { fast: 30, slow: 120 },
      symbols: DAY_SYMBOLS.slice(index * each, (index + 1) * each),
      sizing: { kind: 'fixedQuantity', quantity: 10 },
    })),
  };
}
