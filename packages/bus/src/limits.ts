/** How long a call waits for a lost connection to come back before it is refused, in milliseconds. */
export const CONNECTION_WAIT_MS = 2_000;
/** How long the first connection is tried for, in milliseconds. */
export const FIRST_CONNECT_MS = 30_000;
/** How often a process that may not make the streams looks for them, in milliseconds. */
export const STREAMS_POLL_MS = 1_000;
/** How long one attempt to connect may take, in milliseconds. */
export const DIAL_TIMEOUT_MS = 5_000;
/** How long between attempts to connect, in milliseconds. */
export const RECONNECT_WAIT_MS = 100;
/** How often it is said again that a server does not answer. */
export const SAY_AGAIN_MS = 10_000;
/** How often the connection is pinged; it counts as lost after two pings without an answer, in milliseconds. */
export const PING_MS = 2_000;
/** How long the server may take to answer a management request, in milliseconds. */
export const API_TIMEOUT_MS = 5_000;
/** How long the acknowledgements of a publication may take after the last one came, in milliseconds. */
export const PUBLISH_TIMEOUT_MS = 5_000;
/** How many messages of one publication are under way at once; a server's inbound queue of a stream holds 10,000. */
export const PUBLISH_WINDOW = 512;
/** How long storing or fetching a blob may take, in milliseconds. */
export const BLOB_TIMEOUT_MS = 120_000;
/** How long the server remembers message ids, in milliseconds. */
export const DUPLICATE_WINDOW_MS = 120_000;
/** Most messages of one batch of a subscription unless told. */
export const BATCH_MAX = 256;
/** Most messages that a reader holds and has asked for. */
export const READ_AHEAD_MESSAGES = 1_024;
/** Most bytes that one request of a reader asks for; at most two requests are open. */
export const READ_AHEAD_BYTES = 8 * 1024 * 1024;
/** How long a reader's request for messages lives, in milliseconds. */
export const PULL_EXPIRES_MS = 30_000;
/** How often the server says that it is there while it has nothing, in milliseconds. */
export const HEARTBEAT_MS = 3_000;
/** A reader that hears nothing for so long begins anew, in milliseconds. */
export const SILENCE_MS_MAX = 10_000;
/** How long the server keeps a reader that does not ask, in milliseconds. */
export const READER_INACTIVE_MS = 60_000;
/** First and longest pause between attempts of a reader to begin anew, in milliseconds. */
export const RETRY_MS = { first: 50, most: 2_000 } as const;
/** Most notices held for a listener; beyond it the oldest are dropped. */
export const NOTICES_MAX = 65_536;
/** Most requests answered at once by one server; more wait. */
export const SERVING_MAX = 256;
/** Most requests that wait; beyond it they are left unanswered. */
export const SERVE_QUEUE_MAX = 4_096;
/** Extra time for the server's word that it has no more work, in milliseconds. */
export const TAKE_GRACE_MS = 1_000;
