export const ALPACA_FEEDS = ['iex', 'sip', 'delayed_sip'] as const;
/** Where trades come from: `iex`, one exchange, on every plan; `sip`, all of them; `delayed_sip`, all of them 15 minutes late. */
export type AlpacaFeed = (typeof ALPACA_FEEDS)[number];

export const ALPACA_OPTION_FEEDS = ['indicative', 'opra'] as const;
/** `indicative`: derived, on every plan; `opra`: what the exchanges say. */
export type AlpacaOptionFeed = (typeof ALPACA_OPTION_FEEDS)[number];

export const ALPACA_STREAM_MODES = ['websocket', 'poll'] as const;
/** `websocket`: all that is streamed, within the plan's number of symbols; `poll`: bars of complete minutes, of any number. */
export type AlpacaStreamMode = (typeof ALPACA_STREAM_MODES)[number];
