import {
  KeyedOwner,
  type OwnerLogic,
  type OwnerPorts,
  type OwnerStatus,
  type WithoutStore,
} from './owner.ts';
import { roleOf } from './owner-metering.ts';
import { METRICS } from './telemetry.ts';

/** How one key is, for health and for people. */
export interface KeyStatus {
  readonly key: string;
  readonly status: OwnerStatus;
}

/** Each is measured, also where no key is so: a status that was left must not stay. */
const STATUSES: readonly OwnerStatus['kind'][] = [
  'waiting',
  'loading',
  'owning',
  'failing',
  'halted',
  'stopped',
];

/** Runs the owners of one process. A bug in any of them is the process's end: `failed` rejects. */
export class OwnerHost {
  readonly #ports: OwnerPorts;
  readonly #holder: string;
  readonly #owners = new Map<string, KeyedOwner>();
  #onFailure: (error: unknown) => void = () => undefined;
  /** Rejects with the first bug; never resolves. */
  readonly failed: Promise<never>;

  /** @param holder name of this incarnation. */
  constructor(ports: OwnerPorts, holder: string) {
    this.#ports = ports;
    this.#holder = holder;
    this.failed = new Promise((_, reject) => {
      this.#onFailure = reject;
    });
    this.failed.catch(() => undefined);
  }

  /**
   * Starts an owner of a key, unless there is one.
   * @param withoutStore what is done for the key while the store is away.
   */
  add(key: string, makeLogic: () => OwnerLogic, withoutStore?: WithoutStore): void {
    if (this.#owners.has(key)) return;
    const owner = new KeyedOwner(this.#ports, key, this.#holder, makeLogic, withoutStore);
    this.#owners.set(key, owner);
    owner.run().catch(this.#onFailure);
  }

  /** Sorted by key. */
  statuses(): readonly KeyStatus[] {
    return [...this.#owners.values()]
      .map(({ key, status }) => ({ key, status }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Keys that this process owns now. Sorted. */
  owned(): readonly string[] {
    return this.statuses()
      .filter(({ status }) => status.kind === 'owning')
      .map(({ key }) => key);
  }

  /** Keys that are not well, or not rebuilt yet, with why. A key that another process owns is well. */
  problems(): readonly { readonly key: string; readonly why: string }[] {
    const problems: { key: string; why: string }[] = [];
    for (const { key, status } of this.statuses()) {
      if (status.kind === 'failing' || status.kind === 'halted')
        problems.push({ key, why: status.why });
      if (status.kind === 'loading')
        problems.push({ key, why: 'is being rebuilt from the journal' });
    }
    return problems;
  }

  /** Measures how the keys are: to be called now and then. */
  measure(): void {
    const { meter } = this.#ports;
    const states = new Map<string, number>();
    const unpublished = new Map<string, number>();
    for (const { key, status, unpublished: waiting } of this.#owners.values()) {
      const role = roleOf(key);
      meter.gauge(METRICS.owned, status.kind === 'owning' ? 1 : 0, { key });
      for (const kind of STATUSES)
        states.set(`${role} ${kind}`, states.get(`${role} ${kind}`) ?? 0);
      states.set(`${role} ${status.kind}`, (states.get(`${role} ${status.kind}`) ?? 0) + 1);
      unpublished.set(role, (unpublished.get(role) ?? 0) + waiting);
    }
    for (const [name, count] of states) {
      const [role = '', status = ''] = name.split(' ');
      meter.gauge(METRICS.keys, count, { role, status });
    }
    for (const [role, count] of unpublished) meter.gauge(METRICS.unpublished, count, { role });
  }

  /** Stops all owners, at once. A bug of one, which `failed` tells, keeps no other from draining. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.#owners.values()].map((owner) => owner.stop()));
  }
}
