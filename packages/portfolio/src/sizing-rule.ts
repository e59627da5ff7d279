import { AppError } from '@capstan/domain';
import { EQUITY_FRACTION_MAX } from './limits.ts';

/** How much a bot trades at full strength. */
export type SizingRule =
  /** At the instrument's quantity scale, whatever the equity. */
  | { readonly kind: 'fixedQuantity'; readonly quantity: number }
  /** So much notional, as a fraction of the account's equity: 0.1 is a tenth. Six decimals count. */
  | { readonly kind: 'equityFraction'; readonly fraction: number };

/** Checks a sizing rule. @throws PORTFOLIO.SIZING naming the key that cannot be used. */
export function checkSizing(sizing: SizingRule): void {
  if (sizing.kind === 'fixedQuantity') {
    if (Number.isSafeInteger(sizing.quantity) && sizing.quantity > 0) return;
    throw badSizing('quantity', sizing.quantity, 'a whole number above 0, at the quantity scale');
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
