/** How true a simulated execution is to a real one: computed, taken as given, or left out. */
export const ASSUMPTION_KINDS = ['modelled', 'assumed', 'not modelled'] as const;
export type AssumptionKind = (typeof ASSUMPTION_KINDS)[number];

/** One thing to know of simulated executions. */
export interface ExecutionAssumption {
  readonly kind: AssumptionKind;
  readonly topic: string;
  /** In words; Markdown code marks are allowed. */
  readonly text: string;
}

type Rows = readonly (readonly [topic: string, text: string])[];

const MODELLED: Rows = [
  [
    'first bar',
    "the first that starts at or after `decidedAtUs`; only inside the sessions of the instrument's calendar",
  ],
  ['market', 'the open, plus slippage against the taker, kept within the bar'],
  [
    'limit',
    'at the open where the bar opens one tick beyond it; else at its price once that trades (`touch`: at it, not beyond)',
  ],
  [
    'stop',
    'at its price where the bar reaches it, at the open where the bar gaps over it, plus slippage within the bar',
  ],
  ['stop-limit', 'triggers like a stop; from then on a limit'],
  [
    'trailing stop',
    'a stop that stays an amount or basis points behind the best price of the bars before, from the activation price on; on the tick away from the market',
  ],
  [
    'exits',
    'stop, take-profit and trail of an entry are orders of its intent (legs 1, 2, 3), made as it first opens something; they share what it opened, grow as it fills, lose what each other and all other orders of the bot close of what they protect, the oldest entry first, and end with it',
  ],
  [
    'entry and exit in one bar',
    'after an entry at the open all exits count, the worse first; after one inside the bar the bad ones alone; after one at the close none',
  ],
  [
    'volume',
    '`maxVolumeFraction` of a bar, down to the lot, shared by what fills at the open, then inside, then at the close, each in the order (`decidedAtUs`, `orderId`); the rest waits',
  ],
  [
    'time in force',
    "`day` ends at the session's close, early closes included; `ioc` after its first bar, at the latest with the session; `gtc` never; `onOpen` fills at the open of the next session's first bar, `onClose` at the close of the bar that ends with the session, or each is cancelled there",
  ],
  [
    'commission',
    "per order, share or contract, or basis points, with a minimum an order; micros, rounded over the order's whole",
  ],
  [
    'split',
    'of working orders: prices to the tick away from the market, open quantity down to the lot, cancelled below one; what was filled stays',
  ],
];

const ASSUMED: Rows = [
  [
    'entry by stop',
    'a stop or stop-limit order of the signal; where the deciding close has reached the stop, a market order or one at the limit',
  ],
  [
    'size by risk',
    'counts the way to the protective stop, or so many ranges, from the worst price that the entry names: gaps, slippage and commission come on top',
  ],
  ['event time', "a fill at the open happens at the bar's start, any other at its end"],
  ['decided while closed', 'belongs to the next session, and ends with it'],
  [
    'two prices in one bar',
    'what fills at the open comes first, exits after all else; then what adds, then stops and trails, then what closes, then take-profits: where nobody knows, the worse. A limit at or beyond a stop comes after it; without exits orders come as they were decided',
  ],
  ['stop and trail in one bar', 'the one that the price reaches first'],
  ['an exit that fills', 'ends all other orders of its bot in the symbol, beside exits'],
  [
    'closing by a signal',
    'a `day` or `gtc` market order that, with the like orders out on its side, is for all that is held cancels the exits as it is taken; before any other order, on-open and on-close ones too, they stay',
  ],
  [
    'an opinion against working orders',
    'cancels the orders of its bot that work on the other side and add, or are to close more than is held by now, a flat one at the market also what was to close at a price or an open, and sends at once only what reduces what is held; at the first slice after they and that order have ended it is decided once more, at the close of then; so is a flat one whose market order expires, or that was decided outside the session and may not wait there',
  ],
  [
    'best price of a trail',
    'after an entry inside a bar that bar counts with its close; after one at the close not at all',
  ],
  [
    'on-open and on-close limits',
    "an open or close at the limit is within it; a session's first bar may start late, its last one must end at the close",
  ],
  [
    'stop-limit triggered inside a bar',
    'only the close surely came after the trigger: fills if it is within the limit, at the worst price that limit and bar allow',
  ],
  ['an open at a limit, or less than a tick beyond', 'is a touch'],
  [
    'stop triggered without volume left',
    'stays triggered: a market order from the next open; a trail follows no further',
  ],
  [
    'fills of one bar',
    'each at its own price: a bar does not move because we trade, beyond slippage and cap',
  ],
  ['slippage in basis points', 'is not rounded to the tick'],
  [
    'bars',
    'go forward: one that starts before the last of its symbol ended (repeated, corrected, other timeframe) matches nothing',
  ],
  [
    'fill at the close that decided',
    'only where a run says so, of a symbol with a bar that ends there; that is then the first bar of an `ioc` order. The price was known to the decision, so no live order can have it',
  ],
];

const NOT_MODELLED: Rows = [
  ['the book', 'queue position, quotes and spread, the volume of auctions, impact beyond a bar'],
  ['the venue', 'halts, extended hours, latency, borrow, self-trade, margin'],
  [
    'prices that move',
    'by a later signal: an entry that works keeps its limit and stop, and stop, take-profit and trail are those of the entry',
  ],
];

const rowsOf = (kind: AssumptionKind, rows: Rows): readonly ExecutionAssumption[] =>
  rows.map(([topic, text]) => ({ kind, topic, text }));

/** What simulated executions model, assume and leave out, as the README and every report list it. */
export const EXECUTION_ASSUMPTIONS: readonly ExecutionAssumption[] = [
  ...rowsOf('modelled', MODELLED),
  ...rowsOf('assumed', ASSUMED),
  ...rowsOf('not modelled', NOT_MODELLED),
];
