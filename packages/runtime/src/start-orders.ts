import { AppError } from '@capstan/domain';
import type { Environment } from './config-source.ts';

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
  environment: Environment,
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

function invalid(why: string, fix: string): AppError {
  return new AppError({ code: 'CONFIG.INVALID', why, fix });
}
