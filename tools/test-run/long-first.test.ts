import { expect, test } from 'vitest';
import { longFirst } from './long-first.ts';

const order = (...paths: readonly string[]): string[] => longFirst(paths, (path) => path);

test('platforms and simulations go first, in turn, and the rest keeps its order', () => {
  const files = [
    'packages/a.test.ts',
    'e2e/src/kill.test.ts',
    'services/b.prop.test.ts',
    'e2e/src/sim/arguments.test.ts',
    'e2e/src/sim/one.sim.test.ts',
    'e2e/src/parity.test.ts',
    'e2e/src/outage.test.ts',
    'packages/journal/src/two.sim.test.ts',
  ];
  expect(order(...files)).toEqual([
    'e2e/src/kill.test.ts',
    'e2e/src/sim/one.sim.test.ts',
    'e2e/src/parity.test.ts',
    'packages/journal/src/two.sim.test.ts',
    'e2e/src/outage.test.ts',
    'packages/a.test.ts',
    'services/b.prop.test.ts',
    'e2e/src/sim/arguments.test.ts',
  ]);
});

test('more simulations than platforms are none left out', () => {
  expect(order('one.sim.test.ts', 'two.sim.test.ts', 'c.test.ts', 'e2e/src/d.test.ts')).toEqual([
    'e2e/src/d.test.ts',
    'one.sim.test.ts',
    'two.sim.test.ts',
    'c.test.ts',
  ]);
});
