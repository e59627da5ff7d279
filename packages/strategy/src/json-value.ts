import { AppError } from '@capstan/domain';

/** Data that JSON keeps without loss. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

const DEPTH_MAX = 16;

/**
 * Checks that a strategy's state survives JSON and freezes it, so that nobody can change it in place.
 * @returns the same value. @throws STRATEGY.STATE naming the place.
 */
export function frozenState<S extends JsonValue>(state: S, strategy: string): S {
  freeze(state, { path: 'state', strategy, depth: 0 });
  return state;
}

interface Place {
  readonly path: string;
  readonly strategy: string;
  readonly depth: number;
}

function freeze(value: unknown, place: Place): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(place, `is ${value}`);
    return;
  }
  if (typeof value !== 'object') refuse(place, `is of type ${typeof value}`);
  if (place.depth >= DEPTH_MAX) refuse(place, 'is nested too deeply');
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
    refuse(place, 'is no plain object');
  }
  for (const [key, entry] of Object.entries(value)) {
    freeze(entry, { ...place, path: `${place.path}.${key}`, depth: place.depth + 1 });
  }
  Object.freeze(value);
}

function refuse(place: Place, what: string): never {
  throw new AppError({
    code: 'STRATEGY.STATE',
    why: `strategy ${place.strategy}: ${place.path} ${what}.`,
    fix: 'Keep finite numbers, strings, booleans, null, lists and plain objects of these.',
  });
}
