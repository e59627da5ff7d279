/** One question about a vendor's time, and its answer. */
export interface ClockSample {
  /** When it was asked, by a clock of ours that never goes back. */
  readonly askedMs: number;
  readonly tookMs: number;
  /** By the vendor's clock, as it answered. */
  readonly toldUs: number;
}

/** What is known of a vendor's clock. */
export interface ClockOffset {
  /** What to add to a time by the clock that never goes back to have the vendor's. */
  readonly offsetUs: number;
  /** How far off that may be: half of the round trip. */
  readonly errorUs: number;
}

/** Samples that are compared: the quickest of the latest counts, as it knows best. */
const KEPT = 8;
/** By how much clocks drift apart meanwhile, at the most. */
const DRIFT_US = 50_000;
const US_PER_MS = 1_000;

/**
 * Measures a vendor's clock against one of ours that never goes back, so that nobody is misled by a wall clock that is set. The vendor read
 * its clock between question and answer, most likely in the middle; of the latest samples the one of the shortest round trip counts.
 */
export class OffsetMeter {
  #samples: ClockOffset[] = [];

  add({ askedMs, tookMs, toldUs }: ClockSample): void {
    const errorUs = Math.ceil((Math.max(0, tookMs) * US_PER_MS) / 2);
    const fresh = { offsetUs: Math.round(toldUs - askedMs * US_PER_MS - errorUs), errorUs };
    const { best } = this;
    // What two samples cannot both be right about: the vendor's clock was set.
    const isSet =
      best !== undefined &&
      Math.abs(fresh.offsetUs - best.offsetUs) > fresh.errorUs + best.errorUs + DRIFT_US;
    if (isSet) this.#samples = [];
    this.#samples.push(fresh);
    if (this.#samples.length > KEPT) this.#samples.shift();
  }

  /** Returns the best that is known, the latest of equals; `undefined` before the first sample. */
  get best(): ClockOffset | undefined {
    return this.#samples.reduce<ClockOffset | undefined>(
      (best, one) => (best === undefined || one.errorUs <= best.errorUs ? one : best),
      undefined,
    );
  }
}
