import {
  AppError,
  DIRECTIONS,
  type Direction,
  type PriceNanos,
  TIMES_IN_FORCE,
  type TimeInForce,
  type Trail,
  trailProblem,
} from '@capstan/domain';

/** What a strategy wants of one symbol from now on. A trail: leave when the price comes back that far from its best. */
export interface Target extends Trail {
  readonly direction: Direction;
  /** 0 to 1: how much of the bot's full size; of no meaning where the direction is flat. */
  readonly strength: number;
  /** Enter at this price or better; absent: at the market. */
  readonly limitPriceNanos?: PriceNanos;
  /**
   * Enter once this price trades, at the market, or with a limit at that price or better; absent: at once. Where the deciding close
   * has reached it already the entry is at once.
   */
  readonly entryStopPriceNanos?: PriceNanos;
  /** Leave when the price gets as bad as this. */
  readonly stopPriceNanos?: PriceNanos;
  /** Leave when the price gets as good as this. */
  readonly takeProfitPriceNanos?: PriceNanos;
  readonly timeInForce?: TimeInForce;
  /** In words, for people, with the figures that decided. A function is called only where the target goes out. */
  readonly reason: string | (() => string);
}

/** Returns the reason of a target in words. */
export function reasonText({ reason }: Target): string {
  return typeof reason === 'string' ? reason : reason();
}

const PRICES = [
  'limitPriceNanos',
  'entryStopPriceNanos',
  'stopPriceNanos',
  'takeProfitPriceNanos',
] as const;

/** Checks what a strategy returned. @throws STRATEGY.TARGET naming the field. */
export function checkTarget(target: Target, strategy: string): void {
  const refuse = (field: string, rule: string): never => {
    throw new AppError({
      code: 'STRATEGY.TARGET',
      why: `strategy ${strategy} returned a target whose ${field} ${rule}.`,
    });
  };
  const { direction, strength, timeInForce } = target;
  if (!DIRECTIONS.includes(direction)) refuse('direction', `must be ${DIRECTIONS.join(', ')}`);
  if (!(strength >= 0 && strength <= 1)) refuse('strength', `must be 0 to 1, not ${strength}`);
  for (const field of PRICES) {
    const price = target[field];
    if (price !== undefined && !(Number.isSafeInteger(price) && price > 0)) {
      refuse(field, `must be a positive whole number of nanos, not ${price}`);
    }
  }
  if (timeInForce !== undefined && !TIMES_IN_FORCE.includes(timeInForce)) {
    refuse('timeInForce', `must be ${TIMES_IN_FORCE.join(', ')}`);
  }
  if (target.entryStopPriceNanos !== undefined) {
    if (direction === 'flat') refuse('entryStopPriceNanos', 'has nothing to enter: it wants flat');
    if (timeInForce === 'onOpen' || timeInForce === 'onClose')
      refuse('timeInForce', `cannot be ${timeInForce} for an entry by stop`);
  }
  const trail = trailProblem(target);
  if (trail !== undefined) refuse('trail', `cannot be used: ${trail}`);
  const { reason } = target;
  if (typeof reason !== 'function' && (typeof reason !== 'string' || reason === '')) {
    refuse('reason', 'is missing');
  }
}

/** Tells whether two targets ask for the same; the reason does not count, nor does the strength of flat. */
export function sameTarget(a: Target, b: Target): boolean {
  return (
    a.direction === b.direction &&
    (a.direction === 'flat' || a.strength === b.strength) &&
    a.timeInForce === b.timeInForce &&
    a.trailNanos === b.trailNanos &&
    a.trailBps === b.trailBps &&
    PRICES.every((field) => a[field] === b[field])
  );
}
