import { assert, timeUs } from '@capstan/domain';
import type { AppliedSequence, Fence, OwnerRecord, StreamPosition } from '@capstan/ports';
import { bytes, count, integer, text } from './column.ts';
import type { Database } from './database.ts';
import { REFUSALS } from './failure.ts';
import type { Row, Statement } from './statement.ts';
import { fromColumns, table } from './table.ts';

export const POSITIONS = table<StreamPosition>('positions', ['stream'], {
  stream: text,
  epochUs: integer(timeUs),
  sequence: count,
});

export const APPLIED = table<AppliedSequence>('applied', ['producer', 'subject'], {
  producer: text,
  subject: text,
  sequence: count,
});

/** The takeovers of this process: what it sends for a key names the last, so that nothing sent before it can still be written. */
export class Fences {
  readonly #taken = new Map<string, Fence & { readonly taken: number }>();
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Takes the key and reads what its last owner left, in one transaction. @throws STORE.FENCED @throws STORE.UNAVAILABLE */
  async take(fence: Fence): Promise<OwnerRecord> {
    const [taken, , owner, positions, applied] = await this.#database.transact(
      `taking ${fence.key}`,
      takeStatements(fence),
    );
    const times = count.decode(taken?.[0]?.taken);
    const known = this.#taken.get(fence.key);
    if (known === undefined || known.taken < times) {
      this.#taken.set(fence.key, { ...fence, taken: times });
    }
    return ownerRecord(owner?.[0], positions ?? [], applied ?? []);
  }

  /** Returns the statement that every transaction of an owner begins with. */
  check(fence: Fence): Statement {
    const known = this.#taken.get(fence.key);
    const mine = known?.epochUs === fence.epochUs && known.token === fence.token;
    return {
      name: 'fence_check',
      text: FENCE_CHECK,
      values: [fence.key, fence.epochUs, fence.token, mine ? known.taken : null],
    };
  }
}

/** The lock makes a takeover wait for this transaction, and this transaction for a takeover, after which it finds no row. */
const FENCE_CHECK = `WITH held AS MATERIALIZED (
  SELECT 1 FROM fences WHERE key = $1 AND epoch_us = $2 AND token = $3
    AND ($4::int8 IS NULL OR taken = $4) FOR SHARE
) SELECT capstan_refuse('${REFUSALS.fenced}', $1 || ' has been taken by another owner')
  FROM (SELECT count(*) AS n FROM held) AS found WHERE n = 0`;

const FENCE_TAKE = `WITH mine AS (
  INSERT INTO fences (key, epoch_us, token, taken) VALUES ($1, $2, $3, 1)
  ON CONFLICT (key) DO UPDATE
    SET epoch_us = excluded.epoch_us, token = excluded.token, taken = fences.taken + 1
    WHERE (fences.epoch_us, fences.token) <= (excluded.epoch_us, excluded.token)
  RETURNING taken
) SELECT taken, CASE WHEN taken IS NULL
    THEN capstan_refuse('${REFUSALS.fenced}', $1 || ' belongs to an owner with a greater token') END
  FROM (SELECT max(taken) AS taken FROM mine) AS found`;

function takeStatements({ key, epochUs, token }: Fence): readonly Statement[] {
  const read = (name: string, query: string): Statement => ({ name, text: query, values: [key] });
  return [
    { name: 'fence_take', text: FENCE_TAKE, values: [key, epochUs, token] },
    read('owner_add', 'INSERT INTO owners (key) VALUES ($1) ON CONFLICT DO NOTHING'),
    read(
      'owner_read',
      `SELECT last_outbox_sequence, published_through, data
       FROM owners LEFT JOIN owner_states USING (key) WHERE key = $1`,
    ),
    read('positions_read', 'SELECT * FROM positions WHERE key = $1 ORDER BY stream'),
    read('applied_read', 'SELECT * FROM applied WHERE key = $1 ORDER BY producer, subject'),
  ];
}

function ownerRecord(
  owner: Row | undefined,
  positions: readonly Row[],
  applied: readonly Row[],
): OwnerRecord {
  assert(owner !== undefined, 'a key was taken and has no owner row');
  return {
    positions: positions.map((row) => fromColumns(POSITIONS, row)),
    applied: applied.map((row) => fromColumns(APPLIED, row)),
    lastOutboxSequence: count.decode(owner.last_outbox_sequence),
    publishedThrough: count.decode(owner.published_through),
    ...(owner.data === null ? {} : { state: bytes.decode(owner.data) }),
  };
}
