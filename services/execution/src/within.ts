import type { Clock } from '@capstan/ports';

/** Waits for `work`, but not for longer; it goes on by itself. @throws what `work` does in that time. */
export async function within<T>(
  clock: Clock,
  waitMs: number,
  work: Promise<T>,
): Promise<T | undefined> {
  const waited = new AbortController();
  const late = clock.sleep(waitMs, waited.signal).then(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    waited.abort();
  }
}
