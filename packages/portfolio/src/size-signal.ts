import {
  type CashMicros,
  cashMicros,
  DERIVED_IDS,
  formatCash,
  formatDecimal,
  formatPrice,
  type IdScheme,
  type Instrument,
  type Intent,
  movesNotionalCash,
  notionalMicros,
  type Quantity,
  quantity,
  type Signal,
  sizingText,
  type TimeUs,
  ZERO_QUANTITY,
} from '@capstan/domain';
import { countedPriceNanos, ENTRY_SIDES, priceTerms } from './entry-terms.ts';
import { positionSize } from './full-size.ts';
import { type Entry, type Protection, protectiveExits } from './protective-exits.ts';
import { riskMeasure } from './risk-measure.ts';
import type { SizingRule } from './sizing-rule.ts';

/** The name under which sizing denies. */
export const SIZING_POLICY = 'sizing';

/** A signal and what it is sized against. Quantities are of the signal's bot and symbol, at the instrument's scale. */
export interface SizeRequest {
  readonly signal: Signal;
  readonly instrument: Instrument;
  readonly sizing: SizingRule;
  /** Confirmed by fills; signed. */
  readonly positionQuantity: Quantity;
  /** Open quantity of working and UNKNOWN buys, from 0. */
  readonly openBuyQuantity: Quantity;
  /** Open quantity of working and UNKNOWN sells, from 0. */
  readonly openSellQuantity: Quantity;
  /** Of the whole account, at the last marks. */
  readonly equityMicros: CashMicros;
  /** Of the whole account: cash less what the open adding buys are reserved at. */
  readonly freeCashMicros: CashMicros;
  /** The slice at which it is decided. */
  readonly decidedAtUs: TimeUs;
  /** How the intent is named; by its hash unless given. */
  readonly ids?: IdScheme;
}

export type Sizing =
  | { readonly kind: 'intent'; readonly intent: Intent }
  /** The position is, or with the orders out will be, what the signal asks for. */
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'denied'; readonly policy: string; readonly reason: string };

/**
 * Turns a signal into the one change that takes the bot's position, with its orders out, to the target: direction ×
 * strength × full size. A change across zero is one intent. An intent is `reducing` only where it brings the confirmed
 * position nearer to zero even if every other order of its side fills as well and no order of the other side does. One that
 * opens or adds carries the signal's protective exits; what only closes carries none.
 *
 * Where the risk that the rule goes by cannot be measured, nothing is opened or added; what is held the other way is closed.
 */
export function sizeSignal(request: SizeRequest): Sizing {
  const { signal, instrument, positionQuantity, openBuyQuantity, openSellQuantity } = request;
  const problem = signalProblem(request);
  if (problem !== undefined) return denied(problem);
  const expected = positionQuantity + openBuyQuantity - openSellQuantity;
  const opening = openingOf(request);
  const sized = targetQuantity(request, opening);
  if (sized.kind === 'unsized') {
    const isOtherWay = signal.direction === 'long' ? expected < 0 : expected > 0;
    if (!isOtherWay) return denied(sized.why);
  }
  const target = sized.kind === 'sized' ? sized.target : ZERO_QUANTITY;
  if (target === 0 && expected === 0 && opening !== undefined) {
    const lot = formatDecimal(instrument.lot, instrument.quantityScale);
    return denied(`${wanted(request)} is less than one lot of ${lot}`);
  }
  const delta = quantity(target - expected);
  if (delta === 0) {
    const held = formatDecimal(expected, instrument.quantityScale);
    return { kind: 'none', why: `${signal.symbol}: position with orders out is ${held} already` };
  }
  const intent = intentOf(request, delta);
  if (intent.reducing || intent.side !== opening?.entry.side) return { kind: 'intent', intent };
  const { protection } = opening;
  if (protection.kind === 'refused') return denied(protection.reason);
  const { exits } = protection;
  return { kind: 'intent', intent: exits === undefined ? intent : { ...intent, exits } };
}

/** How a signal that wants a position enters it. */
interface Opening {
  readonly entry: Entry;
  readonly protection: Protection;
}

function openingOf({ signal, instrument }: SizeRequest): Opening | undefined {
  const side = ENTRY_SIDES[signal.direction];
  if (side === undefined || signal.strength === 0) return undefined;
  const entry = { side, terms: priceTerms(signal, instrument, side) };
  return { entry, protection: protectiveExits(signal, instrument, entry) };
}

function signalProblem({ signal, instrument }: SizeRequest): string | undefined {
  if (!(signal.strength >= 0 && signal.strength <= 1)) {
    return `strength ${signal.strength} is not between 0 and 1`;
  }
  if (signal.referencePriceNanos <= 0) {
    return `reference price ${formatPrice(signal.referencePriceNanos)} is not above zero`;
  }
  const { limitPriceNanos: limit, entryStopPriceNanos: stop, timeInForce } = signal;
  if (limit !== undefined && limit < instrument.tickNanos) {
    return `limit price ${formatPrice(limit)} is below one tick`;
  }
  if (stop === undefined) return undefined;
  if (stop < instrument.tickNanos) return `entry stop ${formatPrice(stop)} is below one tick`;
  const isAuction = timeInForce === 'onOpen' || timeInForce === 'onClose';
  return isAuction ? `an entry by stop cannot be in force '${timeInForce}'` : undefined;
}

type Sized =
  /** Signed. */
  | { readonly kind: 'sized'; readonly target: Quantity }
  | { readonly kind: 'unsized'; readonly why: string };

function targetQuantity(request: SizeRequest, opening: Opening | undefined): Sized {
  const { signal, instrument, sizing, equityMicros } = request;
  if (opening === undefined) return { kind: 'sized', target: ZERO_QUANTITY };
  const measured = riskMeasure({ sizing, signal, instrument, ...opening });
  if (measured.kind === 'unknown') return { kind: 'unsized', why: measured.why };
  const { measure } = measured;
  const size = positionSize({
    instrument,
    sizing,
    strength: signal.strength,
    equityMicros,
    spendableMicros: spendableMicros(request),
    priceNanos: countedPriceNanos(opening.entry.terms, signal.referencePriceNanos),
    ...(measure === undefined ? {} : { measure }),
  });
  if (size === undefined)
    return { kind: 'unsized', why: `${wanted(request)} is more than can be counted` };
  return { kind: 'sized', target: signal.direction === 'long' ? size : quantity(-size) };
}

/** Returns free cash and, where holding takes cash, what position and orders out are worth at the signal's price. */
function spendableMicros(request: SizeRequest): CashMicros {
  const { signal, instrument, positionQuantity, openBuyQuantity, openSellQuantity } = request;
  if (!movesNotionalCash(instrument)) return request.freeCashMicros;
  const expected = quantity(positionQuantity + openBuyQuantity - openSellQuantity);
  const held = notionalMicros(instrument, signal.referencePriceNanos, expected);
  return cashMicros(request.freeCashMicros + held);
}

function intentOf(request: SizeRequest, delta: Quantity): Intent {
  const { signal, instrument } = request;
  const side = delta > 0 ? 'buy' : 'sell';
  return {
    intentId: (request.ids ?? DERIVED_IDS).intentId({
      runId: signal.runId,
      accountId: signal.accountId,
      symbol: signal.symbol,
      causeKind: 'signal',
      causeId: signal.signalId,
    }),
    runId: signal.runId,
    accountId: signal.accountId,
    botId: signal.botId,
    symbol: signal.symbol,
    causeKind: 'signal',
    causeId: signal.signalId,
    side,
    quantity: quantity(Math.abs(delta)),
    ...priceTerms(signal, instrument, side),
    timeInForce: signal.timeInForce ?? 'day',
    reducing: Math.abs(delta) <= reducibleQuantity(request, side),
    referencePriceNanos: signal.referencePriceNanos,
    decidedAtUs: request.decidedAtUs,
  };
}

/** Returns how much an order of `side` can take off the confirmed position when all others of its side fill. */
function reducibleQuantity(request: SizeRequest, side: 'buy' | 'sell'): number {
  return side === 'buy'
    ? -request.positionQuantity - request.openBuyQuantity
    : request.positionQuantity - request.openSellQuantity;
}

/** Says what the signal asks for, with its figures. */
function wanted(request: SizeRequest): string {
  const { signal, sizing, instrument, equityMicros } = request;
  const strength = `strength ${signal.strength}`;
  const at = `${strength} and price ${formatPrice(signal.referencePriceNanos)}`;
  switch (sizing.kind) {
    case 'fixedQuantity':
      return `${formatDecimal(sizing.quantity, instrument.quantityScale)} at ${strength}`;
    case 'fixedNotional':
      return `${formatCash(cashMicros(sizing.notionalMicros))} at ${at}`;
    case 'equityFraction':
      return `${sizing.fraction} of equity ${formatCash(equityMicros)} at ${at}`;
    case 'cashFraction':
      return `${sizing.fraction} of ${formatCash(spendableMicros(request))} free at ${at}`;
    case 'atrRisk':
    case 'volatilityTarget':
      return `${sizingText(sizing)} of ${formatCash(equityMicros)} at ${at}`;
  }
}

const denied = (reason: string): Sizing => ({ kind: 'denied', policy: SIZING_POLICY, reason });
