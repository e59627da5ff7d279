import {
  encodeApprovedSlice,
  encodeBarsClosed,
  encodeFillEvent,
  encodeOrderEvent,
  subjects,
} from '@capstan/contracts';
import {
  type CauseKind,
  cashMicros,
  type Fill,
  newOrder,
  type OrderTerms,
  priceNanos,
  quantity,
  timeUs,
} from '@capstan/domain';
import { previousHeader } from '@capstan/journal';
import { MemoryStore } from '@capstan/testkit';
import { expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { JournalReading } from './journal-reading.ts';
import { REPLAY, RUN } from './replay-world.fixture.ts';

const OF = { runId: RUN, accountId: 'paper', botId: 'cross', symbol: 'SPY', side: 'buy' } as const;
const FENCE = { key: 'execution/paper', epochUs: timeUs(1), token: 1 };
const fill = (accountSequence: number, changes: Partial<Fill> = {}): Fill => ({
  ...{ ...OF, fillId: `f${accountSequence}`, kind: 'fill', orderId: 'o', quantity: quantity(1) },
  ...{ priceNanos: priceNanos(1), feeMicros: cashMicros(0), eventAtUs: timeUs(accountSequence) },
  ...{ accountSequence, ...changes },
});

/** A store that execution has written to, and what is read of it. */
async function written(tails = new Map<string, number>()) {
  const store = new MemoryStore();
  await store.takeOwnership(FENCE);
  let sequence = 0;
  const say = async (subject: string, data: Uint8Array, rows: object = {}) => {
    sequence += 1;
    const headers = { [previousHeader]: String(tails.get(subject) ?? 0) };
    tails.set(subject, sequence);
    const outbox = [{ producer: FENCE.key, sequence, subject, headers, data }];
    await store.commit({ fence: FENCE, outbox, ...rows });
  };
  return { store, say, reading: new JournalReading(store, REPLAY) };
}

it('gives what speaks of before what that was, and nothing else', async () => {
  const { say, reading } = await written();
  const tell = (fills: readonly Fill[]) =>
    say(subjects.fill('paper'), encodeFillEvent({ runId: RUN, accountId: 'paper', fills }), {
      fills,
    });
  const [one, other, bust] = [
    fill(1),
    fill(2, { symbol: 'QQQ' }),
    fill(3, { kind: 'bust', refersTo: 'f1' }),
  ];
  for (const fills of [[one], [other], [bust]]) await tell(fills);
  expect(await reading.next()).toMatchObject([
    { kind: 'fills', entries: [one], history: [] },
    { kind: 'fills', entries: [other], history: [] },
    { kind: 'fills', entries: [bust], history: [one] },
  ]);
});

it('says why there is an order that no decision in the journal has made, and goes on from where it was', async () => {
  const { store, say, reading } = await written();
  const order = async (intentId: string, causeKind: CauseKind) => {
    const intent = {
      ...{ ...OF, intentId, causeKind, causeId: 'x', quantity: quantity(1), reducing: false },
      ...{ type: 'market', timeInForce: 'day', referencePriceNanos: priceNanos(1) },
      ...{ decidedAtUs: timeUs(5), reason: '' },
    };
    const terms = { ...intent, orderId: intentId, leg: 0, attempt: 1, expiresAtUs: timeUs(9) };
    const orders = [newOrder(terms as unknown as OrderTerms, timeUs(5))];
    const data = encodeOrderEvent({ runId: RUN, accountId: 'paper', orders });
    await say(subjects.order('paper'), data, { intents: [intent] });
  };
  await order('by-hand', 'command');
  await order('by-signal', 'signal');
  const kinds = async (one: JournalReading) => (await one.next()).map(({ kind }) => kind);
  expect(await kinds(reading)).toEqual(['cause', 'orders', 'orders']);
  await order('by-rule', 'schedule');
  await order('by-hand-again', 'command');
  const state = JSON.parse(JSON.stringify(reading.state()));
  expect(await kinds(new JournalReading(store, REPLAY, state))).toEqual([
    'orders',
    'cause',
    'orders',
  ]);
});

it('gives how far an account knew the world as it decided, counted as the words on its orders are', async () => {
  const { say, reading } = await written();
  const of = { runId: RUN, accountId: 'paper' };
  for (let count = 0; count < 2; count += 1)
    await say(subjects.order('paper'), encodeOrderEvent({ ...of, orders: [] }));
  const slice = { ...of, feed: 'demo', sliceEndUs: timeUs(5), orders: [], cancelOrderIds: [] };
  const grounds = { nowUs: timeUs(9), accountSequence: 3, orderSequence: 2 };
  for (const told of [{ grounds }, {}])
    await say(
      subjects.approved('paper'),
      encodeApprovedSlice({ ...slice, activeBots: 1, ...told }),
    );
  const [first, second, decided, untold] = await reading.next();
  expect([first, second]).toMatchObject([{ sequence: 1 }, { sequence: 2 }]);
  expect(decided).toMatchObject({ kind: 'decided', grounds });
  expect(untold).not.toHaveProperty('grounds');
});

it('misses what came before in its own run, and nothing of a run before', async () => {
  const subject = subjects.order('paper');
  const orders = (runId: string) => encodeOrderEvent({ runId, accountId: 'paper', orders: [] });
  const removed = () => written(new Map([[subject, 7]]));
  const later = await removed();
  await later.say(subject, orders('the-run-before'));
  await later.say(subject, orders(RUN));
  expect(await later.reading.next()).toMatchObject([{ kind: 'orders' }]);
  const torn = await removed();
  await torn.say(subject, orders(RUN));
  await expect(torn.reading.next()).rejects.toMatchObject({ code: 'REPORTING.REPLAY_GONE' });
});

it('finds where its run begins, whatever was removed of the run before that its reader had applied', async () => {
  const { store, say, reading } = await written();
  const subject = subjects.order('paper');
  const orders = (runId: string) => encodeOrderEvent({ runId, accountId: 'paper', orders: [] });
  for (let count = 0; count < 3; count += 1) await say(subject, orders('the-run-before'));
  const reader = { key: 'replay', epochUs: timeUs(1), token: 1 };
  await store.takeOwnership(reader);
  const applied = [{ producer: FENCE.key, subject, sequence: 3 }];
  await store.commit({ fence: reader, applied });
  await say(subject, orders(RUN));
  await store.commit({ fence: FENCE, publishedThrough: 4 });
  const old = { kind: 'outbox', beforeUs: timeUs(Number.MAX_SAFE_INTEGER) } as const;
  expect(await store.prune(FENCE, old, 9)).toBe(2);
  expect(await reading.next()).toMatchObject([{ kind: 'orders' }]);
});

it('reads the bars of so many slices at once as there is room for, and of one in any case', async () => {
  const { say, reading } = await written();
  const close = async (minute: number, count: number) => {
    const symbols = Array.from({ length: count }, (_, index) => `S${index}`);
    const closed = { runId: RUN, feed: 'demo', endUs: timeUs(minute), symbols, last: false };
    await say(subjects.barsClosed('demo'), encodeBarsClosed(closed));
  };
  const { replayBars } = LIMITS;
  const counts = [replayBars / 2, replayBars / 2, 1, 2 * replayBars, replayBars];
  for (const [index, count] of counts.entries()) await close(index + 1, count);
  const pages: number[][] = [];
  for (let events = await reading.next(); events.length > 0; events = await reading.next())
    pages.push(events.map((event) => (event.kind === 'slice' ? event.slice.endUs : 0)));
  expect(pages).toEqual([[1, 2], [3], [4], [5]]);
});
