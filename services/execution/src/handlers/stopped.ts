import type { OrderTerms } from '@capstan/domain';
import { driftReason } from '@capstan/risk';
import { breakerRefusal, DRY_RUN, isKilled, killRefusal, type Refusal } from '../decide.ts';
import type { Account } from '../effects.ts';
import { isFlattening } from '../state.ts';

/** Looks at what stops a send as it is at this very moment: a dry run, the kill switch, the breaker, a drift. */
export function killed(account: Account, order: OrderTerms): Refusal | undefined {
  const { switches, settings, state, breaker, drifts } = account;
  if (settings.dryRun === true) return DRY_RUN;
  const killSwitch = switches.get(settings.accountId);
  if (isKilled(order, killSwitch, isFlattening(state, order))) return killRefusal(killSwitch);
  if (order.reducing) return undefined;
  const { standing } = breaker;
  if (standing.open) return breakerRefusal(standing);
  const drift = driftReason(drifts.open, order.symbol);
  return drift === undefined ? undefined : { policy: 'drift', reason: drift };
}
