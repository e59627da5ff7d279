import {
  CAUSE_KINDS,
  cashMicros,
  DIRECTIONS,
  FILL_KINDS,
  type Fill,
  type Intent,
  ORDER_SIDES,
  ORDER_STATES,
  ORDER_TYPES,
  type Order,
  type OrderRevision,
  priceNanos,
  quantity,
  type Signal,
  TIMEFRAMES,
  TIMES_IN_FORCE,
  timeUs,
} from '@capstan/domain';
import type { Fence } from '@capstan/ports';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type PostgresStoreHandle } from './index.ts';
import { SILENT, startTestDatabase } from './test-database.ts';

const ROWS = 500;
const most = Number.MAX_SAFE_INTEGER;

let database: Awaited<ReturnType<typeof startTestDatabase>>;
let handle: PostgresStoreHandle;
let step = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  handle = openStore({ url: database.url, log: SILENT });
});
afterAll(async () => {
  await handle.close();
  await database.stop();
});

const int = (min: number, max = most) =>
  fc.oneof(fc.constantFrom(min, max, Math.max(min, 0)), fc.integer({ min, max }));
const price = int(-most).map(priceNanos);
const cash = int(-most).map(cashMicros);
const units = int(1).map(quantity);
const time = int(-most).map(timeUs);
/** Any text that PostgreSQL keeps: all but NUL. */
const words = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((text) => text.replaceAll('\0', '\\"{},NULL'));
const maybe = <K extends string, T>(key: K, value: fc.Arbitrary<T>) =>
  fc.option(value).map((one) => (one === null ? {} : ({ [key]: one } as { [k in K]: T })));
const one = <T>(values: readonly T[]) => fc.constantFrom(...values);
/** Puts fields and optional fields together. */
const record = <T>(
  parts: Record<string, fc.Arbitrary<unknown>>,
  optional: fc.Arbitrary<object>[],
) => fc.tuple(fc.record(parts), ...optional).map((all) => Object.assign({}, ...all) as T);

const prices = [maybe('limitPriceNanos', price), maybe('stopPriceNanos', price)];
const trail = fc.oneof(
  fc.constant({}),
  price.map((trailNanos) => ({ trailNanos })),
  fc.double({ min: 0.0001, max: 9_999, noNaN: true }).map((trailBps) => ({ trailBps })),
);
const exits = maybe(
  'exits',
  fc
    .tuple(maybe('stopPriceNanos', price), maybe('takeProfitPriceNanos', price), trail)
    .map(([stop, target, way]) => ({ ...stop, ...target, ...way })),
);
const shared = { botId: words, symbol: words, side: one(ORDER_SIDES), quantity: units };

const revision = record<OrderRevision>({ quantity: units }, prices);
const replacesOf = ([approved, asked]: readonly [OrderRevision, object]) => ({
  count: 1,
  approved,
  ...asked,
});
const orders = record<Order>(
  {
    ...shared,
    intentId: words,
    type: one(ORDER_TYPES),
    timeInForce: one(TIMES_IN_FORCE),
    reducing: fc.boolean(),
    leg: int(0),
    attempt: int(0),
    decidedAtUs: time,
    expiresAtUs: time,
    state: one(ORDER_STATES),
    filledQuantity: int(0).map(quantity),
    filledNotionalMicros: cash,
    updatedAtUs: time,
  },
  [
    ...prices,
    maybe('venueOrderId', words),
    maybe('reason', words),
    trail,
    exits,
    maybe('activationPriceNanos', price),
    maybe('executedQuantity', int(0).map(quantity)),
    maybe('replaces', fc.tuple(revision, maybe('asked', revision)).map(replacesOf)),
  ],
);
const signals = record<Signal>(
  {
    botId: words,
    accountId: words,
    configRevision: int(0),
    symbol: words,
    timeframe: one(TIMEFRAMES),
    barEndUs: time,
    inputRevision: int(0),
    direction: one(DIRECTIONS),
    strength: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => (value === 0 ? 0 : value)),
    referencePriceNanos: price,
    reason: words,
  },
  [
    ...prices,
    maybe('takeProfitPriceNanos', price),
    maybe('timeInForce', one(TIMES_IN_FORCE)),
    trail,
    maybe('entryStopPriceNanos', price),
    maybe('atrNanos', price),
    maybe('barVolatility', fc.double({ min: 1e-9, max: 10, noNaN: true })),
  ],
);
const intents = record<Intent>(
  {
    ...shared,
    accountId: words,
    causeKind: one(CAUSE_KINDS),
    causeId: words,
    type: one(ORDER_TYPES),
    timeInForce: one(TIMES_IN_FORCE),
    reducing: fc.boolean(),
    referencePriceNanos: price,
    decidedAtUs: time,
  },
  [...prices, exits],
);
const fills = record<Fill>(
  {
    ...shared,
    kind: one(FILL_KINDS),
    refersTo: words,
    orderId: words,
    priceNanos: price,
    feeMicros: cash,
    eventAtUs: time,
  },
  [],
);

async function owned(): Promise<{ fence: Fence; runId: string }> {
  step += 1;
  const fence = { key: `risk/${step}`, epochUs: timeUs(1), token: 1 };
  await handle.store.takeOwnership(fence);
  return { fence, runId: `run-${step}` };
}

const byId = <T>(rows: readonly T[], id: (row: T) => string): ReadonlyMap<string, T> =>
  new Map(rows.map((row) => [id(row), row]));

describe('rows of any values', () => {
  it('come back as they were, singly and by the hundreds', async () => {
    const sizes = fc.constantFrom(1, 2, ROWS);
    const rows = <T>(arbitrary: fc.Arbitrary<T>, size: number) =>
      fc
        .array(arbitrary, { minLength: 1, maxLength: 8 })
        .map((some) =>
          Array.from({ length: size }, (_, index) => some[index % some.length]).filter(
            (row) => row !== undefined,
          ),
        );
    const steps = sizes.chain((size) =>
      fc.tuple(rows(orders, size), rows(signals, size), rows(intents, size), rows(fills, size)),
    );
    await fc.assert(
      fc.asyncProperty(steps, async ([someOrders, someSignals, someIntents, someFills]) => {
        const { fence, runId } = await owned();
        const id = (index: number) => `${runId}-${index}`;
        const added = someOrders.map((row, index) => ({
          ...row,
          orderId: id(index),
          accountId: 'a',
          runId,
          version: 1,
        }));
        const written = {
          fence,
          signals: someSignals.map((row, index) => ({ ...row, signalId: id(index), runId })),
          intents: someIntents.map((row, index) => ({ ...row, intentId: id(index), runId })),
          fills: someFills.map((row, index) => ({
            ...row,
            fillId: id(index),
            accountSequence: index + 1,
            accountId: runId,
            runId,
          })),
        };
        const { store } = handle;
        await store.commit({ ...written, orders: added });
        const all = { runId, limit: ROWS };
        const orderId = (row: Order) => row.orderId;
        expect(byId(await store.orders(all), orderId)).toStrictEqual(byId(added, orderId));
        const signalId = (row: Signal) => row.signalId;
        expect(byId(await store.signals(all), signalId)).toStrictEqual(
          byId(written.signals, signalId),
        );
        const intentId = (row: Intent) => row.intentId;
        expect(byId(await store.intents(all), intentId)).toStrictEqual(
          byId(written.intents, intentId),
        );
        expect(await store.fillsAfter(runId, 0, ROWS)).toStrictEqual(written.fills);

        const replaced = added.map((row) => ({ ...row, version: 3, state: 'filled' as const }));
        await store.commit({ fence, orders: replaced });
        expect(byId(await store.orders(all), orderId)).toStrictEqual(byId(replaced, orderId));
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  it('are refused as a bug where a number is not whole or too great', async () => {
    const { fence, runId } = await owned();
    const position = (sequence: number) => [{ stream: runId, epochUs: timeUs(1), sequence }];
    for (const sequence of [0.5, 2 ** 53, Number.NaN]) {
      await expect(
        handle.store.commit({ fence, positions: position(sequence) }),
      ).rejects.toMatchObject({ name: 'InvariantError' });
    }
    await handle.store.commit({ fence, positions: position(most) });
  });
});
