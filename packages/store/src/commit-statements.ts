import { AppError, assert, type Order } from '@capstan/domain';
import type { Commit, OutboxMessage, StreamPosition } from '@capstan/ports';
import { arrayLiteral } from './array-literal.ts';
import { REFUSALS } from './failure.ts';
import { APPLIED, POSITIONS } from './fence.ts';
import { refuseUnless, type Statement } from './statement.ts';
import { columnArrays, columnList, type Table, unnest } from './table.ts';
import {
  AUDIT,
  BARS,
  BOTS,
  CASH_EVENTS,
  CHECKPOINTS,
  DENIALS,
  DRIFTS,
  EQUITY,
  FILLS,
  INTENTS,
  LEDGER_CASH,
  LEDGER_POSITIONS,
  ORDERS,
  OUTBOX,
  REPLAY_CHECKPOINTS,
  REPLAYS,
  RESERVATIONS,
  SIGNALS,
  SNAPSHOTS,
  SPLITS,
  STRAYS,
} from './tables.ts';

/**
 * Returns the statements of a step after its fence check: one for what every step has, then one a kind of row.
 * @throws STORE.CONFLICT when the step contradicts itself.
 */
export function commitStatements(commit: Commit): readonly Statement[] {
  const { key } = commit.fence;
  return [
    stepStatement(commit),
    ...some(commit.bars, WRITE.bars),
    ...some(commit.signals, WRITE.signals),
    ...some(commit.intents, WRITE.intents),
    ...some(commit.denials, WRITE.denials),
    ...orderStatements(commit.orders ?? []),
    ...some(commit.fills, WRITE.fills),
    ...some(commit.cashEvents, WRITE.cashEvents),
    ...some(commit.splits, WRITE.splits),
    ...some(commit.strays, WRITE.strays),
    ...some(commit.reservations, WRITE.reservations),
    ...some(commit.ledgerPositions, WRITE.ledgerPositions),
    ...some(commit.ledgerCash, WRITE.ledgerCash),
    ...some(commit.bots, WRITE.bots),
    ...some(commit.checkpoints, WRITE.checkpoints),
    ...some(commit.equity, WRITE.equity),
    ...some(commit.replays, WRITE.replays),
    ...some(commit.replayCheckpoints, WRITE.replayCheckpoints),
    ...some(commit.snapshots, WRITE.snapshots),
    ...some(commit.drifts, WRITE.drifts),
    ...some(commit.commands, (rows) => answersStatement(key, rows)),
    ...some(commit.audit, WRITE.audit),
  ];
}

function some<T>(
  rows: readonly T[] | undefined,
  statement: (rows: readonly T[]) => Statement,
): readonly Statement[] {
  return rows === undefined || rows.length === 0 ? [] : [statement(rows)];
}

function conflict(why: string): AppError {
  return new AppError({ code: 'STORE.CONFLICT', why });
}

/**
 * What nearly every step has, in one statement: the outbox and its sequence, the positions, what is applied and the own state.
 * The last SELECT refuses a step that does not continue the stored ones.
 */
const STEP = `WITH owner AS (
  UPDATE owners SET last_outbox_sequence = coalesce($3, last_outbox_sequence),
    published_through = greatest(published_through, $4)
  WHERE key = $1 AND ($2::int8 IS NULL OR last_outbox_sequence = $2) RETURNING 1
), state AS (
  INSERT INTO owner_states (key, data) SELECT $1, $5::bytea WHERE $5::bytea IS NOT NULL
  ON CONFLICT (key) DO UPDATE SET data = excluded.data
), moved AS (
  INSERT INTO positions (key, ${columnList(POSITIONS)})
  SELECT $1, * FROM ${unnest(POSITIONS, 6)}
  ON CONFLICT (key, stream) DO UPDATE
    SET epoch_us = excluded.epoch_us, sequence = excluded.sequence
    WHERE positions.epoch_us <> excluded.epoch_us OR positions.sequence < excluded.sequence
  RETURNING 1
), seen AS (
  INSERT INTO applied (key, ${columnList(APPLIED)}) SELECT $1, * FROM ${unnest(APPLIED, 9)}
  ON CONFLICT (key, producer, subject) DO UPDATE SET sequence = excluded.sequence
), sent AS (
  INSERT INTO outbox (${columnList(OUTBOX)}) SELECT * FROM ${unnest(OUTBOX, 12)}
) SELECT CASE
  WHEN (SELECT count(*) FROM owner) = 0 THEN capstan_refuse('${REFUSALS.conflict}',
    'the outbox sequence does not continue the stored one')
  WHEN (SELECT count(*) FROM moved) <> cardinality($6::text[]) THEN capstan_refuse(
    '${REFUSALS.conflict}', 'a position does not go forward')
END`;

function stepStatement(commit: Commit): Statement {
  const { outbox = [], positions = [], applied = [], publishedThrough, state } = commit;
  const { key } = commit.fence;
  const [first, last] = sequenceEnds(key, outbox);
  return {
    name: 'step',
    text: STEP,
    values: [
      key,
      first === undefined ? null : first - 1,
      last ?? null,
      publishedThrough ?? null,
      state ?? null,
      ...columnArrays(POSITIONS, latestPositions(key, positions)),
      ...columnArrays(APPLIED, lastOfEach(APPLIED, applied)),
      ...columnArrays(OUTBOX, outbox),
    ],
  };
}

function sequenceEnds(
  key: string,
  outbox: readonly OutboxMessage[],
): readonly [first: number | undefined, last: number | undefined] {
  const first = outbox[0]?.sequence;
  for (const [index, message] of outbox.entries()) {
    assert(message.producer === key, `${key} writes into the outbox of ${message.producer}`);
    if (message.sequence !== (first ?? 0) + index) {
      throw conflict(`${key}: outbox sequence ${message.sequence} does not follow the one before.`);
    }
  }
  return [first, outbox.at(-1)?.sequence];
}

function latestPositions(
  key: string,
  positions: readonly StreamPosition[],
): readonly StreamPosition[] {
  const latest = new Map<string, StreamPosition>();
  for (const position of positions) {
    const before = latest.get(position.stream);
    if (before?.epochUs === position.epochUs && before.sequence >= position.sequence) {
      throw conflict(`${key}: two positions of ${position.stream} in one step go back.`);
    }
    latest.set(position.stream, position);
  }
  return [...latest.values()];
}

/** Inserts: a row whose key exists violates a unique index. */
function inserting<T extends object>(of: Table<T>): (rows: readonly T[]) => Statement {
  const name = `${of.name}_insert`;
  const text = `INSERT INTO "${of.name}" (${columnList(of)}) SELECT * FROM ${unnest(of)}`;
  return (rows) => ({ name, text, values: columnArrays(of, rows) });
}

/** Writes over; of several rows of a key the last. */
function overwriting<T extends object>(of: Table<T>): (rows: readonly T[]) => Statement {
  const name = `${of.name}_overwrite`;
  const text =
    `INSERT INTO "${of.name}" (${columnList(of)}) SELECT * FROM ${unnest(of)} ` +
    `ON CONFLICT (${of.key.join(', ')}) DO UPDATE SET ${replacedColumns(of)}`;
  return (rows) => ({ name, text, values: columnArrays(of, lastOfEach(of, rows)) });
}

function replacedColumns(of: Table<never>): string {
  return of.fields
    .filter(({ column }) => !of.key.includes(column))
    .map(({ column }) => `"${column}" = excluded."${column}"`)
    .join(', ');
}

function lastOfEach<T extends object>(of: Table<T>, rows: readonly T[]): readonly T[] {
  return rows.length < 2 ? rows : [...new Map(rows.map((row) => [of.keyOf(row), row])).values()];
}

const ORDERS_REPLACE = refuseUnless(
  `UPDATE orders SET ${ORDERS.fields.map(({ column }) => `"${column}" = n."${column}"`).join(', ')}
   FROM unnest(${[...ORDERS.fields.map(({ codec }) => codec.type), 'int8']
     .map((type, index) => `$${index + 1}::${type}[]`)
     .join(', ')}) AS n (${columnList(ORDERS)}, first_version)
   WHERE orders.order_id = n.order_id AND orders.version < n.first_version RETURNING 1`,
  'cardinality($1::text[])',
  REFUSALS.conflict,
  'an order is not there, or a version does not go forward',
);

interface OrderStep {
  /** The lowest version of the order in the step, which must follow the stored one. */
  readonly first: number;
  /** The highest, which is written. */
  readonly order: Order;
}

/** New orders are inserted, later versions replace. */
function orderStatements(orders: readonly Order[]): readonly Statement[] {
  const steps = new Map<string, OrderStep>();
  for (const order of orders) {
    const before = steps.get(order.orderId);
    if (before !== undefined && order.version <= before.order.version) {
      throw conflict(`order ${order.orderId}: version ${order.version} follows a later one.`);
    }
    steps.set(order.orderId, { first: before?.first ?? order.version, order });
  }
  const added: Order[] = [];
  const changed: OrderStep[] = [];
  for (const step of steps.values()) {
    if (step.first === 1) added.push(step.order);
    else changed.push(step);
  }
  return [...some(added, WRITE.orders), ...some(changed, replaceStatement)];
}

function replaceStatement(steps: readonly OrderStep[]): Statement {
  const arrays = columnArrays(
    ORDERS,
    steps.map(({ order }) => order),
  );
  const firsts = arrayLiteral(
    steps.map(({ first }) => String(first)),
    true,
  );
  return { name: 'orders_replace', text: ORDERS_REPLACE, values: [...arrays, firsts] };
}

const COMMANDS_ANSWER = refuseUnless(
  `UPDATE commands SET state = n.state, result = n.result
   FROM unnest($2::text[], $3::text[], $4::text[]) AS n (command_id, state, result)
   WHERE commands.command_id = n.command_id AND commands.key = $1 AND commands.state = 'pending'
   RETURNING 1`,
  'cardinality($2::text[])',
  REFUSALS.conflict,
  'a command of this key is not pending',
);

function answersStatement(key: string, answers: NonNullable<Commit['commands']>): Statement {
  const column = (value: (answer: (typeof answers)[number]) => string) =>
    arrayLiteral(answers.map(value), false);
  const values = [
    key,
    column((answer) => answer.commandId),
    column((answer) => answer.state),
    column((answer) => answer.result),
  ];
  return { name: 'commands_answer', text: COMMANDS_ANSWER, values };
}

/** How the rows of a kind are written. */
const WRITE = {
  bars: inserting(BARS),
  signals: inserting(SIGNALS),
  intents: inserting(INTENTS),
  denials: inserting(DENIALS),
  orders: inserting(ORDERS),
  fills: inserting(FILLS),
  cashEvents: inserting(CASH_EVENTS),
  splits: inserting(SPLITS),
  reservations: overwriting(RESERVATIONS),
  ledgerPositions: overwriting(LEDGER_POSITIONS),
  ledgerCash: overwriting(LEDGER_CASH),
  bots: overwriting(BOTS),
  checkpoints: overwriting(CHECKPOINTS),
  equity: overwriting(EQUITY),
  replays: overwriting(REPLAYS),
  replayCheckpoints: overwriting(REPLAY_CHECKPOINTS),
  strays: inserting(STRAYS),
  snapshots: inserting(SNAPSHOTS),
  drifts: overwriting(DRIFTS),
  audit: inserting(AUDIT),
};
