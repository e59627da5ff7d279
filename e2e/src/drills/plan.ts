import { assert } from '@capstan/domain';
import { Random } from '@capstan/testkit';

/** A fault that is to strike. */
export interface Planned<Fault> {
  readonly fault: Fault;
  /** What it draws its times from: of its name and the round alone, so that it strikes alone as it did among others. */
  readonly seed: number;
}

/** Returns the faults of a seed, without an end: all of them in some order, then all of them in another. */
export function* planOf<Fault extends { readonly name: string }>(
  faults: readonly Fault[],
  seed: number,
): Generator<Planned<Fault>> {
  assert(faults.length > 0, 'a drill has a fault');
  const random = new Random(seed);
  for (let round = 1; ; round += 1) {
    const left = [...faults];
    while (left.length > 0) {
      const [fault] = left.splice(random.integer(0, left.length - 1), 1);
      assert(fault !== undefined, 'there was one left');
      yield { fault, seed: mixed(`${seed} ${fault.name} ${round}`) };
    }
  }
}

/** Makes a number of a text (FNV-1a). */
function mixed(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
