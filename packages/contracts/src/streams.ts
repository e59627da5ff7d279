/** A JetStream stream as data. */
export interface StreamDefinition {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly retention: 'limits' | 'workqueue';
  /** What gives way when a limit is reached: the oldest messages, or the new one (refused, with an alarm). */
  readonly discard: 'old' | 'new';
  readonly maxAgeMs?: number;
  readonly maxBytes?: number;
  readonly maxMessages?: number;
}

const DAY_MS = 86_400_000;
const GIB = 1024 ** 3;

/** Every stream there is. */
export const STREAMS: readonly StreamDefinition[] = [
  {
    name: 'MARKET',
    subjects: ['market.bar.>', 'market.closed.>'],
    retention: 'limits',
    discard: 'old',
    maxAgeMs: 7 * DAY_MS,
    maxBytes: 2 * GIB,
  },
  // Quotes are many, and old ones worth nothing: they must not push bars out.
  {
    name: 'QUOTES',
    subjects: ['market.quote.>', 'market.option.>'],
    retention: 'limits',
    discard: 'old',
    maxAgeMs: DAY_MS / 24,
    maxBytes: GIB / 4,
  },
  {
    name: 'TRADING',
    subjects: ['trading.>'],
    retention: 'limits',
    discard: 'new',
    maxBytes: 4 * GIB,
  },
  {
    name: 'POSITION',
    subjects: ['position.>'],
    retention: 'limits',
    discard: 'new',
    maxBytes: GIB,
  },
  // Notices of commands are on `control.` too, and are not stored.
  {
    name: 'CONTROL',
    subjects: ['control.session.>'],
    retention: 'limits',
    discard: 'old',
    maxAgeMs: 7 * DAY_MS,
    maxBytes: GIB / 16,
  },
  {
    name: 'BACKTEST_WORK',
    subjects: ['backtest.work.>'],
    retention: 'workqueue',
    discard: 'new',
    maxBytes: GIB,
  },
  {
    name: 'BACKTEST_EVENTS',
    subjects: ['backtest.event.>', 'backtest.dead.>'],
    retention: 'limits',
    discard: 'old',
    maxAgeMs: 30 * DAY_MS,
    maxBytes: GIB,
  },
];

/** Every key-value bucket there is. */
export const KV_BUCKETS: readonly { readonly name: string; readonly history: number }[] = [
  { name: 'leases', history: 1 },
  { name: 'switches', history: 8 },
  { name: 'alerts', history: 1 },
];

/** The classes of work; one is what one process computes by itself. */
export const WORK_CLASSES = ['run'] as const;

/** How the consumers of the work queue behave. */
export const WORK_CONSUMER = { ackWaitMs: 30_000, maxDeliver: 5 } as const;
