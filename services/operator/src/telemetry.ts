/** What this service measures. */
export const METRICS = {
  resources: 'capstan_operator_resources',
  acts: 'capstan_operator_acts_total',
  failures: 'capstan_operator_failures_total',
  leading: 'capstan_operator_leading',
} as const;

/** What the metrics page says of them. */
export const INSTRUMENTS = {
  [METRICS.resources]: { help: 'Resources that are followed, by kind.' },
  [METRICS.acts]: { help: 'Wishes that were passed to the platform, by kind and what was asked.' },
  [METRICS.failures]: {
    help: 'Resources that could not be looked after, by kind; each is tried again.',
  },
  [METRICS.leading]: { help: 'Whether this process is the one that acts: 1 or 0.' },
} as const;
