import { assert, US_PER_DAY, US_PER_MINUTE, US_PER_MS } from '@capstan/domain';

/** Requests a minute that Alpaca grants to an account unless its plan says otherwise. */
export const REQUESTS_PER_MINUTE = 200;
/** How long after a send an order may still not be found by its client id. */
export const VISIBILITY_MS = 3_000;
/** How often orders and fills are looked over while the stream looks healthy: it may have lost a message. */
export const LOOK_EVERY_MS = 15_000;
/** How soon it is looked again where something is known to be missing, or a look failed; it doubles up to the schedule. */
export const LOOK_AGAIN_MS = 500;
/** The first wait before a connection is made anew; it doubles. */
export const RECONNECT_MS = 250;
export const RECONNECT_MS_MAX = 15_000;
/** How long a connection may take until it listens. */
export const LISTEN_MS = 10_000;
/** Fills are looked for from so long before the last that was told: lists may be late. */
export const FILLS_OVERLAP_US = 5 * US_PER_MINUTE;
/** The same as a stream begins: what the last process told may not have been written. */
export const BEGIN_OVERLAP_US = 60 * US_PER_MINUTE;
/** How long what has ended is kept in memory: trades are taken back, or told anew, within the day. */
export const KEPT_US = 2 * US_PER_DAY;
/** How long an order that was sent is looked for: Alpaca shows it by then, or never had it. */
export const WATCHED_MS = 600_000;
/** How long a call may take before its outcome counts as not known. */
export const CALL_TIMEOUT_MS = 5_000;

assert(LOOK_AGAIN_MS < LOOK_EVERY_MS, 'what is missing is looked for sooner');
assert(VISIBILITY_MS < LOOK_EVERY_MS, 'an order is seen by the next look');
assert(WATCHED_MS * US_PER_MS < KEPT_US, 'what is looked for is not forgotten');
