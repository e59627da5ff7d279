import { assert, type Bar, priceNanos, timeUs } from '@capstan/domain';
import { type ResampleTarget, SessionBuckets } from './session-bucket.ts';

/** A bar that is being built: plain data. */
export interface ResamplerState {
  /** What there is of it; null between two bars. */
  readonly open: Bar | null;
  /** Nothing older comes; null before the first watermark. */
  readonly watermarkUs: number | null;
}

/**
 * Builds bars of a longer timeframe of one symbol as one-minute bars come: the streaming form of `resampleColumns`, with the same bars. A bar
 * is given out when the watermark reaches its end, never before: until then a late minute may still belong to it.
 */
export class BarResampler {
  readonly #target: ResampleTarget;
  readonly #buckets: SessionBuckets;
  #open: Bar | undefined;
  #watermarkUs = Number.NEGATIVE_INFINITY;

  constructor(target: ResampleTarget) {
    this.#target = target;
    this.#buckets = new SessionBuckets(target);
  }

  /**
   * Takes the next bar of the symbol; one outside the regular session counts for nothing. Close first what the bar's start
   * has ended.
   * @throws ENGINE.RESAMPLE where it lies across two of the longer bars.
   */
  push(bar: Bar): void {
    assert(bar.endUs > this.#watermarkUs, 'a bar comes before the watermark of its end');
    if (!this.#buckets.find(bar.startUs, bar.endUs)) return;
    const { startUs, endUs } = this.#buckets;
    const open = this.#open;
    if (open === undefined) {
      const { timeframe } = this.#target;
      this.#open = {
        ...bar,
        timeframe,
        revision: 0,
        startUs: timeUs(startUs),
        endUs: timeUs(endUs),
      };
      return;
    }
    assert(open.startUs === startUs && open.symbol === bar.symbol, 'what has ended was closed');
    const volume = open.volume + bar.volume;
    assert(Number.isSafeInteger(volume), 'the volume of a bar is a safe integer');
    this.#open = {
      ...open,
      highNanos: priceNanos(Math.max(open.highNanos, bar.highNanos)),
      lowNanos: priceNanos(Math.min(open.lowNanos, bar.lowNanos)),
      closeNanos: bar.closeNanos,
      volume,
    };
  }

  /** Takes the statement that nothing older than a time will come. @returns the bar that it ends, if any. */
  closeUntil(watermarkUs: number): Bar | undefined {
    assert(watermarkUs >= this.#watermarkUs, 'a watermark never goes back');
    this.#watermarkUs = watermarkUs;
    const open = this.#open;
    if (open === undefined || open.endUs > watermarkUs) return undefined;
    this.#open = undefined;
    return open;
  }

  /** Returns the state as plain data that survives JSON without loss. */
  snapshot(): ResamplerState {
    const watermarkUs = Number.isFinite(this.#watermarkUs) ? this.#watermarkUs : null;
    return { open: this.#open ?? null, watermarkUs };
  }

  /** Replaces the state by that of a snapshot of the same target. */
  restore({ open, watermarkUs }: ResamplerState): void {
    this.#open = open ?? undefined;
    this.#watermarkUs = watermarkUs ?? Number.NEGATIVE_INFINITY;
  }
}
