import { type Fill, positionOf } from '@capstan/domain';
import type { Account } from '../effects.ts';
import { LIMITS } from '../limits.ts';

/**
 * Returns by how much the venue's later word on an execution changes what its bot holds. What was traded before a split counts
 * as what it has become.
 * @param plain the change by what was traded.
 * @param fresh fills and words of the step in hand, which the store does not have yet.
 */
export async function changeByWord(
  { ports, settings }: Account,
  word: Fill,
  plain: number,
  fresh: readonly Fill[],
): Promise<number> {
  const { botId, symbol } = word;
  const limit = LIMITS.symbolEntriesMax;
  const stored = await ports.store.symbolEntries(settings.accountId, symbol, limit);
  if (!stored.some(({ kind }) => kind === 'split')) return plain;
  const own = [...stored, ...fresh.filter((fill) => fill.symbol === symbol)].filter(
    (entry) => entry.kind === 'split' || entry.botId === botId,
  );
  const instrument = settings.instruments.get(symbol);
  return positionOf([...own, word], instrument).quantity - positionOf(own, instrument).quantity;
}
