/** Writes times of the exchange's wall; dates alone where bars are sessions. */
export interface Clock {
  /** `2024-01-31` or `2024-01-31 15:30`. */
  full(seconds: number): string;
  /** A tick of a time axis; kinds are those of the chart library: 0 year, 1 month, 2 day, then times. */
  tick(seconds: number, kind: number): string;
}

/** Makes the clock of a zone. */
export function clockOf(timeZone: string, intraday: boolean): Clock {
  const of = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...options });
    return (seconds: number) => format.format(seconds * 1_000);
  };
  const iso = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  const time = of({ hour: '2-digit', minute: '2-digit' });
  const ticks = [
    of({ year: 'numeric' }),
    of({ month: 'short' }),
    of({ month: 'short', day: 'numeric' }),
  ];
  const date = (seconds: number): string => iso.format(seconds * 1_000);
  return {
    full: (seconds) => (intraday ? `${date(seconds)} ${time(seconds)}` : date(seconds)),
    tick: (seconds, kind) => (ticks[kind] ?? time)(seconds),
  };
}
