import { AppError, assert, type Timeframe } from '@capstan/domain';
import type { IndicatorBar, KernelState } from '@capstan/indicators';
import { type BarField, type IndicatorGraph, type IndicatorNode, nodeKey } from './graph.ts';

interface Step {
  readonly key: string;
  readonly timeframe: Timeframe;
  readonly take: (bar: IndicatorBar) => number | undefined;
  readonly snapshot: () => KernelState;
  readonly restore: (state: KernelState) => void;
  value: number | undefined;
}

/** State of all kernels of a graph: plain data. */
export interface GraphState {
  readonly [key: string]: { readonly kernel: KernelState; readonly value: number | null };
}

/** The kernels of one symbol. Nodes that mean the same share one kernel; inputs are stepped before what reads them. */
export class GraphStream {
  readonly #base: Timeframe;
  readonly #steps = new Map<string, Step>();
  readonly #outputs: readonly (readonly [name: string, step: Step])[];

  constructor(graph: IndicatorGraph, base: Timeframe) {
    this.#base = base;
    this.#outputs = Object.entries(graph).map(([name, node]) => {
      assert(
        node.symbol === undefined,
        `'${name}' reads ${node.symbol}: stream its part by itself`,
      );
      return [name, this.#add(node)];
    });
  }

  /** Steps the kernels of one timeframe by one bar. */
  step(timeframe: Timeframe, bar: IndicatorBar): void {
    for (const step of this.#steps.values()) {
      if (step.timeframe === timeframe) step.value = step.take(bar);
    }
  }

  /** Returns the current values, or `undefined` while one is missing. */
  values(): Readonly<Record<string, number>> | undefined {
    const values: Record<string, number> = {};
    for (const [name, step] of this.#outputs) {
      if (step.value === undefined) return undefined;
      values[name] = step.value;
    }
    return values;
  }

  /** Returns the state as plain data that survives JSON without loss. */
  snapshot(): GraphState {
    const state: Record<string, GraphState[string]> = {};
    for (const step of this.#steps.values()) {
      state[step.key] = { kernel: step.snapshot(), value: step.value ?? null };
    }
    return state;
  }

  /** Replaces the state. @throws STRATEGY.CHECKPOINT or INDICATOR.STATE when it is of another graph. */
  restore(state: GraphState): void {
    for (const step of this.#steps.values()) {
      const stored = state[step.key];
      if (typeof stored?.kernel !== 'object' || stored.kernel === null) {
        throw new AppError({
          code: 'STRATEGY.CHECKPOINT',
          why: `the checkpoint has no values of ${step.key}.`,
          fix: 'Discard it and warm up from history.',
        });
      }
      step.restore(stored.kernel);
      step.value = stored.value ?? undefined;
    }
  }

  #add(node: IndicatorNode): Step {
    const key = nodeKey(node, this.#base);
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const step: Step = {
      key,
      timeframe: node.timeframe ?? this.#base,
      value: undefined,
      ...this.#computation(node),
    };
    this.#steps.set(key, step);
    return step;
  }

  #computation(node: IndicatorNode): Pick<Step, 'take' | 'snapshot' | 'restore'> {
    if (node.input === 'bar') {
      const kernel = node.indicator.create(node.parameters);
      return {
        take: (bar) => kernel.next(bar),
        snapshot: () => kernel.snapshot(),
        restore: (state) => kernel.restore(state),
      };
    }
    const read = this.#reader(node.of);
    const kernel = node.indicator.create(node.parameters);
    return {
      take: (bar) => {
        const value = read(bar);
        return value === undefined ? undefined : kernel.next(value);
      },
      snapshot: () => kernel.snapshot(),
      restore: (state) => kernel.restore(state),
    };
  }

  #reader(of: BarField | IndicatorNode): (bar: IndicatorBar) => number | undefined {
    if (typeof of !== 'string') {
      const input = this.#add(of);
      return () => input.value;
    }
    return (bar) => fieldOf(bar, of);
  }
}

/** Returns a field of a bar. */
export function fieldOf(bar: IndicatorBar, field: BarField): number {
  switch (field) {
    case 'open':
      return bar.openNanos;
    case 'high':
      return bar.highNanos;
    case 'low':
      return bar.lowNanos;
    case 'close':
      return bar.closeNanos;
    case 'volume':
      return bar.volume;
  }
}
