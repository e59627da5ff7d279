import { leaseKey } from '@capstan/contracts';
import { assert, hasCode, type TimeUs } from '@capstan/domain';
import type { Clock, Fence, Kv, KvEntry, Log } from '@capstan/ports';
import { LIMITS } from './limits.ts';

const BUCKET = 'leases';

/** What a lease needs of the world. */
export interface LeasePorts {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
}

/** The value of a lease key. An empty holder means that it was released. */
interface LeaseValue {
  readonly holder: string;
  /** Counts the holder's writes, so that it knows its own write again after a lost answer. */
  readonly beat: number;
}

const encode = (value: LeaseValue): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function decode(entry: KvEntry): LeaseValue {
  const value = JSON.parse(new TextDecoder().decode(entry.value)) as LeaseValue;
  assert(typeof value.holder === 'string', `lease ${entry.key} holds no lease value`);
  return value;
}

/**
 * Waits until the lease of `key` is ours and returns it.
 *
 * No wall clock decides: a candidate takes a key that exists only after it saw the key's revision unchanged for the TTL and the
 * grace on its own monotonic clock, or at once where the holder released it.
 * @param holder name of this incarnation.
 * @returns `undefined` when `signal` aborts first.
 */
export async function acquireLease(
  ports: LeasePorts,
  key: string,
  holder: string,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  let seen: { revision: number; sinceMs: number } | undefined;
  while (!signal.aborted) {
    try {
      const step = await tryAcquire(ports, key, holder, seen);
      if (step.kind === 'held') return step.lease;
      seen = step.seen;
    } catch (error) {
      if (!hasCode(error, 'BUS.UNAVAILABLE')) throw error;
      seen = undefined;
    }
    await ports.clock.sleep(LIMITS.leasePollMs, signal);
  }
  return undefined;
}

type Attempt =
  | { readonly kind: 'held'; readonly lease: Lease }
  | { readonly kind: 'waiting'; readonly seen: { revision: number; sinceMs: number } | undefined };

async function tryAcquire(
  ports: LeasePorts,
  key: string,
  holder: string,
  seen: { revision: number; sinceMs: number } | undefined,
): Promise<Attempt> {
  const name = leaseKey(key);
  const entry = await ports.kv.get(BUCKET, name);
  const observedAtMs = ports.clock.monotonicMs();
  if (entry !== undefined && decode(entry).holder !== '' && decode(entry).holder !== holder) {
    if (seen?.revision !== entry.revision) {
      return { kind: 'waiting', seen: { revision: entry.revision, sinceMs: observedAtMs } };
    }
    const silentMs = observedAtMs - seen.sinceMs;
    if (silentMs < LIMITS.leaseTtlMs + LIMITS.leaseGraceMs) return { kind: 'waiting', seen };
  }
  const sentAtMs = ports.clock.monotonicMs();
  const value = encode({ holder, beat: 1 });
  try {
    const revision =
      entry === undefined
        ? await ports.kv.create(BUCKET, name, value)
        : await ports.kv.update(BUCKET, name, value, entry.revision);
    const epochUs = await ports.kv.epochUs(BUCKET);
    return { kind: 'held', lease: new Lease(ports, { key, holder, revision, epochUs, sentAtMs }) };
  } catch (error) {
    if (!hasCode(error, 'KV.CONFLICT')) throw error;
    return { kind: 'waiting', seen: undefined };
  }
}

interface Acquired {
  readonly key: string;
  readonly holder: string;
  readonly revision: number;
  readonly epochUs: TimeUs;
  readonly sentAtMs: number;
}

/** A lease that was taken. It renews itself until it is released or lost. */
export class Lease {
  readonly fence: Fence;
  readonly #ports: LeasePorts;
  readonly #holder: string;
  readonly #stop = new AbortController();
  #revision: number;
  #beat = 1;
  /** When the last successful write was sent: the lease counts from there, not from its answer. */
  #sentAtMs: number;
  #over = false;
  #renewing: Promise<void> | undefined;

  constructor(ports: LeasePorts, acquired: Acquired) {
    this.fence = { key: acquired.key, epochUs: acquired.epochUs, token: acquired.revision };
    this.#ports = ports;
    this.#holder = acquired.holder;
    this.#revision = acquired.revision;
    this.#sentAtMs = acquired.sentAtMs;
  }

  /** Tells whether the lease is held at this very moment; to be asked immediately before any act that no fence guards. */
  held(): boolean {
    return !this.#over && this.#ports.clock.monotonicMs() - this.#sentAtMs < LIMITS.leaseTtlMs;
  }

  /** Renews until the lease is lost, then calls `onLost` once; returns at once. */
  keep(onLost: () => void): void {
    assert(this.#renewing === undefined, 'a lease is kept once');
    this.#renewing = this.#renewUntilLost().then((lost) => {
      if (lost) onLost();
    });
  }

  async #renewUntilLost(): Promise<boolean> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#ports.clock.sleep(LIMITS.leaseRenewMs, signal);
      if (signal.aborted) return false;
      if (!this.held() || !(await this.#renewOnce())) {
        this.#over = true;
        return !signal.aborted;
      }
    }
    return false;
  }

  /** Returns false when the lease is certainly not ours any more. */
  async #renewOnce(): Promise<boolean> {
    const { kv, clock } = this.#ports;
    const name = leaseKey(this.fence.key);
    const sentAtMs = clock.monotonicMs();
    try {
      this.#beat += 1;
      const value = encode({ holder: this.#holder, beat: this.#beat });
      this.#revision = await kv.update(BUCKET, name, value, this.#revision);
      this.#sentAtMs = sentAtMs;
      return true;
    } catch (error) {
      if (hasCode(error, 'BUS.UNAVAILABLE')) return true;
      if (!hasCode(error, 'KV.CONFLICT')) throw error;
      return await this.#recogniseOwnWrite();
    }
  }

  /** After a conflict: an earlier write of ours whose answer was lost is no loss. */
  async #recogniseOwnWrite(): Promise<boolean> {
    try {
      const entry = await this.#ports.kv.get(BUCKET, leaseKey(this.fence.key));
      if (entry === undefined || decode(entry).holder !== this.#holder) return false;
      this.#revision = entry.revision;
      return true;
    } catch (error) {
      if (hasCode(error, 'BUS.UNAVAILABLE')) return true;
      throw error;
    }
  }

  /** Stops renewing and writes an empty holder, so that a successor need not wait. */
  async release(): Promise<void> {
    this.#stop.abort();
    await this.#renewing;
    const mine = this.held();
    this.#over = true;
    if (!mine) return;
    try {
      const value = encode({ holder: '', beat: 0 });
      await this.#ports.kv.update(BUCKET, leaseKey(this.fence.key), value, this.#revision);
    } catch (error) {
      this.#ports.log.warn('lease was not released; it will lapse', { key: this.fence.key, error });
    }
  }
}
