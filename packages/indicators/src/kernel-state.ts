import { AppError } from '@capstan/domain';
import { INDICATOR_STATE } from './error-codes.ts';

/** Plain data of a kernel: finite numbers, lists of them, or null, by name. */
export type KernelState = Readonly<Record<string, number | null | readonly number[]>>;

function refuse(key: string, rule: string): never {
  throw new AppError({
    code: INDICATOR_STATE,
    why: `kernel state: '${key}' ${rule}.`,
    fix: 'Discard the checkpoint and warm up from history.',
  });
}

/** Returns the number, or `undefined` where the state holds null. @throws INDICATOR.STATE */
export function numberOrNone(state: KernelState, key: string): number | undefined {
  const value = state[key];
  if (value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) refuse(key, 'is not a finite number');
  return value;
}

/** Returns the number. @throws INDICATOR.STATE */
export function numberOf(state: KernelState, key: string): number {
  return numberOrNone(state, key) ?? refuse(key, 'is missing');
}

/** Returns the list of at most `max` numbers. @throws INDICATOR.STATE */
export function numbersOf(state: KernelState, key: string, max: number): readonly number[] {
  const value = state[key];
  if (!Array.isArray(value)) refuse(key, 'is not a list');
  if (value.length > max) refuse(key, `has more than ${max} entries`);
  for (const entry of value) {
    if (typeof entry !== 'number' || !Number.isFinite(entry)) refuse(key, 'holds a non-number');
  }
  return value;
}

/** Puts the states of named parts into one: `mean` of part `fast` becomes `fast.mean`. */
export function joinStates(parts: Readonly<Record<string, KernelState>>): KernelState {
  const joined: Record<string, KernelState[string]> = {};
  for (const [name, state] of Object.entries(parts)) {
    for (const [key, value] of Object.entries(state)) joined[`${name}.${key}`] = value;
  }
  return joined;
}

/** Returns the state of one part of a joined state. */
export function stateOf(state: KernelState, part: string): KernelState {
  const prefix = `${part}.`;
  const own: Record<string, KernelState[string]> = {};
  for (const [key, value] of Object.entries(state)) {
    if (key.startsWith(prefix)) own[key.slice(prefix.length)] = value;
  }
  return own;
}
