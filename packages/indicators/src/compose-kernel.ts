import type { Kernel } from './kernel.ts';
import { joinStates, type KernelState, stateOf } from './kernel-state.ts';

/** What has a state of its own: a kernel, a window, a mean. */
export interface Stateful {
  snapshot(): KernelState;
  restore(state: KernelState): void;
}

/** What {@link composeKernel} puts together. */
export interface KernelComposition<In> {
  /** Inputs up to and including the one that gives the first value. */
  readonly warmup: number;
  /** All that `next` remembers between inputs, by name. */
  readonly parts: Readonly<Record<string, Stateful>>;
  /** Takes the next input. @returns the value as of it, or `undefined` while there is none. */
  next(input: In): number | undefined;
}

/** Makes a kernel of parts that have their own state: its snapshot is theirs, by the names of the parts. */
export function composeKernel<In>(composition: KernelComposition<In>): Kernel<In> {
  const parts = Object.entries(composition.parts);
  return {
    warmup: composition.warmup,
    next: composition.next,
    snapshot: () =>
      joinStates(Object.fromEntries(parts.map(([name, part]) => [name, part.snapshot()]))),
    restore: (state) => {
      for (const [name, part] of parts) part.restore(stateOf(state, name));
    },
  };
}
