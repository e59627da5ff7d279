import { assert, type TimeUs, timeUs } from '@capstan/domain';

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** Reads the server's time of day, such as `2026-01-02T03:04:05.123456789Z`, down to the microsecond. */
export function timeOfRfc3339(text: string): TimeUs {
  const parts = RFC3339.exec(text);
  assert(parts !== null, `a time of the server: "${text}"`);
  const fraction = (parts[2] ?? '').padEnd(6, '0').slice(0, 6);
  return timeUs(Date.parse(`${parts[1]}${parts[3]}`) * 1_000 + Number(fraction));
}

/** Reads nanoseconds since the Unix epoch as text, down to the microsecond. */
export function timeOfNanos(text: string): TimeUs {
  return timeUs(Number(text.slice(0, -3)));
}
