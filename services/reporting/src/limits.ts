/** Bounds of this service. */
export const LIMITS = {
  /** Points of one answer. */
  pointsMax: 2_000,
  /** Most points read for one answer, before they are thinned. */
  pointsRead: 200_000,
  fillsRead: 100_000,
  /** How long a channel may take with one message. */
  sendTimeoutMs: 6_000,
  /** How long an owner that stops waits for messages that are under way. */
  drainSendMs: 3_000,
  /** How often is looked for what is due. */
  alertTickMs: 1_000,
  /** How often the feeds are asked how far they are. */
  feedPollMs: 10_000,
  feedTimeoutMs: 4_000,
  /** How often it is written down how far the streams have been read, where nothing else is. */
  alertCheckpointUs: 60_000_000,
  /** The longest pause that a channel may ask for. */
  channelWaitSecondsMax: 3_600,
  /** Messages after which it is written down how far the ends of sessions are heard. */
  replayHeard: 1_000,
  /** Messages of the journal that a replay reads at once. */
  replayPage: 1_000,
  /** Bars of its slices that a replay reads at once, revisions not counted; those of one slice in any case. */
  replayBars: 10_000,
  /** Most bars that a bot is warmed up by in a replay: as many as live's. */
  replayHistory: 500_000,
  /** Differences of a bot that are stored with a session, or answered. */
  replayDifferences: 500,
  /** Sessions of one answer, one an account. */
  replaysListed: 1_000,
  /** Revisions of a bar that a replay reads, of those of a page together. */
  replayRevisions: 3,
  /** Intents of one look-up, and how many are known without one. */
  replayIntents: 10_000,
  /** Characters of a checkpoint: one that is larger is not kept. */
  replayCheckpointChars: 64 * 1_024 * 1_024,
} as const;
