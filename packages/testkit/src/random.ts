import { assert } from '@capstan/domain';

/** A small seeded generator (xoshiro128**): the same seed gives the same numbers everywhere. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed any safe integer. */
  constructor(seed: number) {
    assert(Number.isSafeInteger(seed), `seed must be a safe integer, got ${seed}`);
    let mixed = (seed ^ Math.floor(seed / 0x1_0000_0000)) >>> 0;
    const word = (): number => {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      let z = mixed;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) >>> 0;
    };
    this.#a = word();
    this.#b = word();
    this.#c = word();
    this.#d = word() | 1;
  }

  /** Returns the next 32 bits. */
  bits(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** Returns a number of [0, 1). */
  fraction(): number {
    return this.bits() / 0x1_0000_0000;
  }

  /** Returns an integer from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    assert(min <= max, `no integer between ${min} and ${max}`);
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  /** Returns true with the probability given, without drawing where that is 0. */
  chance(probability: number): boolean {
    return probability > 0 && this.fraction() < probability;
  }

  /** Returns one of the items. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.integer(0, items.length - 1)];
    assert(item !== undefined, 'nothing to pick from');
    return item;
  }

  /** Returns 16 hexadecimal digits. */
  hex(): string {
    const word = () => this.bits().toString(16).padStart(8, '0');
    return word() + word();
  }
}
