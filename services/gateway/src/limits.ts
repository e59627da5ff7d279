/** Bounds of this service. */
export const LIMITS = {
  listDefault: 200,
  listMax: 1_000,
  barsDefault: 600,
  barsMax: 10_000,
  equityDefault: 600,
  equityMax: 5_000,
  whyDefault: 60,
  jobsMax: 200,
  rpcTimeoutMs: 4_000,
  /** How long a replay of a session may take. */
  replayTimeoutMs: 120_000,
  /** Commands wait for the owner of their key. */
  commandTimeoutMs: 8_000,
  healthTimeoutMs: 1_000,
  bodyBytesMax: 65_536,
  textLengthMax: 500,
  symbolsMax: 1_000,
  /** Live events gather so long before they leave together: at most ten updates a second. */
  flushMs: 100,
  heartbeatMs: 15_000,
  /** Pause before a lost stream is opened again. */
  reopenMs: 1_000,
  /** Rows of one kind that may gather between two flushes before viewers are told to read anew. */
  batchRowsMax: 2_000,
  /** Events that wait for one slow viewer. */
  viewerEventsMax: 256,
  /** Characters that wait for one slow viewer. */
  viewerCharactersMax: 4_194_304,
  viewersMax: 64,
  /** How long a socket may stay full. */
  viewerStalledMs: 20_000,
  /** How long a token that the store has confirmed is taken without asking again. */
  tokenFreshMs: 15_000,
  /** How long a confirmed token still counts while the store is down, so that a kill can be given. */
  tokenStaleMs: 3_600_000,
  tokensRemembered: 1_024,
  requestsPerSecond: 50,
  requestsBurst: 200,
  /** What a refused login costs, in requests. */
  refusedLoginCost: 10,
  clientsRemembered: 4_096,
  /** How long what makes things safer waits for its audit row; the row goes on by itself. */
  auditWaitMs: 500,
} as const;
