import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import type { Mutant } from './mutants.ts';

const ROOT = new URL('../../../', import.meta.url);

/**
 * Returns the source of a mutant's module with the mutant in it.
 * @throws Error where one of its texts does not stand there exactly once: the mutant is to be brought up to date.
 */
export function mutatedSource({ name, module, edits }: Mutant, source: string): string {
  let mutated = source;
  for (const { text, by } of edits) {
    const times = mutated.split(text).length - 1;
    if (times !== 1) {
      throw new Error(
        `mutant ${name}: its text stands in ${module} ${times} times instead of once. Bring it up to date:\n${text}`,
      );
    }
    mutated = mutated.replace(text, () => by);
  }
  return mutated;
}

/** Reads the module of a mutant as it is. */
export const sourceOf = ({ module }: Mutant): string => readFileSync(new URL(module, ROOT), 'utf8');

/**
 * Lets every later import of the mutant's module get the mutant.
 * @returns tells whether the module has been imported since.
 */
export function plant(mutant: Mutant): () => boolean {
  const { href } = new URL(mutant.module, ROOT);
  const source = mutatedSource(mutant, sourceOf(mutant));
  let imported = false;
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (url !== href) return loaded;
      imported = true;
      return { ...loaded, source };
    },
  });
  return () => imported;
}
