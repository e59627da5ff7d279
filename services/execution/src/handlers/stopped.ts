import type { OrderTerms } from '@capstan/domain';
import { breakerRefusal, DRY_RUN, isKilled, killRefusal, type Refusal } from '../decide.ts';
import type { Account } from '../effects.ts';

/** Looks at what stops a send as it is at this very moment: a dry run, the kill switch, the breaker. */
export function killed(account: Account, order: OrderTerms): Refusal | undefined {
  const { switches, settings, state, breaker } = account;
  if (settings.dryRun === true) return DRY_RUN;
  const killSwitch = switches.get(settings.accountId);
  const flattens = state.flattening?.orderIds.includes(order.orderId) ?? false;
  if (isKilled(order, killSwitch, flattens)) return killRefusal(killSwitch);
  const { standing } = breaker;
  return standing.open && !order.reducing ? breakerRefusal(standing) : undefined;
}
