import type { Bar } from '@capstan/domain';
import { LAKE_COLUMNS, type LakeBars, newLakeBars, viewRows } from '@capstan/lake';

/** Bars of one symbol as they come, in columns that grow. */
export class BarColumns {
  #bars: LakeBars;
  #rows = 0;

  /** @param rows how many are to come, at a guess. */
  constructor(rows: number) {
    this.#bars = newLakeBars(Math.max(1, rows));
  }

  push(bar: Bar): void {
    const at = this.#rows;
    if (at === this.#bars.endUs.length) this.#grow();
    const bars = this.#bars;
    bars.startUs[at] = bar.startUs;
    bars.endUs[at] = bar.endUs;
    bars.openNanos[at] = bar.openNanos;
    bars.highNanos[at] = bar.highNanos;
    bars.lowNanos[at] = bar.lowNanos;
    bars.closeNanos[at] = bar.closeNanos;
    bars.volume[at] = bar.volume;
    this.#rows = at + 1;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Returns what came, as views: no copy. */
  bars(): LakeBars {
    return viewRows(this.#bars, 0, this.#rows);
  }

  #grow(): void {
    const grown = newLakeBars(2 * this.#rows);
    for (const name of LAKE_COLUMNS) grown[name].set(this.#bars[name]);
    this.#bars = grown;
  }
}
