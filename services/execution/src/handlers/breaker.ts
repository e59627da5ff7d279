import { AppError } from '@capstan/domain';
import { breakerReason } from '@capstan/risk';
import type { Account } from '../effects.ts';

/** Whether a breaker was reset, in words. */
export interface ResetVerdict {
  readonly isReset: boolean;
  readonly message: string;
}

/**
 * Resets the account's breaker, unless what opened it is still there.
 * @param force also where it is: the next failures in a row open it again.
 */
export async function resetBreaker(account: Account, force: boolean): Promise<ResetVerdict> {
  const { breaker } = account;
  if (!breaker.standing.open) return { isReset: true, message: 'it is closed already.' };
  const before = breakerReason(breaker.standing);
  const cause = await standingCause(account);
  if (cause !== undefined && !force) {
    const message = `the cause is still there: ${cause}; ${before}. Reset it by force if it shall trade all the same.`;
    return { isReset: false, message };
  }
  breaker.reset();
  const still = cause === undefined ? '' : ` The cause is still there: ${cause}.`;
  return { isReset: true, message: `reset: ${before}.${still}` };
}

/** Says what still keeps orders from being sent well; `undefined` where nothing can be seen. */
async function standingCause({ ports, settings, state }: Account): Promise<string | undefined> {
  try {
    await ports.venue.account(settings.accountId);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return `the venue does not answer (${error.code})`;
  }
  const unknown = state.unresolved().length;
  if (unknown === 0) return undefined;
  return `of ${unknown === 1 ? 'one order' : `${unknown} orders`} the venue has not said whether it has it`;
}
