import { type Intent, type Quantity, quantity, type TimeUs } from '@capstan/domain';
import { limitsFor } from './limit-scope.ts';
import type { RiskLimits, Scope } from './limits.ts';
import { POLICIES } from './policies/all-policies.ts';
import type { Policy, Refusal } from './policy.ts';
import type { RiskView } from './risk-view.ts';

/** The first refusal, and who refuses. */
export interface FirstRefusal extends Refusal {
  readonly policy: Policy;
}

const ALL: Scope = Object.freeze({});

/** Asks the policies in the order that the limits list, each for the account and then for the scopes that the intent lies in. */
export function firstRefusal(
  intent: Intent,
  view: RiskView,
  limits: RiskLimits,
  now: TimeUs,
): FirstRefusal | undefined {
  const parts = limits.scopes === undefined ? [] : limitsFor(limits, intent).slice(1);
  for (const name of limits.policies) {
    const policy = POLICIES[name];
    const refusal = policy.check(intent, view, limits, now, ALL);
    if (refusal !== undefined) return { ...refusal, policy };
    if (policy.ofAccount === true) continue;
    for (const part of parts) {
      const refused = policy.check(intent, view, part.limits, now, part.scope);
      if (refused !== undefined) return { ...refused, policy };
    }
  }
  return undefined;
}

/**
 * Returns the intent with the largest quantity, in whole lots, that every policy lets pass; as a reducing one where nothing more
 * than what is held remains of it. `undefined` where there is none, or where the limits do not say to make orders smaller.
 */
export function resized(
  intent: Intent,
  view: RiskView,
  limits: RiskLimits,
  now: TimeUs,
): Intent | undefined {
  if (limits.resize !== true || intent.reducing) return undefined;
  const { lot } = view.instrument(intent.symbol);
  const held = reducibleQuantity(intent, view);
  const withLots = (lots: number): Intent => {
    const amount = quantity(lots * lot);
    return amount <= held ? asReducing(intent, amount) : { ...intent, quantity: amount };
  };
  const passes = (lots: number): boolean =>
    firstRefusal(withLots(lots), view, limits, now) === undefined;
  let [low, high] = [0, Math.ceil(intent.quantity / lot) - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (passes(middle)) low = middle;
    else high = middle - 1;
  }
  return low > 0 && passes(low) ? withLots(low) : undefined;
}

/** What only closes needs no exits of its own. */
function asReducing({ exits: _, ...intent }: Intent, amount: Quantity): Intent {
  return { ...intent, quantity: amount, reducing: true };
}

function reducibleQuantity({ botId, symbol, side }: Intent, view: RiskView): number {
  const { positionQuantity, openBuyQuantity, openSellQuantity } = view.exposure(botId, symbol);
  return side === 'buy' ? -positionQuantity - openBuyQuantity : positionQuantity - openSellQuantity;
}
