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
  roundToTick,
  type Signal,
  type TimeUs,
  ZERO_QUANTITY,
} from '@capstan/domain';
import { positionSize } from './full-size.ts';
import { protectiveExits } from './protective-exits.ts';
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
 */
export function sizeSignal(request: SizeRequest): Sizing {
  const { signal, instrument, positionQuantity, openBuyQuantity, openSellQuantity } = request;
  const problem = signalProblem(request);
  if (problem !== undefined) return denied(problem);
  const target = targetQuantity(request);
  if (target === undefined) return denied(`${wanted(request)} is more than can be counted`);
  const expected = positionQuantity + openBuyQuantity - openSellQuantity;
  if (target === 0 && expected === 0 && signal.direction !== 'flat' && signal.strength > 0) {
    const lot = formatDecimal(instrument.lot, instrument.quantityScale);
    return denied(`${wanted(request)} is less than one lot of ${lot}`);
  }
  const delta = quantity(target - expected);
  if (delta === 0) {
    const held = formatDecimal(expected, instrument.quantityScale);
    return { kind: 'none', why: `${signal.symbol}: position with orders out is ${held} already` };
  }
  const intent = intentOf(request, delta);
  if (intent.reducing || intent.side !== ENTRY_SIDES[signal.direction]) {
    return { kind: 'intent', intent };
  }
  const protection = protectiveExits(signal, instrument, intent.side);
  if (protection.kind === 'refused') return denied(protection.reason);
  const { exits } = protection;
  return { kind: 'intent', intent: exits === undefined ? intent : { ...intent, exits } };
}

/** The side on which an opinion is entered. */
const ENTRY_SIDES = { long: 'buy', short: 'sell', flat: undefined } as const;

function signalProblem({ signal, instrument }: SizeRequest): string | undefined {
  if (!(signal.strength >= 0 && signal.strength <= 1)) {
    return `strength ${signal.strength} is not between 0 and 1`;
  }
  if (signal.referencePriceNanos <= 0) {
    return `reference price ${formatPrice(signal.referencePriceNanos)} is not above zero`;
  }
  const limit = signal.limitPriceNanos;
  if (limit !== undefined && limit < instrument.tickNanos) {
    return `limit price ${formatPrice(limit)} is below one tick`;
  }
  return undefined;
}

/** Returns the signed target; `undefined` where it is too large. */
function targetQuantity(request: SizeRequest): Quantity | undefined {
  const { signal, instrument, sizing, equityMicros } = request;
  if (signal.direction === 'flat') return ZERO_QUANTITY;
  const size = positionSize({
    instrument,
    sizing,
    strength: signal.strength,
    equityMicros,
    spendableMicros: spendableMicros(request),
    priceNanos: signal.referencePriceNanos,
  });
  if (size === undefined) return undefined;
  return signal.direction === 'long' ? size : quantity(-size);
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
  const limit = signal.limitPriceNanos;
  const limitTerms =
    limit === undefined
      ? { type: 'market' as const }
      : {
          type: 'limit' as const,
          limitPriceNanos: roundToTick(instrument, limit, side === 'buy' ? 'down' : 'up'),
        };
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
    ...limitTerms,
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
  if (sizing.kind === 'cashFraction') {
    return `${sizing.fraction} of ${formatCash(spendableMicros(request))} free at ${at}`;
  }
  if (sizing.kind === 'fixedNotional') {
    return `${formatCash(cashMicros(sizing.notionalMicros))} at ${at}`;
  }
  return sizing.kind === 'fixedQuantity'
    ? `${formatDecimal(sizing.quantity, instrument.quantityScale)} at ${strength}`
    : `${sizing.fraction} of equity ${formatCash(equityMicros)} at ${at}`;
}

const denied = (reason: string): Sizing => ({ kind: 'denied', policy: SIZING_POLICY, reason });
