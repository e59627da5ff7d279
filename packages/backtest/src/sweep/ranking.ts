import { METRICS, type MetricKey } from '@capstan/analytics';
import type { CombinationRow } from './combination-row.ts';

/** A combination in a ranking. */
export interface Ranked {
  readonly index: number;
  readonly value: number;
  readonly digest: string;
}

/** The best combinations so far by one metric; the earlier one first where two are alike. */
export class Ranking {
  readonly #column: number;
  readonly #sign: number;
  readonly #keep: number;
  readonly #best: Ranked[] = [];

  constructor(metric: MetricKey, keep: number) {
    this.#column = METRICS.findIndex(({ key }) => key === metric);
    this.#sign = METRICS[this.#column]?.better === 'lower' ? -1 : 1;
    this.#keep = keep;
  }

  /** Best first. */
  get best(): readonly Ranked[] {
    return this.#best;
  }

  /** Puts a combination where it belongs; one without a value has no place. */
  add({ index, metrics, digest }: Pick<CombinationRow, 'index' | 'metrics' | 'digest'>): void {
    const value = metrics[this.#column] ?? Number.NaN;
    if (Number.isNaN(value) || this.#keep === 0) return;
    const last = this.#best.at(-1);
    if (
      this.#best.length >= this.#keep &&
      last !== undefined &&
      !this.#isBetter(value, last, index)
    )
      return;
    const place = this.#best.findIndex((one) => this.#isBetter(value, one, index));
    this.#best.splice(place < 0 ? this.#best.length : place, 0, { index, value, digest });
    this.#best.length = Math.min(this.#best.length, this.#keep);
  }

  #isBetter(value: number, than: Ranked, index: number): boolean {
    const difference = (value - than.value) * this.#sign;
    return difference > 0 || (difference === 0 && index < than.index);
  }
}
