import type { Fill, Order } from '@capstan/domain';
import type { Store } from '@capstan/ports';
import { LIMITS } from '../limits.ts';
import type { Word } from '../state.ts';

/** How an execution stands when a further word on it comes. */
export type Standing =
  /** As all words so far left it: the fill, or its last correction under the fill's own id. The word changes it. */
  | { readonly kind: 'stands'; readonly fill: Fill }
  /** Its last word is later than this one, or is this one. */
  | { readonly kind: 'settled' }
  | { readonly kind: 'busted' }
  /** The order has no such execution yet. */
  | { readonly kind: 'untold' };

/**
 * Finds how the execution of an order stands that a word speaks of.
 * @param more entries that are not in the store yet, by account sequence.
 */
export async function standingExecution(
  store: Store,
  { accountId, orderId }: Order,
  word: Word,
  more: readonly Fill[],
): Promise<Standing> {
  const stored = await store.fills({ accountId, orderId, limit: LIMITS.fillsOfOrderMax });
  const entries = [...stored, ...more.filter((fill) => fill.orderId === orderId)];
  entries.sort((a, b) => a.accountSequence - b.accountSequence);
  const { executionId } = word;
  const fill = entries.find((entry) => entry.fillId === executionId);
  if (fill === undefined) return { kind: 'untold' };
  const words = entries.filter((entry) => entry.refersTo === executionId);
  if (words.some((entry) => entry.kind === 'bust')) return { kind: 'busted' };
  const last = words.at(-1);
  const standing = last === undefined ? fill : { ...last, fillId: executionId };
  if (word.kind === 'corrected' && last !== undefined && isSettled(word, last)) {
    return { kind: 'settled' };
  }
  return { kind: 'stands', fill: standing };
}

/** A later word counts also where it says what stands: an earlier one may still come. */
function isSettled(word: Extract<Word, { kind: 'corrected' }>, last: Fill): boolean {
  if (word.eventAtUs !== last.eventAtUs) return word.eventAtUs < last.eventAtUs;
  return (
    word.quantity === last.quantity &&
    word.priceNanos === last.priceNanos &&
    word.feeMicros === last.feeMicros
  );
}
