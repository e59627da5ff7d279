import {
  type CashMicros,
  cashMicros,
  mulDivRound,
  powerOfTen,
  type Quantity,
} from '@capstan/domain';
import { badConfig } from './errors.ts';
import { rateFromBps } from './exact-rate.ts';
import { RATE_SCALE } from './limits.ts';

/**
 * What a broker charges, counted over a whole order: the minimum is paid once an order, however many fills it takes.
 * `perOrder` and the minimum fall due with the first fill. Amounts are micros, not negative.
 */
export type CommissionModel =
  | { readonly kind: 'none' }
  | { readonly kind: 'perOrder'; readonly feeMicros: number }
  /** A unit is a share or a contract. */
  | {
      readonly kind: 'perUnit';
      readonly feeMicrosPerUnit: number;
      readonly minimumMicros?: number;
    }
  /** Of the notional; basis points to four decimals. */
  | { readonly kind: 'bps'; readonly feeBps: number; readonly minimumMicros?: number };

/** What of an order is filled so far. */
export interface FilledSoFar {
  readonly quantity: Quantity;
  readonly quantityScale: number;
  readonly notionalMicros: CashMicros;
}

/**
 * Returns the function that tells the commission of an order from what of it is filled, in micros, rounded half away
 * from zero. A fill's fee is what the total rose by, so that fees over any split of an order add up to the same.
 * @throws ENGINE.MATCHER_CONFIG when an amount is no whole number from 0, or the rate is out of bounds.
 */
export function commissionOf(model: CommissionModel): (filled: FilledSoFar) => CashMicros {
  switch (model.kind) {
    case 'none':
      return () => cashMicros(0);
    case 'perOrder': {
      const fee = amount('feeMicros', model.feeMicros);
      return () => fee;
    }
    case 'perUnit': {
      const fee = amount('feeMicrosPerUnit', model.feeMicrosPerUnit);
      const minimum = amount('minimumMicros', model.minimumMicros ?? 0);
      return ({ quantity, quantityScale }) =>
        atLeast(minimum, mulDivRound(quantity, fee, powerOfTen(quantityScale)));
    }
    case 'bps': {
      const rate = rateFromBps('feeBps', model.feeBps);
      const minimum = amount('minimumMicros', model.minimumMicros ?? 0);
      return ({ notionalMicros }) =>
        atLeast(minimum, mulDivRound(notionalMicros, rate, RATE_SCALE));
    }
  }
}

function amount(key: string, micros: number): CashMicros {
  if (!Number.isSafeInteger(micros) || micros < 0) {
    throw badConfig(`commission.${key}`, micros, 'a whole number of micros, 0 or more');
  }
  return cashMicros(micros);
}

const atLeast = (minimum: CashMicros, micros: number): CashMicros =>
  cashMicros(micros > minimum ? micros : minimum);
