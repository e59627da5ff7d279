import { hasCode } from '@capstan/domain';
import type { Kv, Log } from '@capstan/ports';
import { decodeLease, encodeLease, LEASE_BUCKET, RELEASED } from './lease-value.ts';

/** Returns what tells the holders of one process: the runtime names them `<hostname>-<pid>-<random>`. */
export function isOfProcess(hostname: string, pid: number): (holder: string) => boolean {
  const prefix = `${hostname}-${pid}-`;
  return (holder) => holder.startsWith(prefix) && !holder.slice(prefix.length).includes('-');
}

/**
 * Releases, on behalf of processes that are known to be gone, the leases they held: their keys are taken up at once, not after
 * the TTL. Only for a supervisor that saw the end of the processes itself; silence over the network is no such knowledge.
 * A key that somebody else has taken meanwhile stays his.
 * @param isDead tells whether a holder is one of those processes; see {@link isOfProcess}.
 * @returns the lease keys released, sorted.
 * @throws BUS.UNAVAILABLE when it was not done, or only in part: repeat it.
 */
export async function releaseLeasesOf(
  ports: { readonly kv: Kv; readonly log: Log },
  isDead: (holder: string) => boolean,
): Promise<readonly string[]> {
  const { kv, log } = ports;
  const released: string[] = [];
  for (const key of await kv.keys(LEASE_BUCKET)) {
    const holder = await releaseIfDead(kv, key, isDead);
    if (holder === undefined) continue;
    log.info('released a lease of a dead process', { key, holder });
    released.push(key);
  }
  return released;
}

/** Looks again after a conflict: a last renewal of the dead may have been on its way. Returns the holder it released. */
async function releaseIfDead(
  kv: Kv,
  key: string,
  isDead: (holder: string) => boolean,
): Promise<string | undefined> {
  for (;;) {
    const entry = await kv.get(LEASE_BUCKET, key);
    if (entry === undefined) return undefined;
    const { holder } = decodeLease(entry);
    if (holder === '' || !isDead(holder)) return undefined;
    try {
      await kv.update(LEASE_BUCKET, key, encodeLease(RELEASED), entry.revision);
      return holder;
    } catch (error) {
      if (!hasCode(error, 'KV.CONFLICT')) throw error;
    }
  }
}
