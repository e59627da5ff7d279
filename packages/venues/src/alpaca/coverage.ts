/**
 * Which of the units of an order were told as filled: whole numbers from 0, as Alpaca counts them up. The same fill may come by the
 * stream, by the list of activities, and from before a restart, in any order and cut in other pieces.
 */
export class Coverage {
  /** Disjoint, sorted; each from one number up to another. */
  #spans: readonly (readonly [number, number])[];

  /** @param through what was told before: all up to it. */
  constructor(through = 0) {
    this.#spans = through > 0 ? [[0, through]] : [];
  }

  get total(): number {
    return this.#spans.reduce((sum, [from, to]) => sum + to - from, 0);
  }

  /** Takes `(from, to]`. @returns how many of these units were not told before. */
  take(from: number, to: number): number {
    const before = this.total;
    const touching = this.#spans.filter(([a, b]) => a <= to && b >= from);
    const apart = this.#spans.filter(([a, b]) => a > to || b < from);
    const start = Math.min(from, ...touching.map(([a]) => a));
    const end = Math.max(to, ...touching.map(([, b]) => b));
    this.#spans = [...apart, [start, end] as const].sort((x, y) => x[0] - y[0]);
    return this.total - before;
  }
}
