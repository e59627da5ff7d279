import { assert, US_PER_DAY, US_PER_MINUTE, US_PER_SECOND } from '@capstan/domain';

/** Bounds of this package. */
export const LIMITS = {
  /** Alerts that wait for one channel; beyond it the oldest of the lowest level is dropped, and counted. */
  pendingMax: 200,
  /** Alerts that one message holds. */
  batchMax: 20,
  /** Latest alerts that are kept for people. */
  recentMax: 100,
  /** Keys whose repeats are counted at once. */
  windowsMax: 1_000,
  /** An alert that could not be sent for so long is dropped, and counted. */
  pendingAgeUsMax: US_PER_DAY,
  /** Spans beyond this count whole, whatever calendars say: no market is closed for so long. */
  calendarSpanUsMax: 7 * US_PER_DAY,
  retryFirstUs: 5 * US_PER_SECOND,
  retryUsMax: 5 * US_PER_MINUTE,
  titleLengthMax: 200,
  /** Characters of an alert's text. */
  textLengthMax: 1_000,
  /** Characters of a message: below Telegram's 4,096 and what Slack shows whole. */
  messageLengthMax: 3_500,
} as const;

assert(LIMITS.retryFirstUs < LIMITS.retryUsMax, 'the first pause is the shortest');
assert(LIMITS.batchMax <= LIMITS.pendingMax, 'a message holds no more than can wait');
assert(LIMITS.textLengthMax < LIMITS.messageLengthMax, 'one alert fits into a message');
