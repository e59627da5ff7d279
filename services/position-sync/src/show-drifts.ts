import { leaseKey } from '@capstan/contracts';
import type { DriftRecord, Kv } from '@capstan/ports';
import { encodeDrifts, foreignCash } from '@capstan/risk';

const SWITCHES = 'switches';

/**
 * Shows risk which symbols it must hold. What is shown is looked at each time, as a predecessor that was frozen may have written
 * since.
 * @param foreignCashMicros what somebody else's trades brought in or took, where they are ignored: what they took is not there to buy by.
 * @throws BUS.UNAVAILABLE
 */
export async function showDrifts(
  kv: Kv,
  accountId: string,
  open: readonly DriftRecord[],
  foreignCashMicros: number,
): Promise<void> {
  const key = leaseKey(`drifts/${accountId}`);
  const wanted = encodeDrifts([...open, ...foreignCash(foreignCashMicros)]);
  const shown = await kv.get(SWITCHES, key);
  if (shown !== undefined && new TextDecoder().decode(shown.value) === wanted) return;
  await kv.put(SWITCHES, key, new TextEncoder().encode(wanted));
}
