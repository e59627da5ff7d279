import {
  type Bar,
  type Exits,
  mulDivRound,
  type OrderSide,
  type PriceNanos,
  priceNanos,
  type TimeUs,
} from '@capstan/domain';

/** The exits of an entry of which its venue may not keep all: while it does not they are watched here. */
export interface Guard {
  readonly entryOrderId: string;
  readonly botId: string;
  readonly symbol: string;
  readonly feed: string;
  /** Of the entry. */
  readonly side: OrderSide;
  readonly exits: Exits;
  /** When its entry was decided, by whose prices its exits are; absent in a state that an older version wrote. */
  readonly decidedAtUs?: TimeUs;
  /** Bars that end by then are done with. */
  readonly throughUs: TimeUs;
  /** Since when it stands for what is held, and the best price since then; absent until its entry has opened something. */
  readonly armed?: { readonly sinceUs: TimeUs; readonly bestPriceNanos: PriceNanos };
  /** True while the venue protects all that is held: it watches nothing. */
  readonly rests?: boolean;
  /** How its exits came to be placed at the venue for what is held already; absent where they never were. */
  readonly later?: PlacedLater;
}

/** Exits that are placed once something is held. */
export interface PlacedLater {
  /** How often they were. */
  readonly rounds: number;
  /** Of these the last ones that protected nothing, or not for long. */
  readonly tries: number;
  /** Not placed again before. */
  readonly afterUs: TimeUs;
  /** Orders of other bots that worked beside the last ones and could trade with them: their end makes a refusal worth another try. */
  readonly beside?: readonly string[];
  /** True while the venue is about to tell of those that its entry brought. */
  readonly isAwaited?: boolean;
}

/** What a bar does to a guard. */
export interface Watched {
  readonly guard: Guard;
  /** The exit that the bar has reached, in words. */
  readonly reached?: string;
}

/** Tells whether a guard stands for what is held, and the venue does not. */
export function watches({ armed, rests }: Guard): boolean {
  return armed !== undefined && rests !== true;
}

/** Basis points of four decimals, in a whole. */
const PARTS_PER_BPS = 10_000;
const PARTS = 100_000_000;

/**
 * Holds an armed guard against the next bar of its symbol. Of a bar that began before the guard was armed only the close surely
 * came after; a trail goes by the best price of the bars before.
 */
export function watchBar(guard: Guard, bar: Bar): Watched {
  const { armed, exits, side } = guard;
  if (!watches(guard) || armed === undefined || bar.endUs <= guard.throughUs) return { guard };
  const next = { ...guard, throughUs: bar.endUs };
  if (bar.endUs <= armed.sinceUs) return { guard: next };
  const isWhole = bar.startUs >= armed.sinceUs;
  const low = isWhole ? bar.lowNanos : bar.closeNanos;
  const high = isWhole ? bar.highNanos : bar.closeNanos;
  const sign = side === 'buy' ? 1 : -1;
  const [worst, best] = side === 'buy' ? [low, high] : [high, low];
  const isAsBad = (level: number | undefined) => level !== undefined && sign * (worst - level) <= 0;
  const { stopPriceNanos: stop, takeProfitPriceNanos: target } = exits;
  if (isAsBad(stop)) return { guard: next, reached: 'stop' };
  if (isAsBad(trailLevel(exits, armed.bestPriceNanos, sign))) {
    return { guard: next, reached: 'trailing stop' };
  }
  if (target !== undefined && sign * (best - target) >= 0) {
    return { guard: next, reached: 'take-profit' };
  }
  const bestPriceNanos = sign * (best - armed.bestPriceNanos) > 0 ? best : armed.bestPriceNanos;
  return { guard: { ...next, armed: { ...armed, bestPriceNanos } } };
}

/** Returns where a trail is reached; `undefined` without one. */
function trailLevel(
  { trailNanos, trailBps }: Exits,
  best: PriceNanos,
  sign: number,
): PriceNanos | undefined {
  if (trailNanos !== undefined) return priceNanos(best - sign * trailNanos);
  if (trailBps === undefined) return undefined;
  return priceNanos(best - sign * mulDivRound(best, Math.round(trailBps * PARTS_PER_BPS), PARTS));
}
