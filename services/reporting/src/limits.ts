/** Bounds of this service. */
export const LIMITS = {
  /** Points of one answer. */
  pointsMax: 2_000,
  /** Most points read for one answer, before they are thinned. */
  pointsRead: 200_000,
  fillsRead: 100_000,
  /** How long a channel may take with one message. */
  sendTimeoutMs: 8_000,
  /** The longest pause that a channel may ask for. */
  channelWaitSecondsMax: 3_600,
} as const;
