import type { StakeState } from './foreign-stake.ts';
import type { OpeningState } from './opening.ts';

/** What the rows do not say; plain data, safe for JSON. */
export interface PositionState {
  /** The last of the venue's activities that is booked; absent before the first look. */
  readonly cursor: string | undefined;
  /** What is somebody else's, where the rule is to ignore it. */
  readonly stake: StakeState | undefined;
  /** How far the opening is, at a broker; absent where the account is open, and at the paper exchange. */
  readonly opening: OpeningState | undefined;
}

/** Packs the state; the same state gives the same text. */
export function encodeState({ cursor, stake, opening }: PositionState): string {
  return JSON.stringify({ cursor, stake, opening });
}

/** Reads what {@link encodeState} packed; `undefined` of an account that was never looked at. */
export function decodeState(data: Uint8Array | undefined): PositionState | undefined {
  if (data === undefined) return undefined;
  const stored = JSON.parse(new TextDecoder().decode(data)) as Partial<PositionState>;
  const { cursor, stake, opening } = stored;
  return { cursor, stake, opening };
}
