import { describe, expect, test } from 'vitest';
import { addCounts, type CountedModule, countModules, formatCounts } from './counts.ts';

function moduleOf(state: string, ...tests: readonly string[]): CountedModule {
  return {
    state: () => state,
    children: { allTests: () => tests.map((result) => ({ result: () => ({ state: result }) })) },
  };
}

describe('counts', () => {
  test('count tests by how they ended', () => {
    const modules = [
      moduleOf('failed', 'passed', 'failed', 'skipped'),
      moduleOf('passed', 'passed'),
    ];
    expect(countModules(modules, 0)).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  test('count a module that could not be loaded as a failure', () => {
    expect(countModules([moduleOf('failed')], 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('count an error outside any test as a failure', () => {
    expect(countModules([moduleOf('passed', 'passed')], 2).failed).toBe(2);
  });

  test('count a test that never ended as failed', () => {
    expect(countModules([moduleOf('passed', 'pending')], 0).failed).toBe(1);
  });

  test('end in the one line that a machine reads', () => {
    expect(formatCounts({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    const sum = addCounts([
      { passed: 3, failed: 0, skipped: 1 },
      { passed: 1, failed: 2, skipped: 0 },
    ]);
    expect(formatCounts(sum)).toBe('4 passed, 2 failed, 1 skipped');
  });
});
