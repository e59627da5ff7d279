import type { MetricUnit } from '@capstan/analytics';
import { MICROS_PER_UNIT, NANOS_PER_UNIT } from '@capstan/domain';

/** Shown where there is no value. */
export const NONE = '–';
const MINUS = '−';

/** Writes a number with grouped thousands and `places` decimals; a zero has no sign. */
export function number(value: number | undefined, places = 2, signed = false): string {
  if (value === undefined || Number.isNaN(value)) return NONE;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${MINUS}∞`;
  const digits = Math.abs(value).toFixed(places);
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const isZero = !/[1-9]/.test(digits);
  const sign = isZero ? '' : value < 0 ? MINUS : signed ? '+' : '';
  return `${sign}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Writes a count. */
export const count = (value: number | undefined): string => number(value, 0);

/** Writes a fraction in per cent. */
export function percent(value: number | undefined, places = 2, signed = false): string {
  return value === undefined || Number.isNaN(value)
    ? NONE
    : `${number(value * 100, places, signed)}%`;
}

/** Writes micros as money with two decimals. */
export function money(micros: number | undefined, signed = false): string {
  return number(micros === undefined ? undefined : micros / MICROS_PER_UNIT, 2, signed);
}

/** Writes micros as money, whole units from a million on. */
export function shortMoney(micros: number | undefined, signed = false): string {
  const units = micros === undefined ? undefined : micros / MICROS_PER_UNIT;
  return number(units, Math.abs(units ?? 0) >= 1e6 ? 0 : 2, signed);
}

/** Writes nanos as a price with as many decimals as its tick has, two at least. */
export function price(nanos: number | undefined, places = 2): string {
  return number(nanos === undefined ? undefined : nanos / NANOS_PER_UNIT, places);
}

/** Writes a metric in its unit. */
export function metricText(value: number | undefined, unit: MetricUnit): string {
  if (value === undefined) return NONE;
  switch (unit) {
    case 'fraction':
      return percent(value);
    case 'micros':
      return money(value);
    case 'ratio':
      return number(value, 2);
    case 'sessions':
    case 'count':
      return count(value);
    case 'bars':
      return number(value, Number.isInteger(value) ? 0 : 1);
  }
}

/** Tells how many decimals a tick needs, two at least. */
export function decimalsOfTick(tickNanos: number): number {
  const zeros = /0*$/.exec(String(tickNanos))?.[0].length ?? 0;
  return Math.max(2, 9 - zeros);
}

/** The sign of a number as the name of a style. */
export function toneOf(value: number | undefined): 'up' | 'down' | 'even' {
  if (value === undefined || value === 0 || Number.isNaN(value)) return 'even';
  return value > 0 ? 'up' : 'down';
}

/** Says how many there are of a thing: `1 trade`, `2 trades`. */
export const plural = (many: number, one: string, more = `${one}s`): string =>
  `${count(many)} ${many === 1 ? one : more}`;
