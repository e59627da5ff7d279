import { leaseKey } from '@capstan/contracts';
import type { DriftRecord, Kv } from '@capstan/ports';
import { encodeDrifts } from '@capstan/risk';

const SWITCHES = 'switches';

/**
 * Shows risk which symbols it must hold. What is shown is looked at each time, as a predecessor that was frozen may have written
 * since.
 * @throws BUS.UNAVAILABLE
 */
export async function showDrifts(
  kv: Kv,
  accountId: string,
  open: readonly DriftRecord[],
): Promise<void> {
  const key = leaseKey(`drifts/${accountId}`);
  const wanted = encodeDrifts(open);
  const shown = await kv.get(SWITCHES, key);
  if (shown !== undefined && new TextDecoder().decode(shown.value) === wanted) return;
  await kv.put(SWITCHES, key, new TextEncoder().encode(wanted));
}
