/** How long a server may take until it is ready, in milliseconds; crash recovery is included. */
export const START_TIMEOUT_MS = 60_000;
/** How long a graceful stop may take before it is made urgent, in milliseconds. */
export const STOP_GRACE_MS = 10_000;
/** How long an urgent stop may take before the process is killed, in milliseconds. */
export const STOP_URGENT_MS = 3_000;
/** How long a data directory's previous server may take to go away, in milliseconds. */
export const PREDECESSOR_WAIT_MS = 3_000;
/** How often an automatically chosen port is drawn again when somebody else took it meanwhile. */
export const PORT_ATTEMPTS_MAX = 5;
/** How long a fetch of nats-server by another process is waited for, in milliseconds. */
export const FETCH_TIMEOUT_MS = 120_000;
/** How much of a server's output is kept for error messages, in characters. */
export const OUTPUT_TAIL_CHARS = 4_000;
/** How often conditions are looked at, in milliseconds. */
export const POLL_MS = 10;
