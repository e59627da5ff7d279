import { AppError, type BotSlice } from '@capstan/domain';
import type { AccountState } from '@capstan/engine';
import type { StoredLimits } from './limits-book.ts';

/** A bot that the account waits for at every slice of its feed. */
export interface ActiveBot {
  readonly botId: string;
  readonly feed: string;
  /** End of the last slice that it has spoken of; `undefined` before its first word. Microseconds. */
  readonly throughUs?: number;
}

/** How far the account is with a feed. Microseconds; absent before the first. */
export interface FeedProgress {
  readonly feed: string;
  readonly decidedThroughUs?: number;
  readonly venueThroughUs?: number;
}

/** Whom the account waits for, and what it has in hand. Plain data. */
export interface Progress {
  /** Sorted by bot. */
  readonly active: readonly ActiveBot[];
  /** Sorted by feed. */
  readonly feeds: readonly FeedProgress[];
  /** Slices that bots have given and that are not decided. */
  readonly pending: readonly BotSlice[];
}

/** All that risk knows of an account beside its rows. */
export interface RiskState {
  readonly core: AccountState;
  readonly progress: Progress;
  /** Absent where the configuration's hold. */
  readonly limits?: StoredLimits | undefined;
  /** Names the limits that were last told with a slice; empty before the first. */
  readonly toldLimits?: string | undefined;
}

const VERSION = 1;

/** Packs the state for the store. */
export function encodeState(state: RiskState): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ version: VERSION, ...state }));
}

/** Reverses {@link encodeState}. @throws RISK_SERVICE.STATE when another version wrote it. */
export function decodeState(data: Uint8Array): RiskState {
  const stored = JSON.parse(new TextDecoder().decode(data)) as RiskState & { version: number };
  if (stored.version !== VERSION) {
    throw new AppError({
      code: 'RISK_SERVICE.STATE',
      why: `stored state has version ${stored.version}; this service reads version ${VERSION}.`,
      fix: 'Run the version that wrote it.',
    });
  }
  const { core, progress, limits, toldLimits } = stored;
  return { core, progress, limits, toldLimits };
}
