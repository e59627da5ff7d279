import { describe, expect, it } from 'vitest';
import { readArguments, UsageError } from './arguments.ts';
import { FAULTS } from './faults.ts';

const read = (line: string) => readArguments(line === '' ? [] : line.split(' '), 99);
const ALL = FAULTS.map(({ name }) => name);

describe('the arguments of a drill', () => {
  it('are every fault once, within minutes, unless something is asked for', () => {
    expect(read('')).toEqual({ kind: 'drill', seed: 99, minutes: 15, isOnce: true, names: ALL });
  });

  it('name the time, the faults and the seed', () => {
    const names = ['kill-risk', 'stop-nats'];
    const asked = { kind: 'drill', seed: 7, minutes: 0.5, isOnce: false, names };
    expect(read('--minutes 0.5 --only kill-risk,stop-nats --seed 7')).toEqual(asked);
  });

  it('list the faults', () => {
    const said = read('--list');
    expect(said.kind).toBe('say');
    for (const name of ALL) expect(JSON.stringify(said)).toContain(name);
  });

  it.each([
    ['--seed x', '--seed x: say a whole number'],
    ['--minutes 0', '--minutes 0: say a number above 0'],
    ['--minutes Infinity', '--minutes Infinity: say a number above 0'],
    ['--only kill-risk,sink-ship', '--only sink-ship: no fault is called so'],
    ['--loud', 'npm run drills'],
    ['now', 'npm run drills'],
  ])('refuse %j, and say what may be asked', (line, message) => {
    expect(() => read(line)).toThrow(UsageError);
    expect(() => read(line)).toThrow(message);
  });
});
