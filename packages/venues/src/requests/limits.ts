import { assert } from '@capstan/domain';

/** A vendor's rate is kept in windows of this length: short, so that a burst of history never makes an order wait for long. */
export const WINDOW_MS = 3_000;
/** Of a vendor's rate, what asks for data may use at most: the rest is there for orders at any moment. */
export const DATA_FRACTION = 0.75;
/** Requests for data that are on their way at once. */
export const DATA_CONCURRENCY = 16;
/** Sends of one request, the first included. */
export const ATTEMPTS_MAX = 5;
/** The wait before the second attempt; it doubles with each. */
export const BACKOFF_MS = 250;
export const BACKOFF_MS_MAX = 8_000;
/** A wait differs from its plan by up to this fraction, so that many who failed together do not come back together. */
export const JITTER_FRACTION = 0.2;
/** The longest wait that a vendor's `Retry-After` is followed for; who says more is told to the caller as it is. */
export const RETRY_AFTER_MS_MAX = 120_000;
/** From sending a request to the last byte of its answer. */
export const TIMEOUT_MS = 30_000;

assert(BACKOFF_MS < BACKOFF_MS_MAX, 'a wait can grow');
assert(DATA_FRACTION < 1, 'orders always have a share of the rate');
