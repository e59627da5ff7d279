import { AppError } from '@capstan/domain';
import type { Environment } from './config-source.ts';

const WORDS: Readonly<Record<string, boolean | undefined>> = {
  '': undefined,
  true: true,
  '1': true,
  false: false,
  '0': false,
};

/**
 * Tells whether nothing is to reach a broker: `run.dryRun`, or `DRY_RUN` in the environment, which wins.
 * @throws CONFIG.INVALID for a word that means nothing.
 */
export function isDryRun(run: { readonly dryRun: boolean }, environment: Environment): boolean {
  const word = (environment.DRY_RUN ?? '').trim().toLowerCase();
  if (Object.hasOwn(WORDS, word)) return WORDS[word] ?? run.dryRun;
  throw new AppError({
    code: 'CONFIG.INVALID',
    why: `DRY_RUN is '${word}'.`,
    fix: 'Say true or false.',
  });
}
