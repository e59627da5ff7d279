import {
  type CashMicros,
  cashMicros,
  formatDecimal,
  formatPrice,
  type Instrument,
  mulDivRound,
  notionalMicros,
  type PriceNanos,
  type Quantity,
  quantity,
} from '@capstan/domain';
import type { Weight } from './allocate.ts';
import { partsOf, takeParts } from './fraction.ts';
import { affordableLots, lessCommission } from './full-size.ts';
import { FRACTION_PARTS } from './limits.ts';
import type { PortfolioRule } from './portfolio-rule.ts';

/** What a bot has of a symbol, or may come to have. Quantities are at the instrument's scale. */
export interface Holding {
  readonly symbol: string;
  readonly instrument: Instrument;
  /** The last close; 0 where there is none. */
  readonly priceNanos: PriceNanos;
  /** Signed: confirmed by fills, with all orders that are out. */
  readonly expectedQuantity: Quantity;
}

/** What changes are worked out from. */
export interface ChangesRequest {
  readonly rule: PortfolioRule;
  /** Of `allocate`. A holding without a weight is left alone. */
  readonly weights: readonly Weight[];
  /** One for each weight, in any order. */
  readonly holdings: readonly Holding[];
  /** Of the whole account, at the last marks. */
  readonly equityMicros: CashMicros;
  /** Worst notional of all that the account holds and has out, with what is kept free for the orders that are out. */
  readonly grossMicros: CashMicros;
  /** Kept free of what is added, for fees. */
  readonly bufferBps: number;
}

/** A change of one position. */
export interface Change {
  readonly symbol: string;
  /** Signed, whole lots, not 0. */
  readonly delta: Quantity;
}

/** A weight that nothing can be held by. */
export interface Refusal {
  readonly symbol: string;
  readonly reason: string;
}

/** What takes the holdings to the weights, each list sorted by symbol. Reductions come first: additions need their cash. */
export interface Changes {
  /** Nearer to zero, or to zero before a change of sides. */
  readonly reductions: readonly Change[];
  /** Away from zero. Together within the room that there is now, each cut in proportion where they are not. */
  readonly additions: readonly Change[];
  readonly refusals: readonly Refusal[];
}

/**
 * Works out what takes holdings to their weights. Targets are whole lots within weight × equity at the last close. A position
 * that is kept on its side stays as it is while its weight is off by no more than the rule's drift; one that is to go goes.
 */
export function planChanges(request: ChangesRequest): Changes {
  const bySymbol = new Map(request.holdings.map((one) => [one.symbol, one]));
  const reductions: Change[] = [];
  const wanted: (Change & { readonly holding: Holding })[] = [];
  const refusals: Refusal[] = [];
  for (const weight of request.weights) {
    const holding = bySymbol.get(weight.symbol);
    if (holding === undefined) continue;
    const target = targetOf(weight, holding, request.equityMicros);
    if (typeof target === 'string') {
      refusals.push({ symbol: weight.symbol, reason: target });
      continue;
    }
    const { symbol, expectedQuantity: expected } = holding;
    if (target === expected || isWithinDrift(weight, holding, request)) continue;
    const isKept = target * expected > 0;
    if (expected !== 0 && (!isKept || Math.abs(target) < Math.abs(expected))) {
      reductions.push({ symbol, delta: quantity((isKept ? target : 0) - expected) });
    } else wanted.push({ symbol, delta: quantity(target - expected), holding });
  }
  return { reductions, additions: fitted(wanted, roomMicros(request)), refusals };
}

/** Returns the signed target, or why there is none. */
function targetOf(
  { parts }: Weight,
  holding: Holding,
  equityMicros: CashMicros,
): Quantity | string {
  const { instrument, priceNanos, expectedQuantity } = holding;
  if (parts === 0 || equityMicros <= 0) return quantity(0);
  const fraction = parts / FRACTION_PARTS;
  if (priceNanos <= 0) return `a weight of ${fraction} and no price`;
  const budget = cashMicros(takeParts(equityMicros, Math.abs(parts)));
  const size = affordableLots(instrument, budget, priceNanos);
  const figures = `a weight of ${fraction} at price ${formatPrice(priceNanos)}`;
  if (size === undefined) return `${figures} is more than can be counted`;
  if (size === 0 && expectedQuantity === 0) {
    return `${figures} is less than one lot of ${formatDecimal(instrument.lot, instrument.quantityScale)}`;
  }
  return quantity(parts < 0 ? -size : size);
}

/** Tells whether a position is on the side that its weight asks for and near enough to it. */
function isWithinDrift(
  { parts }: Weight,
  holding: Holding,
  { rule, equityMicros }: ChangesRequest,
): boolean {
  const { instrument, priceNanos, expectedQuantity: expected } = holding;
  if (parts * expected <= 0 || equityMicros <= 0) return false;
  const held = notionalMicros(instrument, priceNanos, quantity(Math.abs(expected)));
  const heldParts = (held / equityMicros) * FRACTION_PARTS;
  return Math.abs(Math.abs(parts) - heldParts) <= partsOf(rule.driftFraction ?? 0);
}

/** Returns the notional that may be added: what the rule may invest less what is held and out, with room for fees. */
function roomMicros({ rule, equityMicros, grossMicros, bufferBps }: ChangesRequest): CashMicros {
  const { cashReserveFraction = 0, maxGrossFraction = 1 } = rule;
  const grossParts = Math.max(0, partsOf(maxGrossFraction) - partsOf(cashReserveFraction));
  const invested = takeParts(Math.max(0, equityMicros), grossParts);
  return lessCommission(cashMicros(Math.max(0, invested - grossMicros)), bufferBps);
}

/** Cuts additions in proportion, so that together they are within the room. */
function fitted(
  wanted: readonly (Change & { readonly holding: Holding })[],
  room: CashMicros,
): readonly Change[] {
  const notionals = wanted.map(({ delta, holding }) =>
    notionalMicros(holding.instrument, holding.priceNanos, quantity(Math.abs(delta))),
  );
  const total = notionals.reduce((sum, one) => sum + one, 0);
  if (total <= room) return wanted.map(({ symbol, delta }) => ({ symbol, delta }));
  // Each share may be rounded up by half a micro.
  const shared = Math.max(0, room - wanted.length);
  return wanted.flatMap(({ symbol, delta, holding }, index) => {
    const share = cashMicros(mulDivRound(notionals[index] ?? 0, shared, total));
    const lots = affordableLots(holding.instrument, share, holding.priceNanos) ?? 0;
    if (lots === 0) return [];
    return [{ symbol, delta: quantity(delta < 0 ? -lots : lots) }];
  });
}
