import type { Calendar } from '@capstan/calendar';
import type { Bar, PriceNanos, TimeUs } from '@capstan/domain';
import { type BarKernel, sessionVwap, sma, type ValueKernel } from '@capstan/indicators';

/** What is known of an underlying as of the end of a minute. */
export interface UnderlyingValues {
  /** End of the last minute with a trade. */
  readonly endUs: TimeUs;
  readonly closeNanos: PriceNanos;
  /** Mean of (high + low + close) ÷ 3 weighted by volume from the session's open, in nanos. */
  readonly vwapNanos?: number;
  /** Simple mean of the last nine closes of minutes, in nanos. */
  readonly ma9Nanos?: number;
}

const MA_PERIOD = 9;

/**
 * The session's VWAP and the mean of nine closes over minutes of the regular session, by the same kernels as everywhere. A minute that
 * comes late, or is corrected, is put in its place and the values follow anew: a session is few minutes.
 */
export class UnderlyingMinutes {
  readonly #calendar: Calendar;
  /** Minutes of this session and those before it that the mean reaches back to, by their start, oldest first. */
  #bars: Bar[] = [];
  #vwap: BarKernel = sessionVwap.create({});
  #mean: ValueKernel = sma.create({ period: MA_PERIOD });
  #values: UnderlyingValues | undefined;

  constructor(calendar: Calendar) {
    this.#calendar = calendar;
  }

  get values(): UnderlyingValues | undefined {
    return this.#values;
  }

  /** Takes a minute; one outside the session, or that is there already, counts for nothing. @returns true where it counts. */
  take(bar: Bar): boolean {
    if (this.#calendar.sessionAt(bar.startUs) === undefined) return false;
    const at = this.#bars.findLastIndex(({ startUs }) => startUs <= bar.startUs);
    const before = this.#bars[at];
    if (before?.startUs === bar.startUs) {
      if (isSame(before, bar)) return false;
      this.#bars[at] = bar;
    } else this.#bars.splice(at + 1, 0, bar);
    if (this.#bars.at(-1) === bar && before?.startUs !== bar.startUs) this.#step(bar);
    else this.#again();
    this.#forget();
    return true;
  }

  #step(bar: Bar): void {
    const sessionOpenUs = this.#calendar.sessionAt(bar.startUs)?.openUs;
    const vwapNanos = this.#vwap.next({ ...bar, sessionOpenUs });
    const ma9Nanos = this.#mean.next(bar.closeNanos);
    this.#values = {
      endUs: bar.endUs,
      closeNanos: bar.closeNanos,
      ...(vwapNanos === undefined ? {} : { vwapNanos }),
      ...(ma9Nanos === undefined ? {} : { ma9Nanos }),
    };
  }

  #again(): void {
    this.#vwap = sessionVwap.create({});
    this.#mean = sma.create({ period: MA_PERIOD });
    for (const bar of this.#bars) this.#step(bar);
  }

  /** Lets minutes of earlier sessions go that nothing reaches back to. */
  #forget(): void {
    const openUs = this.#calendar.sessionAt(this.#bars.at(-1)?.startUs ?? 0)?.openUs ?? 0;
    const first = this.#bars.findIndex(({ startUs }) => startUs >= openUs);
    if (first > MA_PERIOD) this.#bars = this.#bars.slice(first - MA_PERIOD);
  }
}

function isSame(a: Bar, b: Bar): boolean {
  return (
    a.openNanos === b.openNanos &&
    a.highNanos === b.highNanos &&
    a.lowNanos === b.lowNanos &&
    a.closeNanos === b.closeNanos &&
    a.volume === b.volume
  );
}
