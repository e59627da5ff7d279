import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { mutatedSource, sourceOf } from './mutate.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

describe('the mutants', () => {
  it('are at least fifteen, each by its own name', () => {
    expect(new Set(MUTANTS.map((one) => one.name)).size).toBe(MUTANTS.length);
    expect(MUTANTS.length).toBeGreaterThanOrEqual(15);
  });

  it.each(MUTANTS)('$name still changes its module', (mutant) => {
    const source = sourceOf(mutant);
    expect(mutatedSource(mutant, source)).not.toBe(source);
  });

  it('are refused where their text is gone, or stands there twice', () => {
    const [mutant] = MUTANTS;
    if (mutant === undefined) throw new Error('there is a mutant');
    expect(() => mutatedSource(mutant, 'nothing')).toThrow(`${mutant.module} 0 times`);
    const twice = mutant.edits[0]?.text.repeat(2) ?? '';
    expect(() => mutatedSource(mutant, twice)).toThrow(`${mutant.module} 2 times`);
  });

  it('are planted and caught in a process of their own', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      MAIN,
      '--mutant',
      'absent-is-lost',
    ]);
    expect(stdout).toMatch(/^seed \d+: order \w+ is given up/);
  }, 120_000);
});
