import { RESTART_DELAY_MS_MAX, RESTART_DELAY_MS_MIN, RESTART_RESET_MS } from '../limits.ts';

/** How long to wait before a crashed process is started again: 250 ms, doubling to 10 s; 30 s of health forgive all. */
export class RestartBackoff {
  #next = RESTART_DELAY_MS_MIN;

  /**
   * Returns the pause before the next start, in milliseconds.
   * @param healthyForMs how long the process had been well, without a break, until it ended.
   */
  afterCrash(healthyForMs: number): number {
    if (healthyForMs >= RESTART_RESET_MS) this.#next = RESTART_DELAY_MS_MIN;
    const delayMs = this.#next;
    this.#next = Math.min(RESTART_DELAY_MS_MAX, delayMs * 2);
    return delayMs;
  }
}
