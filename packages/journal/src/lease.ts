import { leaseKey } from '@capstan/contracts';
import { AppError, assert, hasCode, type TimeUs } from '@capstan/domain';
import type { Clock, Fence, Kv, Log } from '@capstan/ports';
import { decodeLease, encodeLease, LEASE_BUCKET, RELEASED } from './lease-value.ts';
import { LIMITS } from './limits.ts';

/** What a lease needs of the world. */
export interface LeasePorts {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
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
  let problem: string | undefined;
  while (!signal.aborted) {
    try {
      const step = await tryAcquire(ports, key, holder, seen);
      if (step.kind === 'held') return step.lease;
      seen = step.seen;
      problem = undefined;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (problem !== error.code) ports.log.warn('the lease cannot be asked for', { key, error });
      problem = error.code;
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
  const entry = await ports.kv.get(LEASE_BUCKET, name);
  const observedAtMs = ports.clock.monotonicMs();
  if (
    entry !== undefined &&
    decodeLease(entry).holder !== '' &&
    decodeLease(entry).holder !== holder
  ) {
    if (seen?.revision !== entry.revision) {
      return { kind: 'waiting', seen: { revision: entry.revision, sinceMs: observedAtMs } };
    }
    const silentMs = observedAtMs - seen.sinceMs;
    if (silentMs < LIMITS.leaseTtlMs + LIMITS.leaseGraceMs) return { kind: 'waiting', seen };
  }
  // Asked before the write: should the bucket be made anew in between, the fence is too small and refused, never too great.
  const epochUs = await ports.kv.epochUs(LEASE_BUCKET);
  const sentAtMs = ports.clock.monotonicMs();
  const value = encodeLease({ holder, beat: 1 });
  try {
    const revision =
      entry === undefined
        ? await ports.kv.create(LEASE_BUCKET, name, value)
        : await ports.kv.update(LEASE_BUCKET, name, value, entry.revision);
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

  /** Renews until the lease is lost, then calls `onLost` once; returns at once. A bug met on the way is thrown by `release`. */
  keep(onLost: () => void): void {
    assert(this.#renewing === undefined, 'a lease is kept once');
    this.#renewing = this.#renewUntilLost().then((lost) => {
      if (lost) onLost();
    });
    this.#renewing.catch(() => {
      this.#over = true;
      onLost();
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

  /** Returns false when the lease is certainly not ours any more; what fails otherwise lets it lapse unless it gets better. */
  async #renewOnce(): Promise<boolean> {
    try {
      await this.#writeBeat();
      return true;
    } catch (error) {
      if (hasCode(error, 'KV.CONFLICT')) return await this.#renewAfterConflict();
      if (error instanceof AppError) return true;
      throw error;
    }
  }

  async #writeBeat(): Promise<void> {
    const { kv, clock } = this.#ports;
    const sentAtMs = clock.monotonicMs();
    this.#beat += 1;
    const value = encodeLease({ holder: this.#holder, beat: this.#beat });
    this.#revision = await kv.update(LEASE_BUCKET, leaseKey(this.fence.key), value, this.#revision);
    this.#sentAtMs = sentAtMs;
  }

  /** An own write whose answer was lost prolongs nothing: what counts is one that was answered, so it is sent at once. */
  async #renewAfterConflict(): Promise<boolean> {
    if (!(await this.#recogniseOwnWrite())) return false;
    try {
      await this.#writeBeat();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
    return true;
  }

  /** After a conflict: an earlier write of ours whose answer was lost is no loss. */
  async #recogniseOwnWrite(): Promise<boolean> {
    try {
      const entry = await this.#ports.kv.get(LEASE_BUCKET, leaseKey(this.fence.key));
      if (entry === undefined || decodeLease(entry).holder !== this.#holder) return false;
      this.#revision = entry.revision;
      return true;
    } catch (error) {
      if (error instanceof AppError) return true;
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
      const value = encodeLease(RELEASED);
      await this.#ports.kv.update(LEASE_BUCKET, leaseKey(this.fence.key), value, this.#revision);
    } catch (error) {
      this.#ports.log.warn('lease was not released; it will lapse', { key: this.fence.key, error });
    }
  }
}
