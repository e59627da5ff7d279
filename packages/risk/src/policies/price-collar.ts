import { formatPrice, type PriceNanos } from '@capstan/domain';
import { BPS_PARTS } from '../limits.ts';
import type { Policy } from '../policy.ts';

/** An order that adds is priced near the market, and was decided at a price near the market's. */
export const priceCollarPolicy: Policy = {
  name: 'price-collar',
  denies:
    'an order with a limit, stop or deciding price more than `priceCollarBps` from the last price',
  advice: 'Check the price that the strategy gives, and the bars that it sees.',
  check: (intent, view, { priceCollarBps: collar }) => {
    if (collar === undefined || intent.reducing) return undefined;
    const { referencePriceNanos, limitPriceNanos, stopPriceNanos } = intent;
    const last = view.mark(intent.symbol)?.priceNanos ?? referencePriceNanos;
    const prices: readonly (readonly [string, PriceNanos | undefined])[] = [
      ['deciding price', referencePriceNanos],
      ['limit', limitPriceNanos],
      ['stop', stopPriceNanos],
    ];
    for (const [name, price] of prices) {
      if (price === undefined || Math.abs(price - last) * BPS_PARTS <= collar * last) continue;
      return {
        reason: `the ${name} of ${formatPrice(price)} is more than ${collar} bps from the last price of ${formatPrice(last)}`,
      };
    }
    return undefined;
  },
};
