/** Shown where there is no value. */
export const NONE = '–';

const MINUS = '−';

/** How a scaled integer is written. */
export interface Decimals {
  /** Decimal places of the integer itself. */
  readonly scale: number;
  /** Places always shown. */
  readonly min: number;
  /** Places shown at most; the rest is rounded half away from zero. */
  readonly max: number;
  /** Also write a plus. */
  readonly signed?: boolean;
}

/** Divides and rounds half away from zero, exactly: both are whole numbers below 2^53, the divisor positive. */
export function divideRound(value: number, divisor: number): number {
  const magnitude = Math.abs(value);
  const rest = magnitude % divisor;
  const whole = (magnitude - rest) / divisor;
  const rounded = rest >= divisor - rest ? whole + 1 : whole;
  return value < 0 && rounded !== 0 ? -rounded : rounded;
}

/** Writes an integer at a scale as a decimal with grouped thousands. Integer arithmetic only. */
export function formatScaled(value: number, decimals: Decimals): string {
  const places = Math.min(decimals.max, decimals.scale);
  const rounded = divideRound(value, 10 ** (decimals.scale - places));
  const digits = String(Math.abs(rounded)).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ',');
  const shown = places === 0 ? '' : digits.slice(-places).replace(/0+$/, '');
  const fraction = shown.padEnd(Math.max(shown.length, decimals.min), '0');
  const sign = rounded < 0 ? MINUS : decimals.signed === true && rounded > 0 ? '+' : '';
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Reads a plain decimal as an integer at a scale, exactly; `undefined` for anything else, and for more places than fit. */
export function parseScaled(text: string, scale: number): number | undefined {
  const parts = /^(\d+)(?:\.(\d+))?$/.exec(text.trim());
  const [, whole = '', fraction = ''] = parts ?? [];
  if (parts === null || fraction.length > scale) return undefined;
  const value = Number(`${whole}${fraction.padEnd(scale, '0')}`);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Writes micros as money with two places. */
export function formatMoney(micros: number | undefined): string {
  return micros === undefined ? NONE : formatScaled(micros, { scale: 6, min: 2, max: 2 });
}

/** Writes micros as a gain or loss: with its sign. */
export function formatGain(micros: number | undefined): string {
  if (micros === undefined) return NONE;
  return formatScaled(micros, { scale: 6, min: 2, max: 2, signed: true });
}

/** Tells how many decimals a tick needs, two at least. */
export function decimalsOfTick(tickNanos: number): number {
  const zeros = /0*$/.exec(String(tickNanos))?.[0].length ?? 0;
  return Math.max(2, 9 - zeros);
}

/** Writes nanos as a price. @param max places at most; fills of averages need more than the tick. */
export function formatPrice(nanos: number | undefined, max = 4): string {
  return nanos === undefined ? NONE : formatScaled(nanos, { scale: 9, min: 2, max });
}

/** Writes a quantity at its instrument's scale. */
export function formatQuantity(quantity: number, scale: number): string {
  return formatScaled(quantity, { scale, min: 0, max: scale });
}

/** Writes a part of a whole in percent with its sign; both in the same unit. */
export function formatShare(part: number | undefined, whole: number | undefined): string {
  if (part === undefined || whole === undefined || whole === 0) return NONE;
  const percent = (part / whole) * 100;
  const text = Math.abs(percent).toFixed(2);
  if (text === '0.00') return '0.00%';
  return `${percent < 0 ? MINUS : '+'}${text}%`;
}

/** The sign of a number as the name of a style. */
export function toneOf(value: number | undefined): 'up' | 'down' | 'even' {
  if (value === undefined || value === 0) return 'even';
  return value > 0 ? 'up' : 'down';
}

/** Writes times of one zone. */
export interface ZoneClock {
  /** `09:31:00` */
  time(us: number): string;
  /** `09:31` */
  minute(us: number): string;
  /** `Jan 5` */
  day(us: number): string;
  /** `Jan 5 09:31:00` */
  dayTime(us: number): string;
  /** `ET`, `UTC` */
  readonly name: string;
}

/** Makes the clock of the exchange's zone: New York for its calendars, else UTC. */
export function zoneClock(calendars: readonly string[]): ZoneClock {
  const newYork = calendars.length === 0 || calendars.some((one) => one.startsWith('XN'));
  const timeZone = newYork ? 'America/New_York' : 'UTC';
  const base = { timeZone, hourCycle: 'h23' } as const;
  const clock = { hour: '2-digit', minute: '2-digit' } as const;
  const seconds = new Intl.DateTimeFormat('en-US', { ...base, ...clock, second: '2-digit' });
  const minutes = new Intl.DateTimeFormat('en-US', { ...base, ...clock });
  const days = new Intl.DateTimeFormat('en-US', { timeZone, month: 'short', day: 'numeric' });
  const known = (us: number, format: Intl.DateTimeFormat): string =>
    us > 0 ? format.format(us / 1_000) : NONE;
  return {
    time: (us) => known(us, seconds),
    minute: (us) => known(us, minutes),
    day: (us) => known(us, days),
    dayTime: (us) => (us > 0 ? `${days.format(us / 1_000)} ${seconds.format(us / 1_000)}` : NONE),
    name: newYork ? 'ET' : 'UTC',
  };
}
