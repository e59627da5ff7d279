import type { Stateful } from './compose-kernel.ts';
import { checkFinite } from './finite.ts';
import { type KernelState, numberOrNone } from './kernel-state.ts';

/** Remembers one number: the last one. */
export class Previous implements Stateful {
  #value: number | undefined;

  /** Takes a number; −0 becomes 0, as in JSON. @returns the one before it, if there was one. */
  exchange(value: number): number | undefined {
    checkFinite(value);
    const before = this.#value;
    this.#value = value + 0;
    return before;
  }

  snapshot(): KernelState {
    return { value: this.#value ?? null };
  }

  /** @throws INDICATOR.STATE */
  restore(state: KernelState): void {
    this.#value = numberOrNone(state, 'value');
  }
}
