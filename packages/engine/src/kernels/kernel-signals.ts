import type { SignalColumns } from '../run/signals.ts';

/** The signals of a symbol as the kernels take them: rows, directions and protective prices, nothing else. */
export interface KernelSignals {
  readonly count: number;
  readonly row: Int32Array;
  /** Of `OPINION`: 1, 0 or -1. */
  readonly opinion: Int8Array;
  /** Nanos, 0 for none; absent where no signal asks for one. */
  readonly stopNanos?: Float64Array;
  /** Nanos, 0 for none; absent where no signal asks for one. */
  readonly targetNanos?: Float64Array;
}

/** Returns signals as the kernels take them; `undefined` where one asks for what they do not do. */
export function kernelSignals(signals: SignalColumns): KernelSignals | undefined {
  const { count, row, opinion } = signals;
  if (signals.plain) return { count, row, opinion };
  const stopNanos = new Float64Array(count);
  const targetNanos = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const target = signals.targetOf(index);
    if (target.direction !== 'flat' && target.strength !== 1) return undefined;
    if (target.limitPriceNanos !== undefined || target.timeInForce !== undefined) return undefined;
    if (target.trailNanos !== undefined || target.trailBps !== undefined) return undefined;
    stopNanos[index] = target.stopPriceNanos ?? 0;
    targetNanos[index] = target.takeProfitPriceNanos ?? 0;
  }
  return { count, row, opinion, stopNanos, targetNanos };
}
