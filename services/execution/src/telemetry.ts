/** What this service measures. All carry the label account. */
export const METRICS = {
  orders: 'capstan_execution_orders_total',
  fills: 'capstan_execution_fills_total',
  submitSeconds: 'capstan_execution_submit_seconds',
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
  [METRICS.unclear]: { help: 'Calls to a venue without a clear answer, by account and call.' },
  [METRICS.unknown]: { help: 'Orders of which it is not known whether the venue has them.' },
  [METRICS.working]: { help: 'Orders that have not ended.' },
  [METRICS.slices]: { help: 'Slices dealt with, by account and feed.' },
  [METRICS.foreignFills]: { help: 'Fills of orders that are not ours.' },
  [METRICS.strangeEvents]: { help: 'Venue events that fit no order of ours, by account and kind.' },
  [METRICS.killSwitch]: { help: 'The kill switch: 0 off, 1 soft, 2 hard.' },
  [METRICS.breakerOpen]: { help: 'The breaker: 0 closed, 1 open.' },
} as const;
