import type { Ids } from '@capstan/ports';
import { Random } from '../random.ts';

/** Names drawn from a seed; a count in each keeps them apart for ever. */
export class SeededIds implements Ids {
  readonly #random: Random;
  readonly #prefix: string;
  #count = 0;

  /** @param prefix keeps apart the names of several that share a seed. */
  constructor(seed: number, prefix = '') {
    this.#random = new Random(seed);
    this.#prefix = prefix;
  }

  incarnation(): string {
    return `life-${this.#next()}`;
  }

  random(): string {
    return this.#next();
  }

  #next(): string {
    this.#count += 1;
    return `${this.#prefix}${this.#random.hex()}${this.#count.toString(16).padStart(6, '0')}`;
  }
}
