import { dayOf, partsOfDay } from '@capstan/calendar';
import { US_PER_DAY, US_PER_MINUTE, US_PER_MS, US_PER_SECOND } from '@capstan/domain';
import type { ResolvedMapping } from './column-mapping.ts';
import { parseWholeBytes } from './parse-number.ts';
import { ZoneClock } from './zone-clock.ts';

const UNIT_US = { us: 1, ms: US_PER_MS, s: US_PER_SECOND } as const;
/** Date, time and zone of an ISO 8601 text, extended or basic; all but the date may be absent. */
const ISO =
  /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** Reads the cells of a time column. */
export class StampReader {
  readonly #format: ResolvedMapping['timeFormat'];
  readonly #clock: ZoneClock | undefined;
  /** Whether a text without a zone is read as UTC: a daily bar's date needs no clock. */
  readonly #zoneless: boolean;

  /** @throws LAKE.ZONE */
  constructor(
    mapping: Pick<ResolvedMapping, 'timeFormat' | 'timeZone'>,
    options: { readonly zoneless: boolean },
  ) {
    this.#format = mapping.timeFormat;
    this.#clock = mapping.timeZone === undefined ? undefined : new ZoneClock(mapping.timeZone);
    this.#zoneless = options.zoneless;
  }

  /** Reads the bytes `[from, to)`. @returns UTC microseconds, or what was expected there. */
  read(bytes: Uint8Array, from: number, to: number): number | string {
    const format = this.#format;
    if (format === 'iso') {
      return this.text(new TextDecoder().decode(bytes.subarray(from, to)));
    }
    const us = parseWholeBytes(bytes, from, to) * UNIT_US[format];
    return Number.isSafeInteger(us) ? us : `a whole number of ${format} since 1970, UTC`;
  }

  /** Reads a text. @returns UTC microseconds, or what was expected. */
  text(text: string): number | string {
    const match = ISO.exec(text.trim());
    if (match === null) return 'a time such as 2026-01-05T14:30:00Z (or set timeFormat)';
    const part = (at: number): number => Number(match[at] ?? 0);
    const day = dayOf(part(1), part(2), part(3));
    const back = partsOfDay(day);
    if (back.month !== part(2) || back.day !== part(3)) return 'a date that exists';
    if (part(4) > 24 || part(5) > 59 || part(6) > 59) return 'a time of day that exists';
    const fractionUs = Math.floor(Number((match[7] ?? '').padEnd(9, '0')) / 1_000);
    const seconds = part(4) * 3_600 + part(5) * 60 + part(6);
    const localUs = day * US_PER_DAY + seconds * US_PER_SECOND + fractionUs;
    const zone = match[8];
    return zone === undefined ? this.#local(localUs) : localUs - zoneOffsetUs(zone);
  }

  /** Reads a local time that was given as if it were UTC. @returns UTC microseconds, or what was expected. */
  local(localUs: number): number | string {
    return this.#local(localUs);
  }

  #local(localUs: number): number | string {
    if (this.#clock === undefined) {
      return this.#zoneless
        ? localUs
        : 'a time with a zone, such as 2026-01-05T14:30:00Z (or set timeZone)';
    }
    const us = this.#clock.utcUs(localUs);
    if (us === 'skipped') return `a time that the clocks of ${this.#clock.zone} show`;
    if (us === 'doubled') {
      return `a time that the clocks of ${this.#clock.zone} show once (write it with its offset)`;
    }
    return us;
  }
}

function zoneOffsetUs(zone: string): number {
  if (zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -minutes : minutes) * US_PER_MINUTE;
}
