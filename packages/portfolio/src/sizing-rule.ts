import { AppError } from '@capstan/domain';
import { CASH_FEE_BPS_MAX, EQUITY_FRACTION_MAX, FEE_PARTS_PER_BPS } from './limits.ts';

/** How much a bot trades at full strength. */
export type SizingRule =
  /** At the instrument's quantity scale, whatever the equity. */
  | { readonly kind: 'fixedQuantity'; readonly quantity: number }
  /** So much notional, whatever the equity. */
  | { readonly kind: 'fixedNotional'; readonly notionalMicros: number }
  /** So much notional, as a fraction of the account's equity: 0.1 is a tenth. Six decimals count. */
  | { readonly kind: 'equityFraction'; readonly fraction: number }
  /**
   * So much of the account's free cash, 0 to 1, less a commission of `feeBps` of what it buys: 1 is all in. Six decimals of the
   * fraction and four of the basis points count.
   */
  | { readonly kind: 'cashFraction'; readonly fraction: number; readonly feeBps: number };

const FLOAT_SLACK = 1e-6;

/** Checks a sizing rule. @throws PORTFOLIO.SIZING naming the key that cannot be used. */
export function checkSizing(sizing: SizingRule): void {
  if (sizing.kind === 'fixedQuantity') {
    if (Number.isSafeInteger(sizing.quantity) && sizing.quantity > 0) return;
    throw badSizing('quantity', sizing.quantity, 'a whole number above 0, at the quantity scale');
  }
  if (sizing.kind === 'fixedNotional') {
    if (Number.isSafeInteger(sizing.notionalMicros) && sizing.notionalMicros > 0) return;
    throw badSizing('notionalMicros', sizing.notionalMicros, 'whole micros of cash, above 0');
  }
  if (sizing.kind === 'cashFraction') {
    const { fraction, feeBps } = sizing;
    if (!(fraction >= 0.000001 && fraction <= 1)) {
      throw badSizing('fraction', fraction, 'from 0.000001 to 1');
    }
    const parts = feeBps * FEE_PARTS_PER_BPS;
    const isExact = Math.abs(parts - Math.round(parts)) < FLOAT_SLACK;
    if (feeBps >= 0 && feeBps <= CASH_FEE_BPS_MAX && isExact) return;
    throw badSizing('feeBps', feeBps, `from 0 to ${CASH_FEE_BPS_MAX} with at most four decimals`);
  }
  if (sizing.fraction >= 0.000001 && sizing.fraction <= EQUITY_FRACTION_MAX) return;
  throw badSizing('fraction', sizing.fraction, `from 0.000001 to ${EQUITY_FRACTION_MAX}`);
}

function badSizing(key: string, value: number, rule: string): AppError {
  return new AppError({
    code: 'PORTFOLIO.SIZING',
    why: `sizing: ${key} is ${value}.`,
    fix: `It must be ${rule}.`,
  });
}
