import { performance } from 'node:perf_hooks';
import { type Progress, progressLine } from './progress-line.ts';

/** How often the bar is drawn, in milliseconds. */
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

/** A progress bar on the terminal; nothing where there is none. */
export class ProgressBar {
  readonly #isTerminal: boolean;
  readonly #startMs = performance.now();
  #drawnMs = Number.NEGATIVE_INFINITY;
  #isShown = false;

  constructor(isTerminal: boolean) {
    this.#isTerminal = isTerminal && process.stderr.isTTY === true;
  }

  show({ done, count }: Pick<Progress, 'done' | 'count'>): void {
    if (!this.#isTerminal) return;
    const nowMs = performance.now();
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    this.#isShown = true;
    const elapsedMs = nowMs - this.#startMs;
    const line = progressLine({ done, count, elapsedMs });
    process.stderr.write(`${CLEAR_LINE}${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  clear(): void {
    if (this.#isShown) process.stderr.write(CLEAR_LINE);
    this.#isShown = false;
  }
}
