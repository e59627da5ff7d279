import { formatPrice } from '@capstan/domain';
import type { Policy } from '../policy.ts';
import type { RiskView } from '../risk-view.ts';

/** A symbol under the short-sale restriction is sold short only by a limit above the market. */
export const shortSalePolicy: Policy = {
  name: 'short-sale',
  denies:
    'a short sale in a symbol that the venue says is restricted, or in one of `shortRestrictedSymbols`, unless its limit is above the last price',
  advice: 'Sell short by a limit above the market, or wait for the end of the restriction.',
  check: (intent, view, { shortRestrictedSymbols = [] }) => {
    const { symbol, side, limitPriceNanos: limit, referencePriceNanos } = intent;
    if (intent.reducing || side === 'buy') return undefined;
    if (!shortRestrictedSymbols.includes(symbol) && !isRestricted(view, symbol)) return undefined;
    const last = Math.max(referencePriceNanos, view.mark(symbol)?.priceNanos ?? 0);
    if (limit !== undefined && limit > last) return undefined;
    const price = limit === undefined ? 'at the market' : `at ${formatPrice(limit)}`;
    return {
      reason: `${symbol} may be sold short only above ${formatPrice(last as typeof referencePriceNanos)}, and the order is ${price}`,
    };
  },
};

/** A venue whose word cannot be read is stopped by the policy of halted symbols. */
function isRestricted({ conditions }: RiskView, symbol: string): boolean {
  return conditions !== 'unreadable' && conditions?.shortRestricted.includes(symbol) === true;
}
