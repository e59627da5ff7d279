/** What this service measures. */
export const METRICS = {
  requests: 'capstan_gateway_requests_total',
  requestSeconds: 'capstan_gateway_request_seconds',
  viewers: 'capstan_gateway_viewers',
  viewersDropped: 'capstan_gateway_viewers_dropped_total',
  liveEvents: 'capstan_gateway_live_events_total',
  queue: 'capstan_gateway_backtest_queue_jobs',
  malformed: 'capstan_gateway_malformed_messages_total',
} as const;

/** What people read of each measurement. */
export const INSTRUMENTS = {
  [METRICS.requests]: { help: 'Requests answered, by route, method and status.' },
  [METRICS.requestSeconds]: { help: 'How long requests take, by route.' },
  [METRICS.viewers]: { help: 'Dashboards that follow the live events now.' },
  [METRICS.viewersDropped]: { help: 'Dashboards let go because they did not keep up.' },
  [METRICS.liveEvents]: { help: 'Live events told to all viewers together.' },
  [METRICS.queue]: { help: 'Jobs in the queue of backtests, by state: waiting or in_hand.' },
  [METRICS.malformed]: { help: 'Messages of the bus that could not be read.' },
} as const;
