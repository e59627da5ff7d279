import { type Calendar, getCalendar } from '@capstan/calendar';
import { AppError, type TimeUs, timeUs, US_PER_MINUTE, US_PER_MS } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
import type { Environment } from './config-source.ts';

/** Names the time of a simulated market, for every process beside it. */
export const MARKET_TIME = 'CAPSTAN_MARKET_TIME';

/** How the time of a simulated market runs. */
export interface MarketTimeSettings {
  /** What it was at `wallUs`. */
  readonly startUs: TimeUs;
  readonly wallUs: TimeUs;
  /** How many times faster than the wall's clock, above 0. */
  readonly speed: number;
}

/** What is kept of a closed market, for the tasks before the open and after the close. */
const BEFORE_OPEN_US = 5 * US_PER_MINUTE;
const AFTER_CLOSE_US = 20 * US_PER_MINUTE;
const SPEED_MAX = 600;
/** Whose sessions it has. */
const CALENDAR = 'XNYS';

/**
 * The time of a simulated market: faster than the wall's, and without nights: some minutes after a close it is some minutes before the
 * next open. It follows from the wall's clock alone, so that processes beside each other agree on it.
 */
export class MarketTime {
  readonly speed: number;
  readonly #calendar: Calendar;
  readonly #wallUs: () => number;
  /** Market time of this piece is `#fromUs` at `#fromWallUs`; at `#untilUs` the next begins. */
  #fromUs: number;
  #fromWallUs: number;
  #untilUs: number;

  constructor(
    { startUs, wallUs, speed }: MarketTimeSettings,
    calendar: Calendar,
    wall: () => number,
  ) {
    this.speed = speed;
    this.#calendar = calendar;
    this.#wallUs = wall;
    const piece = this.#pieceAt(startUs);
    this.#fromUs = piece.fromUs;
    this.#untilUs = piece.untilUs;
    this.#fromWallUs = wallUs;
  }

  nowUs(): TimeUs {
    const wallUs = this.#wallUs();
    for (;;) {
      const atUs = this.#fromUs + (wallUs - this.#fromWallUs) * this.speed;
      if (atUs < this.#untilUs) return timeUs(Math.floor(Math.max(atUs, this.#fromUs)));
      this.#fromWallUs += (this.#untilUs - this.#fromUs) / this.speed;
      const piece = this.#pieceAt(this.#untilUs);
      this.#fromUs = piece.fromUs;
      this.#untilUs = piece.untilUs;
    }
  }

  /** Returns the piece of time that goes on at `us`, or the next one where the market is closed then. */
  #pieceAt(us: number): { readonly fromUs: number; readonly untilUs: number } {
    // A session whose tasks after the close are not over counts as the running one.
    const session = this.#calendar.sessionAtOrAfter(us - AFTER_CLOSE_US);
    const isOver = us >= session.closeUs + AFTER_CLOSE_US;
    const { openUs, closeUs } = isOver ? this.#calendar.nextSession(session.date) : session;
    return { fromUs: Math.max(us, openUs - BEFORE_OPEN_US), untilUs: closeUs + AFTER_CLOSE_US };
  }
}

/** Writes settings as {@link readMarketTime} reads them. */
export function marketTimeText({ startUs, wallUs, speed }: MarketTimeSettings): string {
  return `${startUs}@${wallUs}x${speed}`;
}

/**
 * Opens the time of a simulated market where the environment says so; `undefined` where time is the wall's.
 * @throws CONFIG.INVALID for a text that says none, and where the installation allows live money.
 */
export function openMarketTime(
  environment: Environment,
  wall: Pick<Clock, 'nowUs'>,
  { allowLive }: { readonly allowLive: boolean },
): MarketTime | undefined {
  const settings = readMarketTime(environment);
  if (settings === undefined) return undefined;
  if (allowLive) {
    throw new AppError({
      code: 'CONFIG.INVALID',
      why: `${MARKET_TIME} lets time be a simulated market's, and 'installation.allowLive' is true.`,
      fix: `Take ${MARKET_TIME} out of the environment: real money trades by the real time.`,
    });
  }
  return new MarketTime(settings, getCalendar(CALENDAR), () => wall.nowUs());
}

/**
 * Reads the time of a simulated market from the environment; `undefined` where time is the wall's.
 * @throws CONFIG.INVALID for a text that says none.
 */
export function readMarketTime(environment: Environment): MarketTimeSettings | undefined {
  const text = (environment[MARKET_TIME] ?? '').trim();
  if (text === '') return undefined;
  const [, start, wall, speed] = /^(\d+)@(\d+)x(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const numbers = [start, wall, speed].map(Number);
  const [startUs = 0, wallUs = 0, times = 0] = numbers;
  const isGood =
    numbers.every(Number.isFinite) &&
    Number.isSafeInteger(startUs) &&
    Number.isSafeInteger(wallUs) &&
    times > 0 &&
    times <= SPEED_MAX;
  if (isGood) return { startUs: timeUs(startUs), wallUs: timeUs(wallUs), speed: times };
  throw new AppError({
    code: 'CONFIG.INVALID',
    why: `${MARKET_TIME} is '${text}'.`,
    fix: `Leave it to 'capstan up --venue alpaca-emulator', which sets it: <start>@<wall>x<speed>, both in microseconds, speed up to ${SPEED_MAX}.`,
  });
}

/** A clock that shows the market's time. Waits, and what leases are held by, stay the wall's. */
export function withMarketTime(clock: Clock, time: MarketTime): Clock {
  return {
    nowUs: () => time.nowUs(),
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}

/** A clock on which all is the market's time, waits too: for logic that follows a vendor's clock. */
export function inMarketTime(clock: Clock, time: MarketTime): Clock {
  return {
    nowUs: () => time.nowUs(),
    monotonicMs: () => time.nowUs() / US_PER_MS,
    sleep: (ms, signal) => clock.sleep(ms / time.speed, signal),
  };
}
