import type { TimeUs } from '@capstan/domain';

/** The only source of time for logic. */
export interface Clock {
  /** Wall-clock time in UTC microseconds. */
  nowUs(): TimeUs;
  /** Milliseconds of a clock that never goes back; only differences mean anything. */
  monotonicMs(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
