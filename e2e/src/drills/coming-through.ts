import { waitUntil } from '@capstan/embedded';
import type { Store } from '@capstan/ports';
import { RUN_ID } from '../world.ts';
import type { Scene } from './evidence.ts';

const POLL_MS = 20;
const READY_POLL_MS = 200;

/** End of the last slice that went all the way, to its equity; 0 before the first. */
export async function throughUs(store: Store): Promise<number> {
  const [newest] = await store.equity({ runId: RUN_ID, botId: '*', limit: 1 });
  return newest?.atUs ?? 0;
}

/**
 * Waits until so many slices after one have gone all the way. Of the first the feed may have told before; the second it told
 * after the first was done everywhere.
 * @returns false when the time passed first.
 */
export async function comesThrough(
  scene: Pick<Scene, 'throughUs'>,
  afterUs: number,
  slices: number,
  timeoutMs: number,
): Promise<boolean> {
  let seenUs = afterUs;
  let seen = 0;
  const isThrough = async (): Promise<boolean> => {
    const nowUs = await scene.throughUs().catch(() => 0);
    if (nowUs > seenUs) {
      seenUs = nowUs;
      seen += 1;
    }
    return seen >= slices;
  };
  return await waitUntil(isThrough, timeoutMs, POLL_MS);
}

/** Waits until every service is ready and slices go all the way again. @throws Error saying what is not well. */
export async function recovered(
  scene: Pick<Scene, 'throughUs' | 'notReady'>,
  timeoutMs: number,
): Promise<void> {
  let sick: readonly string[] = [];
  const isWell = async (): Promise<boolean> => {
    sick = await scene.notReady();
    return sick.length === 0;
  };
  if (!(await waitUntil(isWell, timeoutMs, READY_POLL_MS))) {
    throw new Error(`not ready again after ${timeoutMs / 1_000} s: ${sick.join('; ')}`);
  }
  const fromUs = await scene.throughUs();
  if (await comesThrough(scene, fromUs, 3, timeoutMs)) return;
  throw new Error(`nothing is traded any more: the last whole slice ended at ${fromUs}`);
}
