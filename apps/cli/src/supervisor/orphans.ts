import { waitUntil } from '@capstan/embedded';
import { KILL_MS, ORPHAN_TERM_MS, ORPHAN_WAIT_MS, WATCH_MS } from '../limits.ts';
import { isSameProcess, sendSignal } from './process-identity.ts';
import type { RecordedProcess } from './run-file.ts';

/** How long each step may take, in milliseconds. */
export interface OrphanWaits {
  readonly byItselfMs: number;
  readonly afterTermMs: number;
}

const WAITS: OrphanWaits = { byItselfMs: ORPHAN_WAIT_MS, afterTermMs: ORPHAN_TERM_MS };

/**
 * Ends what a dead supervisor left behind: services end by themselves when it dies, what does not is asked, then killed.
 * @returns those that were still there.
 */
export async function stopOrphans(
  recorded: readonly RecordedProcess[],
  waits: OrphanWaits = WAITS,
): Promise<readonly RecordedProcess[]> {
  const found = recorded.filter(isSameProcess);
  if (found.length === 0) return [];
  const left = (): readonly RecordedProcess[] => found.filter(isSameProcess);
  const areGone = (): boolean => left().length === 0;
  if (await waitUntil(areGone, waits.byItselfMs, WATCH_MS)) return found;
  for (const { pid } of left()) sendSignal(pid, 'SIGTERM');
  if (await waitUntil(areGone, waits.afterTermMs, WATCH_MS)) return found;
  for (const { pid } of left()) sendSignal(pid, 'SIGKILL');
  await waitUntil(areGone, KILL_MS, WATCH_MS);
  return found;
}
