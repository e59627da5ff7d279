/**
 * Returns how long a vendor asks to wait: `Retry-After` in seconds or as a date, else the moment of `X-RateLimit-Reset`.
 * @param nowMs the time now, since the epoch.
 * @returns milliseconds, `undefined` where it says nothing that can be read.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const after = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(after)) return Number(after) * 1_000;
  const date = after === '' ? Number.NaN : Date.parse(after);
  if (!Number.isNaN(date)) return Math.max(0, date - nowMs);
  const reset = headers.get('x-ratelimit-reset')?.trim() ?? '';
  return /^\d{9,11}$/.test(reset) ? Math.max(0, Number(reset) * 1_000 - nowMs) : undefined;
}
