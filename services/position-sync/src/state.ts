import type { StakeState } from './foreign-stake.ts';

/** What the rows do not say; plain data, safe for JSON. */
export interface PositionState {
  /** The last of the venue's activities that is booked; absent before the first look. */
  readonly cursor: string | undefined;
  /** What is somebody else's, where the rule is to ignore it. */
  readonly stake: StakeState | undefined;
}

/** Packs the state; the same state gives the same text. */
export function encodeState({ cursor, stake }: PositionState): string {
  return JSON.stringify({ cursor, stake });
}

/** Reads what {@link encodeState} packed; nothing stored means an account that was never looked at. */
export function decodeState(data: Uint8Array | undefined): PositionState {
  if (data === undefined) return { cursor: undefined, stake: undefined };
  const { cursor, stake } = JSON.parse(new TextDecoder().decode(data)) as Partial<PositionState>;
  return { cursor, stake };
}
