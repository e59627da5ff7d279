import { performance } from 'node:perf_hooks';
import { type Progress, progressLine } from './progress-line.ts';

/** How often the bar is drawn, in milliseconds. */
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

/** A progress bar on the terminal; nothing where there is none. */
export class ProgressBar {
  readonly #isTerminal: boolean;
  readonly #startMs = performance.now();
  readonly #afterMs: number;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #isShown = false;

  /** @param afterMs what is over sooner is not shown. */
  constructor(isTerminal: boolean, afterMs = 0) {
    this.#isTerminal = isTerminal && process.stderr.isTTY === true;
    this.#afterMs = afterMs;
  }

  show({ done, count, unit }: Pick<Progress, 'done' | 'count' | 'unit'>): void {
    if (!this.#isTerminal) return;
    const nowMs = performance.now();
    if (nowMs - this.#startMs < this.#afterMs) return;
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    this.#isShown = true;
    const elapsedMs = nowMs - this.#startMs;
    const line = progressLine({ done, count, elapsedMs, ...(unit === undefined ? {} : { unit }) });
    process.stderr.write(`${CLEAR_LINE}${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  clear(): void {
    if (this.#isShown) process.stderr.write(CLEAR_LINE);
    this.#isShown = false;
  }
}
