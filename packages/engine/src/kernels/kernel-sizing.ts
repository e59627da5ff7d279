import {
  type CashMicros,
  cashMicros,
  marketValueMicros,
  mulDivRound,
  notionalMicros,
  type PriceNanos,
  type Quantity,
  roundToTick,
} from '@capstan/domain';
import { positionSize, type SizingRule } from '@capstan/portfolio';
import type { PolicyName, RiskLimits } from '@capstan/risk';
import type { KernelSymbol } from './kernel-symbol.ts';

const FULL_STRENGTH = 1;
const BPS_PARTS = 10_000;
/** The policies that ask what an order is worth. */
const CAPS: readonly PolicyName[] = ['symbol-notional', 'gross-exposure', 'buying-power'];

/** The account as a decision sees it. */
export interface KernelAccount {
  readonly cashMicros: number;
  /** Cash that buys which are out are reserved at. */
  readonly reservedMicros: number;
  readonly symbols: readonly KernelSymbol[];
  readonly slice: number;
}

/** Returns what a signal's rule holds at full strength, unsigned; `undefined` where the full path would refuse or fail. */
export function kernelSize(
  sizing: SizingRule,
  symbol: KernelSymbol,
  price: PriceNanos,
  account: KernelAccount,
): number | undefined {
  const { instrument, position } = symbol;
  const byEquity = sizing.kind === 'equityFraction';
  const byCash = sizing.kind === 'cashFraction';
  const held = byCash ? notionalMicros(instrument, price, position.quantity) : 0;
  return positionSize({
    instrument,
    sizing,
    strength: FULL_STRENGTH,
    equityMicros: byEquity ? equityAt(account) : (0 as CashMicros),
    spendableMicros: cashMicros(byCash ? account.cashMicros - account.reservedMicros + held : 0),
    priceNanos: price,
  });
}

function equityAt({ cashMicros: cash, symbols, slice }: KernelAccount): CashMicros {
  let equity = cash;
  for (const symbol of symbols) {
    if (symbol.position.quantity === 0) continue;
    const close = symbol.bars.closeNanos[symbol.rowAt(slice)] as PriceNanos;
    equity += marketValueMicros(symbol.position, close, symbol.instrument);
  }
  return cashMicros(equity);
}

/**
 * Tells whether the limits let an order that adds exposure pass: what the policies of the same names ask of an account of one
 * symbol that has nothing else out.
 */
export function isWithinLimits(
  limits: RiskLimits,
  { instrument, position, delta }: KernelSymbol,
  price: PriceNanos,
  cash: number,
): boolean {
  if (!limits.policies.some((name) => CAPS.includes(name))) return true;
  const held = position.quantity;
  const worthOf = (amount: number) => notionalMicros(instrument, price, amount as Quantity);
  const before = worthOf(Math.abs(held));
  const after = worthOf(Math.max(Math.abs(held), Math.abs(held + delta)));
  return limits.policies.every((name) => {
    switch (name) {
      case 'symbol-notional':
        return after <= (limits.maxSymbolNotionalMicros ?? Number.POSITIVE_INFINITY);
      case 'gross-exposure':
        return after <= (limits.maxGrossExposureMicros ?? Number.POSITIVE_INFINITY);
      case 'buying-power': {
        const buffer = mulDivRound(worthOf(Math.abs(delta)), limits.bufferBps, BPS_PARTS);
        return after - before + buffer <= cash + worthOf(held) - before;
      }
      default:
        return true;
    }
  });
}

/**
 * Rounds the exits of a signal to the tick, away from the market, and leaves them with the symbol.
 * @returns false where an entry at the price would be refused for them.
 */
export function takeExits(
  symbol: KernelSymbol,
  exits: { readonly stop: number; readonly target: number; readonly side: 1 | -1 },
  price: PriceNanos,
): boolean {
  const { instrument } = symbol;
  const { tickNanos } = instrument;
  const { stop, target, side } = exits;
  const down = side > 0 ? 'down' : 'up';
  const up = side > 0 ? 'up' : 'down';
  symbol.stopNanos = stop === 0 ? 0 : roundToTick(instrument, stop as PriceNanos, down);
  symbol.targetNanos = target === 0 ? 0 : roundToTick(instrument, target as PriceNanos, up);
  const stopFits =
    stop === 0 || (symbol.stopNanos >= tickNanos && side * (price - symbol.stopNanos) > 0);
  const targetFits =
    target === 0 || (symbol.targetNanos >= tickNanos && side * (symbol.targetNanos - price) > 0);
  return stopFits && targetFits;
}
