import type { Fill } from '@capstan/domain';
import type { Store } from '@capstan/ports';
import { LIMITS } from '../limits.ts';

/**
 * Returns an execution as all words on it so far left it: the fill, or its last correction under the fill's own id.
 * @param more entries that are not in the store yet, by account sequence.
 * @returns `undefined` where there is no such execution, or it was busted.
 */
export async function standingExecution(
  store: Store,
  accountId: string,
  executionId: string,
  more: readonly Fill[],
): Promise<Fill | undefined> {
  let standing: Fill | undefined;
  const take = (entry: Fill): void => {
    if (entry.fillId === executionId) standing = entry;
    if (entry.refersTo !== executionId || standing === undefined) return;
    standing = entry.kind === 'bust' ? undefined : { ...entry, fillId: executionId };
  };
  let after = 0;
  for (;;) {
    const page = await store.fillsAfter(accountId, after, LIMITS.fillsPage);
    for (const entry of page) take(entry);
    after = page.at(-1)?.accountSequence ?? after;
    if (page.length < LIMITS.fillsPage) break;
  }
  for (const entry of more) take(entry);
  return standing;
}
