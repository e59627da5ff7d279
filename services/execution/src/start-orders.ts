import { executionService } from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import type { Log } from '@capstan/ports';
import { KILL_MODES } from '@capstan/risk';
import type { KillSwitches } from './kill-switches.ts';
import type { SwitchRequests } from './switch-requests.ts';

const { KillMode } = executionService;

/** Who throws and resets what the environment orders. */
const ACTOR = 'environment';

/** Throws the kill switches that the environment orders, before anything is owned; one that stands harder stays. @throws BUS.UNAVAILABLE */
export async function killAtStart(
  { requests, switches, log }: { requests: SwitchRequests; switches: KillSwitches; log: Log },
  { kill }: { readonly kill: 'soft' | 'hard' | undefined },
  accounts: readonly string[],
): Promise<void> {
  if (kill === undefined) return;
  const mode = kill === 'hard' ? KillMode.KILL_MODE_HARD : KillMode.KILL_MODE_SOFT;
  for (const accountId of accounts) {
    const standing = (await switches.read(accountId)).mode;
    if (KILL_MODES.indexOf(standing) >= KILL_MODES.indexOf(kill)) continue;
    const reason = `KILL_SWITCH=${kill} in the environment`;
    await requests.kill({ accountId, mode, actor: ACTOR, reason, foreign: false });
    log.warn(`the ${kill} kill switch is thrown by the environment`, { account: accountId });
  }
}

/** Resets the breakers that the environment names, as their owners come; it is said what became of each. */
export async function resetAtStart(
  { requests, log }: { requests: SwitchRequests; log: Log },
  { breakerResets }: { readonly breakerResets: readonly string[] },
): Promise<void> {
  for (const account of breakerResets) {
    try {
      const request = { accountId: account, actor: ACTOR, commandId: '', force: false };
      const { resets } = await requests.resetBreaker(request);
      for (const { result } of resets)
        log.warn(`CIRCUIT_BREAKER_RESET: ${result?.message ?? ''}`, { account });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.warn('CIRCUIT_BREAKER_RESET: the breaker could not be reset', { account, error });
    }
  }
}
