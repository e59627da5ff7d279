import { setTimeout as sleep } from 'node:timers/promises';

/** Lets a fault last. */
export async function pause(ms: number): Promise<void> {
  await sleep(ms);
}
