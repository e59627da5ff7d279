import type { Bar, PriceNanos } from '@capstan/domain';
import type { MatcherRules } from './matcher-config.ts';
import { given, priceIn, takenAt, viewOf } from './side-view.ts';
import type { WorkingOrder } from './working-order.ts';

/**
 * Returns what a market or limit order gets at a bar's open or close alone: a market order the price with slippage, a limit
 * order the price where it is within the limit; `undefined` where it is not.
 */
export function auctionPrice(
  { terms }: Pick<WorkingOrder, 'terms'>,
  at: { readonly bar: Bar; readonly time: 'open' | 'close'; readonly tickNanos: PriceNanos },
  rules: MatcherRules,
): PriceNanos | undefined {
  const view = viewOf(at.bar, terms.side);
  const price = view[at.time];
  if (terms.type === 'market') return takenAt(view, price, at.tickNanos, rules);
  return price <= view.sign * given(terms.limitPriceNanos) ? priceIn(view, price) : undefined;
}
