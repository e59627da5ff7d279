/** How long one health check may take before it counts as failed, in milliseconds. */
export const CHECK_TIMEOUT_MS = 1_000;
/** How often the gRPC health status follows the checks, in milliseconds. */
export const HEALTH_REFRESH_MS = 1_000;
/** How long a service that has met a bug, or lost its supervisor, may still drain, in milliseconds. */
export const CRASH_DRAIN_MS = 2_000;
/** How long telemetry may take to leave at the end, in milliseconds. */
export const TELEMETRY_FLUSH_MS = 1_000;
/** How deep log fields are looked into for secrets. */
export const LOG_DEPTH_MAX = 6;
/** Secrets shorter than this are not searched for in log lines: they would hit ordinary words. */
export const SECRET_LENGTH_MIN = 6;
/** The longest single timer, in milliseconds; longer sleeps are cut into several. */
export const TIMER_MS_MAX = 2_147_483_647;
/** How far the fine clock may stray from the system's before it follows, in milliseconds. */
export const CLOCK_DRIFT_MS_MAX = 2;
