import { describe, expect, it } from 'vitest';
import { readArguments, UsageError } from './arguments.ts';

const read = (line: string) => readArguments(line === '' ? [] : line.split(' '));

describe('the arguments of a simulation', () => {
  it('name one world, whole or shrunk', () => {
    expect(read('--seed 7')).toEqual({ kind: 'replay', run: { seed: 7 } });
    const run = { seed: 7, slices: 12, onlyFaults: [3, 17] };
    expect(read('--seed 7 --slices 12 --faults 3,17')).toEqual({ kind: 'replay', run });
    expect(read('--seed 7 --watched')).toMatchObject({ run: { seed: 7, kind: 'watched' } });
    expect(read('--seed 7 --faults none')).toMatchObject({ run: { onlyFaults: [] } });
  });

  it('name many worlds, by number or by time', () => {
    expect(read('--count 20')).toEqual({ kind: 'many', from: 1, count: 20 });
    expect(read('--count 20 --from 300')).toEqual({ kind: 'many', from: 300, count: 20 });
    expect(read('--count 20 --operated')).toMatchObject({ count: 20, world: 'operated' });
    expect(read('--seed 7 --storm 6')).toMatchObject({ run: { storm: 6 } });
    expect(read('--count 20 --storm 6')).toMatchObject({ storm: 6 });
    expect(read('--minutes 2 --storm 6')).toMatchObject({ storm: 6 });
    expect(read('--count 20 --workers 1')).toMatchObject({ count: 20, workers: 1 });
    expect(read('--minutes 0.5 --from 9')).toMatchObject({ kind: 'many', from: 9, minutes: 0.5 });
  });

  it('name the mutants, or one', () => {
    expect(read('--mutants')).toEqual({ kind: 'mutants' });
    expect(read('--mutant no-dedupe')).toEqual({ kind: 'mutant', name: 'no-dedupe' });
  });

  it.each([
    ['', 'npm run sim -- --seed N'],
    ['--seed x', '--seed x: say a whole number'],
    ['--count -3', 'npm run sim'],
    ['--count 4 --storm 0', '--storm 0: say a number from 1 to 100'],
    ['--minutes 0', '--minutes 0: say a number above 0'],
    ['--seed 1 --faults 3,,4', '--faults 3,,4: say numbers'],
    ['--faults 3 --count 4', 'say which by --seed N'],
    ['--slices 3 --count 4', 'say which by --seed N'],
    ['--count 4 --watched --operated', 'say one of them'],
    ['--sede 4', "Unknown option '--sede'"],
  ])('refuse %j', (line, why) => {
    expect(() => read(line)).toThrow(UsageError);
    expect(() => read(line)).toThrow(why);
  });
});
