import { type TimeUs, timeUs, US_PER_MINUTE, US_PER_SECOND } from '@capstan/domain';
import { marketFailure } from './market-failure.ts';

const MS_US = 1_000;
const ZERO = 48;
const DATE_LENGTH = 10;
/** Where the seconds of `YYYY-MM-DDTHH:MM:SS` end. */
const SECONDS_END = 19;
const US_DIGITS = 6;
const SHAPE = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * Reads RFC 3339 times to the microsecond; digits beyond are cut off. The date is worked out when it changes, as times of one answer
 * mostly share it.
 */
export class InstantReader {
  #date = '';
  #dateUs = 0;

  /** @throws MARKET.ANSWER where the text is no time. */
  read(text: string): TimeUs {
    if (this.#date !== '' && text.startsWith(this.#date) && text[DATE_LENGTH] === 'T') {
      const seconds = secondsAt(text);
      const fractionUs = fractionAt(text);
      if (seconds !== undefined && fractionUs !== undefined) {
        return (this.#dateUs + seconds * US_PER_SECOND + fractionUs) as TimeUs;
      }
    }
    return this.#slow(text);
  }

  #slow(text: string): TimeUs {
    const match = SHAPE.exec(text);
    const date = text.slice(0, DATE_LENGTH);
    const dateMs = match === null ? Number.NaN : Date.parse(`${date}T00:00:00Z`);
    const seconds = match === null ? undefined : secondsAt(text);
    if (match === null || Number.isNaN(dateMs) || seconds === undefined) {
      throw marketFailure('MARKET.ANSWER', { why: `'${text}' is not a time.` });
    }
    this.#date = date;
    this.#dateUs = dateMs * MS_US;
    const fractionUs = Number((match[1] ?? '').slice(0, 6).padEnd(6, '0'));
    return timeUs(this.#dateUs + seconds * US_PER_SECOND + fractionUs - offsetUs(match[2] ?? 'Z'));
  }
}

/** Returns the second of the day of `…THH:MM:SS…`; `undefined` where a part is out of range. */
function secondsAt(text: string): number | undefined {
  const hours = twoDigits(text, 11);
  const minutes = twoDigits(text, 14);
  const seconds = twoDigits(text, 17);
  const isTime = hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
  if (!isTime || !(seconds >= 0 && seconds < 61)) return undefined;
  return hours * 3_600 + minutes * 60 + seconds;
}

/** Returns the microseconds of `….ffffffZ` from the end of the seconds; `undefined` where it does not end in Z after digits alone. */
function fractionAt(text: string): number | undefined {
  const last = text.length - 1;
  if (text[last] !== 'Z') return undefined;
  if (last === SECONDS_END) return 0;
  if (text[SECONDS_END] !== '.' || last === SECONDS_END + 1) return undefined;
  let fractionUs = 0;
  for (let at = SECONDS_END + 1; at < last; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    if (at <= SECONDS_END + US_DIGITS) fractionUs = fractionUs * 10 + digit;
  }
  for (let at = last; at <= SECONDS_END + US_DIGITS; at += 1) fractionUs *= 10;
  return fractionUs;
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

function offsetUs(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const minutes = twoDigits(zone, 1) * 60 + twoDigits(zone, 4);
  return (zone.startsWith('-') ? -minutes : minutes) * US_PER_MINUTE;
}
