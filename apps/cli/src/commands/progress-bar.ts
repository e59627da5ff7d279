import { performance } from 'node:perf_hooks';
import { type Progress, progressLine } from './progress-line.ts';

/** How often the bar is drawn, in milliseconds. */
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';
const USUAL_COLUMNS = 80;

/** Where a bar is drawn, and by which time. */
export interface BarPlace {
  readonly stream: {
    readonly isTTY?: boolean;
    /** 0 or absent where the terminal does not say. */
    readonly columns?: number;
    write(text: string): unknown;
  };
  readonly nowMs: () => number;
}

const STANDARD_ERROR: BarPlace = { stream: process.stderr, nowMs: () => performance.now() };

/** A progress bar on the terminal, in one line however narrow that is and without colours; nothing where there is no terminal. */
export class ProgressBar {
  readonly #isTerminal: boolean;
  readonly #place: BarPlace;
  readonly #startMs: number;
  readonly #afterMs: number;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #isShown = false;

  /** @param afterMs what is over sooner is not shown. */
  constructor(isTerminal: boolean, afterMs = 0, place: BarPlace = STANDARD_ERROR) {
    this.#isTerminal = isTerminal && place.stream.isTTY === true;
    this.#place = place;
    this.#startMs = place.nowMs();
    this.#afterMs = afterMs;
  }

  show({ done, count, unit }: Pick<Progress, 'done' | 'count' | 'unit'>): void {
    if (!this.#isTerminal) return;
    const { stream, nowMs: clock } = this.#place;
    const nowMs = clock();
    if (nowMs - this.#startMs < this.#afterMs) return;
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    this.#isShown = true;
    const elapsedMs = nowMs - this.#startMs;
    const line = progressLine({ done, count, elapsedMs, ...(unit === undefined ? {} : { unit }) });
    // In the last column a terminal may already begin a new line.
    stream.write(`${CLEAR_LINE}${line.slice(0, (stream.columns || USUAL_COLUMNS) - 1)}`);
  }

  clear(): void {
    if (this.#isShown) this.#place.stream.write(CLEAR_LINE);
    this.#isShown = false;
  }
}
