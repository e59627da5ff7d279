import type { KernelState } from './kernel-state.ts';

/**
 * What a bar kernel sees of a bar. A domain `Bar` is one.
 * Prices are integer nanos; volume is in traded units at the instrument's quantity scale.
 */
export interface IndicatorBar {
  readonly openNanos: number;
  readonly highNanos: number;
  readonly lowNanos: number;
  readonly closeNanos: number;
  readonly volume: number;
  /** When the bar ended; absent where nothing asks for it. */
  readonly endUs?: number | undefined;
  /** Open of the session that the bar lies in; absent outside sessions or where nothing asks for it. */
  readonly sessionOpenUs?: number | undefined;
}

/**
 * One streaming computation. Its output is a function of the inputs since it was made, in their order, and of
 * nothing else; two kernels given the same inputs answer with the same bits.
 */
export interface Kernel<In> {
  /** Inputs up to and including the one that gives the first value. */
  readonly warmup: number;
  /** Takes the next input. @returns the value as of it, or `undefined` while there is none. */
  next(input: In): number | undefined;
  /** Returns the state as plain data that survives JSON without loss. */
  snapshot(): KernelState;
  /**
   * Replaces the state by that of a snapshot: what follows has the same bits as if nothing had happened.
   * @throws INDICATOR.STATE when the data is not a snapshot of this kernel; the kernel must then be discarded.
   */
  restore(state: KernelState): void;
}

/** A kernel over numbers: prices in nanos, volumes, or another kernel's values. */
export type ValueKernel = Kernel<number>;
/** A kernel over whole bars. */
export type BarKernel = Kernel<IndicatorBar>;
