import { timeUs } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
import { CLOCK_DRIFT_MS_MAX, TIMER_MS_MAX } from './limits.ts';

/**
 * Makes the clock of the real world: microseconds between the system clock's milliseconds come from the monotonic
 * clock, and steps of the system clock are followed.
 */
export function createSystemClock(): Clock {
  let anchorMs = Date.now() - performance.now();
  return {
    nowUs: () => {
      const systemMs = Date.now();
      let fineMs = anchorMs + performance.now();
      if (Math.abs(fineMs - systemMs) > CLOCK_DRIFT_MS_MAX) {
        anchorMs = systemMs - performance.now();
        fineMs = systemMs;
      }
      return timeUs(Math.round(fineMs * 1_000));
    },
    monotonicMs: () => performance.now(),
    sleep,
  };
}

/** The clock of the real world. */
export const systemClock: Clock = createSystemClock();

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let leftMs = Math.max(0, ms);
  do {
    const stepMs = Math.min(leftMs, TIMER_MS_MAX);
    await sleepOnce(stepMs, signal);
    leftMs -= stepMs;
  } while (leftMs > 0 && signal?.aborted !== true);
}

function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
