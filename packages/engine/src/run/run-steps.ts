import type { BacktestSeries } from './series-columns.ts';

/** How far a run is. */
export interface RunProgress {
  /** 0 to 1, and never falling: the first half is opinions, bar by bar, the second the slices that follow from them. */
  readonly doneFraction: number;
}

/**
 * Something long in pieces: whoever runs it looks up between two of them, says how far it is, or leaves it there. A piece takes
 * milliseconds; what comes of it is the same however often anybody looks up.
 */
export type RunSteps<T> = Generator<RunProgress, T, undefined>;

/** Bars whose opinions are asked for one by one, in a piece. */
export const ROWS_PER_STEP = 1_024;
/** Slices at which something happens, in a piece of the full path. */
export const SLICES_PER_STEP = 1_024;
/** Slices at which something happens, in a piece of a kernel. */
export const EVENTS_PER_STEP = 65_536;

/** Goes through all pieces at once. */
export function inOnePiece<T>(steps: Generator<unknown, T, undefined>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Counts what is done of a run. */
export class RunMeter {
  readonly #bars: number;
  #asked = 0;
  #said = 0;

  constructor(series: readonly BacktestSeries[]) {
    this.#bars = series.reduce((sum, { bars }) => sum + bars.endUs.length, 0);
  }

  /** Begins anew what has to be done another way; what was said stands. */
  restart(): void {
    this.#asked = 0;
  }

  /** Counts the opinions of so many more bars. */
  asked(bars: number): RunProgress {
    this.#asked += bars;
    return this.asking(0);
  }

  /** Says how far it is with so many opinions that are not counted yet. */
  asking(bars: number): RunProgress {
    return this.#say((this.#asked + bars) / this.#bars / 2);
  }

  /** Says how far it is with so many slices behind it, opinions known. */
  played(slices: number, timelineUs: Float64Array): RunProgress {
    return this.#say((1 + slices / timelineUs.length) / 2);
  }

  #say(fraction: number): RunProgress {
    // Without bars there is nothing to divide by, nor to do.
    this.#said = Math.max(this.#said, Math.min(1, fraction || 0));
    return { doneFraction: this.#said };
  }
}
