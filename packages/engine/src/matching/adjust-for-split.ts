import {
  assert,
  type Instrument,
  mulDivRound,
  type OrderTerms,
  type PriceNanos,
  priceNanos,
  type Quantity,
  quantity,
  roundToLot,
  roundToTick,
  type TimeUs,
} from '@capstan/domain';
import { endIfSpent, endOrder } from './end-order.ts';
import { END_REASONS, type MatcherEvent } from './matcher-event.ts';
import type { MatcherState } from './matcher-state.ts';
import type { WorkingOrder } from './working-order.ts';

/** New shares for old ones: 4 for 1 is `{ numerator: 4, denominator: 1 }`. Whole numbers from 1. */
export interface SplitRatio {
  readonly numerator: number;
  readonly denominator: number;
}

/** Restates a symbol's orders, brackets and holdings; see `Matcher.adjustForSplit`. */
export function adjustForSplit(
  state: MatcherState,
  split: { readonly symbol: string; readonly ratio: SplitRatio; readonly atUs: TimeUs },
): { readonly events: readonly MatcherEvent[]; readonly restated: readonly OrderTerms[] } {
  const { symbol, ratio, atUs } = split;
  for (const part of [ratio.numerator, ratio.denominator]) {
    assert(
      Number.isSafeInteger(part) && part > 0,
      `split of ${symbol}: ${part} is no ratio's part`,
    );
  }
  const { book, brackets, instruments } = state;
  const instrument = instruments.get(symbol);
  for (const holding of brackets.holdings()) {
    if (holding.symbol !== symbol) continue;
    brackets.hold(holding, restated(holding.quantity, ratio, instrument));
  }
  for (const bracket of brackets.ofSymbol(symbol)) {
    brackets.put({ ...bracket, quantity: restated(bracket.quantity, ratio, instrument) });
  }
  const events: MatcherEvent[] = [];
  const terms: OrderTerms[] = [];
  for (const order of book.ofSymbol(symbol)) {
    if (book.get(order.terms.orderId) !== order) continue;
    const open = quantity(order.terms.quantity - order.filledQuantity);
    const left = restated(open, ratio, instrument);
    if (left === 0) {
      endOrder(state, order, { kind: 'cancelled', atUs, reason: END_REASONS.split }, events);
      continue;
    }
    const after = restateOrder(order, left, ratio, instrument);
    book.put(after);
    terms.push(after.terms);
  }
  const end = { kind: 'cancelled', atUs, reason: END_REASONS.nothingLeft } as const;
  for (const bracket of brackets.ofSymbol(symbol)) endIfSpent(state, bracket, end, events);
  return { events, restated: terms.filter(({ orderId }) => book.get(orderId) !== undefined) };
}

/** Returns a quantity on the new share count, toward zero to the lot; signed like it. */
function restated(amount: Quantity, ratio: SplitRatio, instrument: Instrument): Quantity {
  const { numerator, denominator } = ratio;
  const size = Math.abs(amount);
  const rounded = mulDivRound(size, numerator, denominator);
  const over = BigInt(rounded) * BigInt(denominator) > BigInt(size) * BigInt(numerator);
  const whole = roundToLot(instrument, quantity(over ? rounded - 1 : rounded));
  return quantity(amount < 0 ? -whole : whole);
}

function restateOrder(
  order: WorkingOrder,
  open: Quantity,
  ratio: SplitRatio,
  instrument: Instrument,
): WorkingOrder {
  const { terms, bestPriceNanos: best } = order;
  const { side, limitPriceNanos, stopPriceNanos, trailNanos, activationPriceNanos, exits } = terms;
  const buys = side === 'buy';
  const tick = (price: PriceNanos, mode: 'up' | 'down') =>
    roundToTick(instrument, priceOn(price, ratio), mode);
  const at = <Key extends string>(
    key: Key,
    price: PriceNanos | undefined,
    mode: 'up' | 'down' | 'exact',
  ) => {
    if (price === undefined) return {};
    const now = mode === 'exact' ? priceOn(price, ratio) : tick(price, mode);
    const value = priceNanos(Math.max(now, mode === 'exact' ? 1 : instrument.tickNanos));
    return { [key]: value } as { readonly [key in Key]: PriceNanos };
  };
  const next: OrderTerms = {
    ...terms,
    quantity: quantity(order.filledQuantity + open),
    ...at('limitPriceNanos', limitPriceNanos, buys ? 'down' : 'up'),
    ...at('stopPriceNanos', stopPriceNanos, buys ? 'up' : 'down'),
    ...at('trailNanos', trailNanos, 'up'),
    ...at('activationPriceNanos', activationPriceNanos, 'exact'),
    ...(exits === undefined
      ? {}
      : {
          exits: {
            ...exits,
            ...at('stopPriceNanos', exits.stopPriceNanos, buys ? 'down' : 'up'),
            ...at('takeProfitPriceNanos', exits.takeProfitPriceNanos, buys ? 'up' : 'down'),
            ...at('trailNanos', exits.trailNanos, 'up'),
          },
        }),
  };
  return { ...order, terms: next, ...at('bestPriceNanos', best, 'exact') };
}

const priceOn = (price: PriceNanos, { numerator, denominator }: SplitRatio): PriceNanos =>
  priceNanos(mulDivRound(price, denominator, numerator));
