import { executionService } from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import type { Log } from '@capstan/ports';
import { KILL_MODES } from '@capstan/risk';
import type { KillSwitches } from './kill-switches.ts';
import type { SwitchRequests } from './switch-requests.ts';

const { KillMode } = executionService;

/** Who throws and resets what the environment orders. */
const ACTOR = 'environment';

/** What the environment orders at a start. */
export interface StartOrders {
  /** How every account is killed; `undefined` leaves the switches as they are. */
  readonly kill: 'soft' | 'hard' | undefined;
  /** Accounts whose breaker is reset. */
  readonly breakerResets: readonly string[];
}

const KILL_WORDS: Readonly<Record<string, StartOrders['kill']>> = {
  '': undefined,
  false: undefined,
  off: undefined,
  true: 'soft',
  soft: 'soft',
  hard: 'hard',
};

/**
 * Reads `KILL_SWITCH` (`true` or `soft`, `hard`; `false`, `off` or nothing orders nothing) and `CIRCUIT_BREAKER_RESET` (`all`, or
 * accounts with commas between).
 * @param accounts all configured ones.
 * @throws CONFIG.INVALID for a word that means nothing: a switch that is misspelt must not go unseen.
 */
export function readStartOrders(
  environment: Readonly<Record<string, string | undefined>>,
  accounts: readonly string[],
): StartOrders {
  const word = (environment.KILL_SWITCH ?? '').trim().toLowerCase();
  if (!Object.hasOwn(KILL_WORDS, word)) {
    throw invalid(`KILL_SWITCH is '${word}'.`, 'Say true, soft, hard or false.');
  }
  const names = (environment.CIRCUIT_BREAKER_RESET ?? '').split(',').map((name) => name.trim());
  const named = names.filter((name) => name !== '' && name !== 'false');
  if (named.some((name) => name === 'all' || name === 'true')) {
    return { kill: KILL_WORDS[word], breakerResets: accounts };
  }
  const unknown = named.find((name) => !accounts.includes(name));
  if (unknown !== undefined) {
    const known = accounts.length === 0 ? 'There is none.' : `Known: all, ${accounts.join(', ')}.`;
    throw invalid(`CIRCUIT_BREAKER_RESET names '${unknown}', which is no account.`, known);
  }
  return { kill: KILL_WORDS[word], breakerResets: named };
}

/** Throws the kill switches that the environment orders, before anything is owned; one that stands harder stays. @throws BUS.UNAVAILABLE */
export async function killAtStart(
  { requests, switches, log }: { requests: SwitchRequests; switches: KillSwitches; log: Log },
  { kill }: StartOrders,
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
  { breakerResets }: StartOrders,
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

function invalid(why: string, fix: string): AppError {
  return new AppError({ code: 'CONFIG.INVALID', why, fix });
}
