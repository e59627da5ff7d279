/** A small seeded generator of uniform and normal numbers: the same seed gives the same numbers everywhere. */
export class SeededRandom {
  #state: number;

  /** @param seed any integer; only its low 32 bits count. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Returns a number from 0 to below 1, with 32 bits of it random. @source mulberry32 */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Returns a standard normal number. @source Box and Muller, 1958 */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}

/** Mixes integers into one 32-bit seed, so that each (seed, symbol, day) has numbers of its own. */
export function mixSeed(...parts: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    hash = Math.imul(hash ^ (part | 0), 0x01000193);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    hash ^= hash >>> 12;
  }
  return hash | 0;
}
