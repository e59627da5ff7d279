/** What is left of a minute. */
export interface RateWindow {
  readonly limit: number;
  /** Negative once there were too many. */
  readonly left: number;
  /** Unix seconds. */
  readonly resetAtS: number;
}

const WINDOW_MS = 60_000;

/** Counts requests by minutes of the wall's clock, each key by itself. */
export class RateWindows {
  readonly #wallMs: () => number;
  readonly #windows = new Map<string, { readonly number: number; used: number }>();

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  /** Counts a request; returns how the minute stands after it. */
  take(key: string, limit: number): RateWindow {
    const number = Math.floor(this.#wallMs() / WINDOW_MS);
    const known = this.#windows.get(key);
    const window = known?.number === number ? known : { number, used: 0 };
    this.#windows.set(key, window);
    window.used += 1;
    return { limit, left: limit - window.used, resetAtS: ((number + 1) * WINDOW_MS) / 1_000 };
  }
}
