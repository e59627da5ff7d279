/**
 * An independent calculation of backtests: plain, slow, obvious. It shares no arithmetic, no matching, no sizing and no strategy
 * with what it confirms: all amounts are BigInt, strategies are lists of what is wanted at each bar, everything is an array.
 * Prices and amounts a unit are nanos, cash is micros, quantities are at the instrument's scale, fractions and rates are whole
 * parts as named.
 */

export interface OracleBar {
  readonly startUs: number;
  readonly endUs: number;
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
  readonly volume: bigint;
}

export interface OracleSession {
  readonly date: string;
  readonly openUs: number;
  readonly closeUs: number;
}

export type OracleTimeInForce = 'day' | 'gtc' | 'ioc' | 'onOpen' | 'onClose';

/** What is wanted of a symbol from one bar on: 1 long, 0 flat, -1 short. */
export interface OracleWant {
  readonly direction: 1 | 0 | -1;
  /** Millionths of the full size. */
  readonly strength: bigint;
  readonly limit?: bigint;
  /** Enter once this price trades. */
  readonly entryStop?: bigint;
  readonly stop?: bigint;
  readonly target?: bigint;
  readonly trail?: bigint;
  /** Ten-thousandths of a basis point. */
  readonly trailRate?: bigint;
  readonly timeInForce?: OracleTimeInForce;
}

export type OracleAction =
  | { readonly kind: 'split'; readonly exDate: string; readonly to: bigint; readonly from: bigint }
  | {
      readonly kind: 'dividend';
      readonly exDate: string;
      readonly payDate?: string;
      readonly amount: bigint;
    };

/** What one bot wants of one symbol, and all that is known of that symbol. */
export interface OracleSymbol {
  readonly bot: string;
  readonly symbol: string;
  readonly tick: bigint;
  readonly lot: bigint;
  /** Quantity units in one whole share or contract. */
  readonly unit: bigint;
  /** Currency units for each whole unit and point of price. */
  readonly multiplier: bigint;
  /** Its fills move no notional: what is closed settles, and what is open is in equity by what it has gained. */
  readonly isFuture: boolean;
  readonly calendar: string;
  /** The clock of its exchange, ahead of UTC. */
  readonly offsetMinutes: number;
  readonly bars: readonly OracleBar[];
  /** One for each bar; `undefined`: no new opinion. */
  readonly wants: readonly (OracleWant | undefined)[];
  readonly actions: readonly OracleAction[];
  /** In order of time, beyond the last bar too. */
  readonly sessions: readonly OracleSession[];
}

/** When something may be opened: all bounds that are given hold at once. */
export interface OracleSchedule {
  /** From 0, a Sunday. */
  readonly days?: readonly number[];
  /** Minutes of the day; where `until` is not after `from` it is of the next day, and `days` are those that it begins on. */
  readonly from: number;
  readonly until: number;
  /** The clock of those, ahead of UTC; that of the symbol's exchange unless given. */
  readonly zone?: { readonly name: string; readonly offsetMinutes: number };
  readonly afterOpen?: number;
  readonly beforeClose?: number;
  readonly atEnd: 'hold' | 'flatten';
}

export interface OracleRules {
  /** The id of an order of a signal, where several bots may order at the same time. */
  readonly idOf?: (of: OracleSymbol, signalUs: number, attempt: number) => string;
  readonly cash: bigint;
  readonly sizing:
    | { readonly kind: 'fixed'; readonly quantity: bigint }
    /** Millionths of the equity. */
    | { readonly kind: 'equity'; readonly fraction: bigint }
    /** Millionths of the free cash, and ten-thousandths of a basis point. */
    | { readonly kind: 'cash'; readonly fraction: bigint; readonly feeRate: bigint };
  readonly schedule?: OracleSchedule;
  readonly policies: readonly string[];
  readonly bufferBps: bigint;
  readonly denyAtClose: boolean;
  readonly maxSymbol?: bigint;
  readonly maxGross?: bigint;
  /** Micros, or millionths of the equity at the start of the session. */
  readonly maxLoss?: bigint;
  readonly maxLossFraction?: bigint;
  readonly haltFor: 'run' | 'session';
  readonly limitFill: 'through' | 'touch';
  /** Millionths of a bar's volume. */
  readonly cap?: bigint;
  readonly commission: OracleCommission;
  /** Ten-thousandths of a basis point, or ticks. */
  readonly slippageRate: bigint;
  readonly slippageTicks: bigint;
  readonly fillAt: 'nextOpen' | 'sameClose';
  readonly closeAtEnd: boolean;
}

export type OracleCommission =
  | { readonly kind: 'none' }
  | { readonly kind: 'order'; readonly fee: bigint }
  | { readonly kind: 'unit'; readonly fee: bigint; readonly minimum: bigint }
  | { readonly kind: 'rate'; readonly rate: bigint; readonly minimum: bigint };

export type OracleType = 'market' | 'limit' | 'stop' | 'stopLimit' | 'trailingStop';

export interface OracleOrder {
  /** Of orders that were decided at the same time the lesser comes first. */
  id: string;
  readonly symbol: number;
  readonly slice: number;
  readonly decidedUs: number;
  readonly side: bigint;
  readonly quantity: bigint;
  readonly type: OracleType;
  readonly timeInForce: OracleTimeInForce;
  readonly reducing: boolean;
  readonly leg: number;
  readonly cause: 'signal' | 'protection' | 'halt' | 'endOfRun';
  /** As ordered; `limit`, `stop` and `trail` move with splits. */
  readonly limitOrdered: bigint | undefined;
  readonly stopOrdered: bigint | undefined;
  readonly trailRate: bigint | undefined;
  /** The entry that it protects. */
  readonly entry: OracleOrder | undefined;
  /** What it asks to be protected with; moves with splits. */
  exits: OracleWant | undefined;
  /** What it reserves a unit at. */
  reserveAt: bigint;
  limit: bigint | undefined;
  stop: bigint | undefined;
  trail: bigint | undefined;
  /** What may still fill, of an order that is no exit. */
  open: bigint;
  filled: bigint;
  filledNotional: bigint;
  feePaid: bigint;
  isTriggered: boolean;
  isWorking: boolean;
  /** Its session is over, and it named neither price nor moment. */
  hasExpired: boolean;
  /** The best price that a trail has seen. */
  best: bigint | undefined;
  /** Exits of this entry, and what they protect together. */
  legs: OracleOrder[];
  held: bigint;
  /** What of that it opened inside the bar that is being matched. */
  heldInside: bigint;
  /** How the entry came in, in the bar that is being matched: its exits may not see all of that bar. */
  cameIn: 'before' | 'open' | 'inside' | 'close';
}

export interface OracleFill {
  readonly slice: number;
  readonly row: number;
  readonly order: OracleOrder;
  readonly quantity: bigint;
  readonly price: bigint;
  readonly fee: bigint;
  readonly atUs: number;
}

/** What is to be decided once more. */
export interface OracleAgain {
  want: OracleWant;
  readonly waitsFor: readonly OracleOrder[];
  /** True of a want to be flat that waits for its own order alone: nothing is decided unless that has expired. */
  readonly closes: boolean;
  /** When it was first decided, and how many orders it has had. */
  readonly firstUs: number;
  readonly attempts: number;
}

/** What a bot holds of one symbol, and what works for it. */
export interface OracleBook {
  readonly of: OracleSymbol;
  readonly index: number;
  position: bigint;
  /** What the position cost, signed like it, in micros. */
  cost: bigint;
  orders: OracleOrder[];
  /** The last close on today's share count; 0 before the first bar. */
  mark: bigint;
  row: number;
  /** What may still be traded of the last bar, by all bots. */
  readonly volume: { left: bigint | undefined };
  accrued: { payDate: string; amount: bigint; earned: number }[];
  last: OracleWant | undefined;
  /** What is decided once more when these orders have ended. */
  again: OracleAgain | undefined;
  /** What a daily loss has just told to be cancelled. */
  ending: readonly OracleOrder[];
  /** Actions that are still to come, in order. */
  toCome: OracleAction[];
}

/** Rounds a quotient half away from zero. */
export function nearest(amount: bigint, divisor: bigint): bigint {
  const size = amount < 0n ? -amount : amount;
  const rounded = (2n * size + divisor) / (2n * divisor);
  return amount < 0n ? -rounded : rounded;
}

/** Rounds a positive amount to a multiple of `step`. */
export function toStep(amount: bigint, step: bigint, way: 'down' | 'up'): bigint {
  const down = amount - (amount % step);
  return way === 'up' && down !== amount ? down + step : down;
}

export const size = (amount: bigint): bigint => (amount < 0n ? -amount : amount);
export const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Returns price × quantity × multiplier in micros. */
export function worth(
  { unit, multiplier }: Pick<OracleSymbol, 'unit' | 'multiplier'>,
  price: bigint,
  quantity: bigint,
): bigint {
  return nearest(price * quantity * multiplier, unit * 1_000n);
}

/** Returns the session that contains a time, else the next one. */
export function sessionOf({ sessions }: OracleSymbol, us: number): OracleSession {
  let from = 0;
  let to = sessions.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sessions[middle]?.closeUs ?? 0) > us) to = middle;
    else from = middle + 1;
  }
  const found = sessions[from];
  if (found === undefined) throw new Error('the oracle was given too few sessions');
  return found;
}

export function isOpenAt(of: OracleSymbol, us: number): boolean {
  return sessionOf(of, us).openUs <= us;
}
