import type {
  AppliedSequence,
  Commit,
  Fence,
  OutboxMessage,
  OwnerRecord,
  StreamPosition,
} from '@capstan/ports';
import { copyOf } from './copy.ts';
import type { Undo } from './memory-table.ts';
import { portErrors } from './port-errors.ts';
import { subjectMatches } from './subject-match.ts';

interface Owner {
  fence: Fence;
  readonly positions: Map<string, StreamPosition>;
  readonly applied: Map<string, AppliedSequence>;
  readonly outbox: OutboxMessage[];
  publishedThrough: number;
  state: Uint8Array | undefined;
}

const chainOf = (of: { producer: string; subject: string }): string =>
  JSON.stringify([of.producer, of.subject]);

function isGreater(a: Fence, b: Fence): boolean {
  return a.epochUs === b.epochUs ? a.token > b.token : a.epochUs > b.epochUs;
}

/** Fences, positions, outboxes and states of all keys. */
export class MemoryOwners {
  readonly #owners = new Map<string, Owner>();
  /** All outbox messages in the order of their commits. */
  readonly #messages: OutboxMessage[] = [];

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
      lastOutboxSequence: owner.outbox.length,
      publishedThrough: owner.publishedThrough,
      ...(owner.state === undefined ? {} : { state: owner.state }),
    });
  }

  /** Writes the owner's part of a step. @throws STORE.FENCED, STORE.CONFLICT */
  write(commit: Commit, undo: Undo): void {
    const { fence, publishedThrough, state } = commit;
    const owner = this.#owners.get(fence.key);
    const mine = owner?.fence.epochUs === fence.epochUs && owner.fence.token === fence.token;
    if (owner === undefined || !mine) throw fencedBy(fence, owner);
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

  outbox(producer: string, afterSequence: number, limit: number): OutboxMessage[] {
    const messages = this.#owners.get(producer)?.outbox ?? [];
    return copyOf(messages.slice(afterSequence, afterSequence + limit));
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
    const expected = owner.outbox.length + 1;
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
