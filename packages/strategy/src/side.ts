import type { Direction } from '@capstan/domain';
import type { ChoiceParameter } from './parameter.ts';
import type { Target } from './target.ts';

/** The parameter that says which positions a strategy may take. */
export const SIDES: ChoiceParameter = {
  type: 'choice',
  choices: ['long', 'short', 'both'],
  default: 'long',
  description: 'Which positions it may take.',
};

/** The side that a strategy is on, as its state. */
export interface SideState {
  readonly [key: string]: Direction;
  readonly side: Direction;
}

/** Where every strategy with a side begins. */
export const FLAT_SIDE: SideState = { side: 'flat' };

/** Returns the side that is wished for, flat where `sides` does not allow it. */
export function allowedSide(wish: Direction, sides: string): Direction {
  return wish === 'flat' || sides === 'both' || wish === sides ? wish : 'flat';
}

/** What a strategy with an entry and an exit rule sees at one bar. */
export interface SideSignals {
  readonly entersLong: boolean;
  readonly exitsLong: boolean;
  readonly entersShort: boolean;
  readonly exitsShort: boolean;
}

/** Returns the side after a bar: an entry on the other side turns it round, an exit ends it, anything else keeps it. */
export function nextSide(state: SideState, signals: SideSignals, sides: string): SideState {
  const side = sideAfter(state.side, signals, sides);
  return side === state.side ? state : { side };
}

function sideAfter(side: Direction, signals: SideSignals, sides: string): Direction {
  const long = signals.entersLong && allowedSide('long', sides) === 'long';
  const short = signals.entersShort && allowedSide('short', sides) === 'short';
  if (long !== short) return long ? 'long' : 'short';
  if (side === 'long' && signals.exitsLong) return 'flat';
  if (side === 'short' && signals.exitsShort) return 'flat';
  return side;
}

/** Returns the target of being on a side at full strength. */
export function targetOfSide(side: Direction, reason: () => string): Target {
  return { direction: side, strength: side === 'flat' ? 0 : 1, reason };
}
