import { assert } from '@capstan/domain';

/** The last outbox sequence of each chained subject. */
export type SubjectTails = ReadonlyMap<string, number>;

/**
 * Packs an owner's stored state: the chain's tails as one line of JSON, then the logic's own bytes.
 */
export function packState(tails: SubjectTails, logic: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(`${JSON.stringify([...tails].sort())}\n`);
  const packed = new Uint8Array(head.length + logic.length);
  packed.set(head);
  packed.set(logic, head.length);
  return packed;
}

/** Reverses {@link packState}; nothing stored means nothing yet. */
export function unpackState(packed: Uint8Array | undefined): {
  tails: Map<string, number>;
  logic: Uint8Array | undefined;
} {
  if (packed === undefined) return { tails: new Map(), logic: undefined };
  const end = packed.indexOf(10);
  assert(end >= 0, 'stored owner state has no head');
  const head = JSON.parse(new TextDecoder().decode(packed.subarray(0, end))) as [string, number][];
  const logic = packed.slice(end + 1);
  return { tails: new Map(head), logic: logic.length === 0 ? undefined : logic };
}
