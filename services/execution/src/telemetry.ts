/** What this service measures. */
export const METRICS = {
  /** Changes of orders, by account and the state that they led to. */
  orders: 'capstan_execution_orders_total',
  /** Fills, busts and corrections, by account and kind. */
  fills: 'capstan_execution_fills_total',
  /** From the send of an order to the venue's answer. */
  submitSeconds: 'capstan_execution_submit_seconds',
  /** Sends and cancels without a clear answer. */
  unclear: 'capstan_execution_unclear_total',
  /** Orders of which it is not known whether the venue has them. */
  unknown: 'capstan_execution_unknown_orders',
  /** Orders that may still fill. */
  working: 'capstan_execution_working_orders',
  /** Slices dealt with. */
  slices: 'capstan_execution_slices_total',
  /** Venue events of orders that are not ours, and those that make no sense of ours. */
  strangeEvents: 'capstan_execution_strange_events_total',
  /** 0 off, 1 soft, 2 hard. */
  killSwitch: 'capstan_execution_kill_switch',
} as const;
