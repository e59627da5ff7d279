import { mulDivRound } from '@capstan/domain';
import type { RiskLimits } from '@capstan/risk';
import type { SweepMoney } from './sweep-money.ts';

const BPS_PARTS = 10_000;

/** An entry of an account that holds nothing but cash. */
export interface Entry {
  /** Nanos, at the close that decided it. */
  readonly price: number;
  readonly quantity: number;
  readonly cash: number;
}

/** Tells whether the limits let an entry pass: what the policies of the same names ask of an account with nothing else. */
export function isWithinCaps(
  { limits, money }: { readonly limits: RiskLimits; readonly money: SweepMoney },
  { price, quantity, cash }: Entry,
): boolean {
  const worth = money.notional(price, quantity);
  return limits.policies.every((name) => {
    switch (name) {
      case 'symbol-notional':
        return worth <= (limits.maxSymbolNotionalMicros ?? Number.POSITIVE_INFINITY);
      case 'gross-exposure':
        return worth <= (limits.maxGrossExposureMicros ?? Number.POSITIVE_INFINITY);
      case 'buying-power':
        return worth + mulDivRound(worth, limits.bufferBps, BPS_PARTS) <= cash;
      default:
        return true;
    }
  });
}

/** Tells whether limits may refuse an entry for its size. */
export function areCapped({ policies, ...limits }: RiskLimits): boolean {
  return policies.some(
    (name) =>
      name === 'buying-power' ||
      (name === 'symbol-notional' && limits.maxSymbolNotionalMicros !== undefined) ||
      (name === 'gross-exposure' && limits.maxGrossExposureMicros !== undefined),
  );
}
