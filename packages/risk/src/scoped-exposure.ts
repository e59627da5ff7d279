import {
  type CashMicros,
  cashMicros,
  type Intent,
  notionalMicros,
  quantity,
} from '@capstan/domain';
import { type Exposure, exposureMicros, exposureWith, worstQuantity } from './exposure.ts';
import type { Scope } from './limits.ts';
import type { RiskView } from './risk-view.ts';

/** Tells whether an exposure lies in a scope. */
export function isInScope({ botId, symbol }: Required<Scope>, scope: Scope): boolean {
  if (scope.botId !== undefined && scope.botId !== botId) return false;
  return scope.symbol === undefined || scope.symbol === symbol;
}

/** Returns by how much the intent's order raises the worst exposure of its bot in its symbol. */
export function riseMicros(intent: Intent, view: RiskView): CashMicros {
  const instrument = view.instrument(intent.symbol);
  const before = view.exposure(intent.botId, intent.symbol);
  const after = exposureWith(before, intent);
  return cashMicros(exposureMicros(after, instrument) - exposureMicros(before, instrument));
}

/** Returns the worst exposure in a scope, added up without netting. */
export function grossIn(view: RiskView, scope: Scope): CashMicros {
  if (scope.botId === undefined) {
    return scope.symbol === undefined ? view.grossMicros : view.symbolMicros(scope.symbol);
  }
  let sum = 0;
  for (const one of view.exposures()) {
    if (isInScope(one, scope)) sum += exposureMicros(one, view.instrument(one.symbol));
  }
  return cashMicros(sum);
}

/** Returns the greatest exposure, longs against shorts, that any outcome can lead to once the intent's order is out; from 0. */
export function netWith(intent: Intent, view: RiskView, scope: Scope): CashMicros {
  let [highest, lowest] = [0, 0];
  const count = (one: Exposure): void => {
    const { positionQuantity, openBuyQuantity, openSellQuantity, priceNanos } = one;
    const instrument = view.instrument(one.symbol);
    const worth = (amount: number) => notionalMicros(instrument, priceNanos, quantity(amount));
    highest += worth(positionQuantity + openBuyQuantity);
    lowest += worth(positionQuantity - openSellQuantity);
  };
  for (const one of view.exposures()) {
    const isIntents = one.botId === intent.botId && one.symbol === intent.symbol;
    if (!isIntents && isInScope(one, scope)) count(one);
  }
  count(exposureWith(view.exposure(intent.botId, intent.symbol), intent));
  return cashMicros(Math.max(Math.abs(highest), Math.abs(lowest)));
}

/** Returns the positions in a scope, those that what is out may open counted, with the intent's. */
export function positionsWith(intent: Intent, view: RiskView, scope: Scope): number {
  let count = 1;
  for (const one of view.exposures()) {
    const isIntents = one.botId === intent.botId && one.symbol === intent.symbol;
    if (!isIntents && isInScope(one, scope) && worstQuantity(one) > 0) count += 1;
  }
  return count;
}
