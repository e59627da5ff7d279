import { describe, expect, it } from 'vitest';
import { FAULTS } from './faults.ts';
import { type Planned, planOf } from './plan.ts';

type Named = { readonly name: string };

function take(seed: number, count: number, faults: readonly Named[] = FAULTS): Planned<Named>[] {
  const plan = planOf(faults, seed);
  return Array.from({ length: count }, () => plan.next().value as Planned<Named>);
}
const namesOf = (planned: readonly Planned<Named>[]) => planned.map(({ fault }) => fault.name);

describe('the plan of a drill', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(take(7, 60)).toEqual(take(7, 60));
    expect(namesOf(take(7, 60))).not.toEqual(namesOf(take(8, 60)));
  });

  it('has every fault once before it has one twice', () => {
    const struck = namesOf(take(3, 2 * FAULTS.length));
    const all = FAULTS.map(({ name }) => name).sort();
    expect(struck.slice(0, FAULTS.length).sort()).toEqual(all);
    expect(struck.slice(FAULTS.length).sort()).toEqual(all);
    expect(new Set(all).size).toBe(all.length);
  });

  it('lets a fault alone draw what it draws among others, in each round', () => {
    const [one] = FAULTS;
    if (one === undefined) throw new Error('there are faults');
    const among = take(5, 2 * FAULTS.length).filter(({ fault }) => fault.name === one.name);
    expect(take(5, 2, [one])).toEqual(among);
    expect(among[0]?.seed).not.toBe(among[1]?.seed);
  });
});
