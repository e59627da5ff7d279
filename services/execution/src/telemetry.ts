/** What this service measures. All carry the label account. */
export const METRICS = {
  orders: 'capstan_execution_orders_total',
  fills: 'capstan_execution_fills_total',
  sendDelaySeconds: 'capstan_execution_send_delay_seconds',
  submitSeconds: 'capstan_execution_submit_seconds',
  fillSeconds: 'capstan_execution_fill_seconds',
  unclear: 'capstan_execution_unclear_total',
  unknown: 'capstan_execution_unknown_orders',
  working: 'capstan_execution_working_orders',
  slices: 'capstan_execution_slices_total',
  strangeEvents: 'capstan_execution_strange_events_total',
  foreignFills: 'capstan_execution_foreign_fills_total',
  killSwitch: 'capstan_execution_kill_switch',
  breakerOpen: 'capstan_execution_breaker_open',
} as const;

/** What the metrics page says of them. */
export const INSTRUMENTS = {
  [METRICS.orders]: { help: 'Changes of orders, by account and the state that they led to.' },
  [METRICS.fills]: { help: 'Fills, busts and corrections, by account and kind.' },
  [METRICS.submitSeconds]: { help: "From the send of an order to the venue's answer, in seconds." },
  [METRICS.sendDelaySeconds]: {
    help: 'From what led to an order stored on the bus, such as its approval, to its send, in seconds.',
  },
  [METRICS.fillSeconds]: {
    help: "From an order's decision to its fill, by the market's time, in seconds.",
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400],
  },
  [METRICS.unclear]: { help: 'Calls to a venue without a clear answer, by account and call.' },
  [METRICS.unknown]: { help: 'Orders of which it is not known whether the venue has them.' },
  [METRICS.working]: { help: 'Orders that have not ended.' },
  [METRICS.slices]: { help: 'Slices dealt with, by account and feed.' },
  [METRICS.foreignFills]: { help: 'Fills of orders that are not ours.' },
  [METRICS.strangeEvents]: { help: 'Venue events that fit no order of ours, by account and kind.' },
  [METRICS.killSwitch]: { help: 'The kill switch: 0 off, 1 soft, 2 hard.' },
  [METRICS.breakerOpen]: { help: 'The breaker: 0 closed, 1 open.' },
} as const;
