import { timeUs, US_PER_MINUTE } from '@capstan/domain';
import fc from 'fast-check';
import { ALERT_KINDS, ALERT_LEVELS, type Alert, type ToldAlert } from './alert.ts';
import { KINDS_BY_DEFAULT, type Route } from './route.ts';

/** 2026-01-05 00:00 UTC, a Monday. */
export const DAY_US = 1_767_571_200_000_000;
export const minute = (count: number) => timeUs(DAY_US + count * US_PER_MINUTE);

/** Makes an alert of which only what matters is said. */
export function alert(fields: Partial<Alert> = {}): Alert {
  return {
    kind: 'drift',
    level: 'warning',
    key: 'drift/paper/SPY',
    title: 'SPY differs',
    text: 'Look at it.',
    atUs: minute(0),
    ...fields,
  };
}

export function told(fields: Partial<ToldAlert> = {}): ToldAlert {
  return { ...alert(fields), sequence: 1, count: 1, ...fields };
}

export function route(channel: string, fields: Partial<Route> = {}): Route {
  return { channel, minLevel: 'info', kinds: KINDS_BY_DEFAULT, ...fields };
}

/** Any alert, of few keys, so that they repeat. */
export const anyAlert: fc.Arbitrary<Alert> = fc.record({
  kind: fc.constantFrom(...ALERT_KINDS),
  level: fc.constantFrom(...ALERT_LEVELS),
  key: fc.constantFrom('a', 'b', 'c'),
  title: fc.string({ maxLength: 40 }),
  text: fc.string({ maxLength: 80 }),
  atUs: fc.constant(minute(0)),
});
