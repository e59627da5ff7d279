/** What owners measure of themselves. A role is the first part of a key: `feed`, `bot`, `risk`, `execution`, `report`, … */
export const METRICS = {
  hopSeconds: 'capstan_journal_hop_seconds',
  inputLagSeconds: 'capstan_journal_input_lag_seconds',
  stepSeconds: 'capstan_journal_step_seconds',
  commitSeconds: 'capstan_journal_commit_seconds',
  publishSeconds: 'capstan_journal_publish_seconds',
  messages: 'capstan_journal_messages_total',
  repeats: 'capstan_journal_repeats_total',
  gaps: 'capstan_journal_gaps_total',
  keys: 'capstan_journal_keys',
  owned: 'capstan_journal_owned',
  unpublished: 'capstan_journal_unpublished_messages',
} as const;

/** What has waited for its owner may be old: up to an hour. */
const LAG_BUCKETS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600,
];

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.hopSeconds]: {
    help: 'From a message stored on the bus to what its reader made of it stored there, by role.',
    buckets: LAG_BUCKETS,
  },
  [METRICS.inputLagSeconds]: {
    help: 'From a message stored on the bus to its owner taking it in hand, the oldest of a batch, by role.',
    buckets: LAG_BUCKETS,
  },
  [METRICS.stepSeconds]: {
    help: 'What an owner does at once: messages, commands or items of a source, by role, kind and outcome.',
  },
  [METRICS.commitSeconds]: { help: 'Transactions of steps, by role.' },
  [METRICS.publishSeconds]: { help: 'From a commit to its messages on the bus, by role.' },
  [METRICS.messages]: { help: 'Messages that owners took, by role.' },
  [METRICS.repeats]: { help: 'Messages that came again and were dropped, by key.' },
  [METRICS.gaps]: { help: 'Messages that the bus had lost and the journal gave, by key.' },
  [METRICS.keys]: { help: 'Keys of this process, by role and status.' },
  [METRICS.owned]: { help: '1 where this process owns the key, else 0.' },
  [METRICS.unpublished]: { help: 'Committed messages that are not on the bus yet, by role.' },
} as const;
