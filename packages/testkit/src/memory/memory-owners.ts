import {
  type AppliedSequence,
  type Commit,
  type Fence,
  KEPT_SUBJECTS,
  type Laggard,
  type OutboxMessage,
  type OwnerRecord,
  type StreamPosition,
} from '@capstan/ports';
import { copyOf } from './copy.ts';
import type { Undo } from './memory-table.ts';
import { portErrors } from './port-errors.ts';
import { subjectMatches } from './subject-match.ts';

interface Owner {
  fence: Fence;
  readonly positions: Map<string, StreamPosition>;
  readonly applied: Map<string, AppliedSequence>;
  outbox: OutboxMessage[];
  publishedThrough: number;
  state: Uint8Array | undefined;
}

const byKeyOrder = (a: Laggard, b: Laggard): number => (a.key < b.key ? -1 : 1);

const chainOf = (of: { producer: string; subject: string }): string =>
  JSON.stringify([of.producer, of.subject]);

function isGreater(a: Fence, b: Fence): boolean {
  return a.epochUs === b.epochUs ? a.token > b.token : a.epochUs > b.epochUs;
}

/** Fences, positions, outboxes and states of all keys. */
export class MemoryOwners {
  readonly #owners = new Map<string, Owner>();
  readonly #nowUs: () => number;
  /** All outbox messages in the order of their commits. */
  #messages: OutboxMessage[] = [];
  readonly #writtenAtUs = new WeakMap<OutboxMessage, number>();

  /** @param nowUs the clock of the store. */
  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
  }

  /** @throws STORE.FENCED */
  take(fence: Fence): OwnerRecord {
    const known = this.#owners.get(fence.key);
    if (known !== undefined && isGreater(known.fence, fence)) throw fencedBy(fence, known);
    const owner: Owner = known ?? {
      fence,
      positions: new Map(),
      applied: new Map(),
      outbox: [],
      publishedThrough: 0,
      state: undefined,
    };
    owner.fence = { ...fence };
    this.#owners.set(fence.key, owner);
    return copyOf({
      positions: [...owner.positions.values()],
      applied: [...owner.applied.values()],
      lastOutboxSequence: owner.outbox.at(-1)?.sequence ?? 0,
      publishedThrough: owner.publishedThrough,
      ...(owner.state === undefined ? {} : { state: owner.state }),
    });
  }

  /** Writes the owner's part of a step. @throws STORE.FENCED, STORE.CONFLICT */
  write(commit: Commit, undo: Undo): void {
    const { fence, publishedThrough, state } = commit;
    const owner = this.check(fence);
    for (const position of commit.positions ?? []) writePosition(owner, position, undo);
    for (const applied of commit.applied ?? []) {
      set(owner.applied, chainOf(applied), { ...applied }, undo);
    }
    for (const message of commit.outbox ?? []) this.#append(owner, message, undo);
    const before = { publishedThrough: owner.publishedThrough, state: owner.state };
    undo.push(() => Object.assign(owner, before));
    if (publishedThrough !== undefined) {
      owner.publishedThrough = Math.max(owner.publishedThrough, publishedThrough);
    }
    if (state !== undefined) owner.state = new Uint8Array(state);
  }

  /** Returns the owner that a fence is of. @throws STORE.FENCED */
  check(fence: Fence): Owner {
    const owner = this.#owners.get(fence.key);
    const mine = owner?.fence.epochUs === fence.epochUs && owner.fence.token === fence.token;
    if (owner === undefined || !mine) throw fencedBy(fence, owner);
    return owner;
  }

  outbox(producer: string, afterSequence: number, limit: number): OutboxMessage[] {
    const messages = this.#owners.get(producer)?.outbox ?? [];
    // Without gaps but for what was removed: no message lies further back than its sequence says.
    let first = Math.min(afterSequence, messages.length);
    while (first > 0 && (messages[first - 1]?.sequence ?? 0) > afterSequence) first -= 1;
    return copyOf(messages.slice(first, first + limit));
  }

  /** Returns the outbox messages that may be removed, the oldest first. */
  prunable(beforeUs: number): OutboxMessage[] {
    return this.#old(beforeUs).filter((message) => {
      const chain = chainOf(message);
      return [...this.#owners.values()].every(
        ({ applied }) => (applied.get(chain)?.sequence ?? Infinity) > message.sequence,
      );
    });
  }

  /** Removes the oldest of them, at most so many. @returns how many. */
  prune(beforeUs: number, limit: number): number {
    const messages = this.prunable(beforeUs).slice(0, limit);
    const gone = new Set(messages);
    this.#messages = this.#messages.filter((message) => !gone.has(message));
    for (const producer of new Set(messages.map((message) => message.producer))) {
      const owner = this.#owners.get(producer);
      if (owner === undefined) continue;
      owner.outbox = owner.outbox.filter((message) => !gone.has(message));
    }
    return messages.length;
  }

  laggards(beforeUs: number): Laggard[] {
    const byKey = new Map<string, number>();
    for (const message of this.#old(beforeUs)) {
      for (const key of this.#behind(message)) byKey.set(key, (byKey.get(key) ?? 0) + 1);
    }
    return [...byKey].map(([key, count]) => ({ key, messages: count })).sort(byKeyOrder);
  }

  /** Returns the messages of before a time that nothing but a receiver may still need. */
  #old(beforeUs: number): OutboxMessage[] {
    return this.#messages.filter((message) => {
      const owner = this.#owners.get(message.producer);
      const published = message.sequence <= (owner?.publishedThrough ?? 0);
      const newest = message === owner?.outbox.at(-1);
      const kept = KEPT_SUBJECTS.some((subject) => message.subject.startsWith(subject));
      const written = this.#writtenAtUs.get(message) ?? 0;
      return published && !newest && !kept && written < beforeUs;
    });
  }

  #behind(message: OutboxMessage): string[] {
    const chain = chainOf(message);
    return [...this.#owners]
      .filter(([, { applied }]) => (applied.get(chain)?.sequence ?? Infinity) < message.sequence)
      .map(([key]) => key);
  }

  outboxBeyond(
    filters: readonly string[],
    applied: readonly AppliedSequence[],
    limit: number,
  ): OutboxMessage[] {
    const done = new Map(applied.map((one) => [chainOf(one), one.sequence]));
    const found: OutboxMessage[] = [];
    for (const message of this.#messages) {
      if (found.length >= limit) break;
      const wanted = filters.some((filter) => subjectMatches(filter, message.subject));
      if (wanted && message.sequence > (done.get(chainOf(message)) ?? 0)) found.push(message);
    }
    return copyOf(found);
  }

  #append(owner: Owner, message: OutboxMessage, undo: Undo): void {
    const expected = (owner.outbox.at(-1)?.sequence ?? 0) + 1;
    if (message.producer !== owner.fence.key) {
      throw portErrors.conflict(`${owner.fence.key} writes the outbox of ${message.producer}.`);
    }
    if (message.sequence !== expected) {
      const why = `${message.producer}: outbox message ${message.sequence} is not ${expected}.`;
      throw portErrors.conflict(why);
    }
    const kept = copyOf(message);
    owner.outbox.push(kept);
    this.#messages.push(kept);
    this.#writtenAtUs.set(kept, this.#nowUs());
    undo.push(() => {
      owner.outbox.pop();
      this.#messages.pop();
    });
  }
}

function writePosition(owner: Owner, position: StreamPosition, undo: Undo): void {
  const stored = owner.positions.get(position.stream);
  if (stored?.epochUs === position.epochUs && position.sequence <= stored.sequence) {
    const why = `${owner.fence.key}: ${position.stream} goes from ${stored.sequence} to ${position.sequence}.`;
    throw portErrors.conflict(why);
  }
  set(owner.positions, position.stream, { ...position }, undo);
}

function set<Value>(map: Map<string, Value>, key: string, value: Value, undo: Undo): void {
  const before = map.get(key);
  undo.push(() => {
    if (before === undefined) map.delete(key);
    else map.set(key, before);
  });
  map.set(key, value);
}

function fencedBy(fence: Fence, owner: Owner | undefined) {
  const holder = owner === undefined ? 'nobody' : `token ${owner.fence.token}`;
  return portErrors.fenced(`${fence.key}: token ${fence.token} does not hold it, ${holder} does.`);
}
