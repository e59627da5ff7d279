import { waitUntil } from '@capstan/embedded';
import type { Stack } from './stack.ts';
import { ACCOUNT_ID, type Outcome, RUN_ID, sorted } from './world.ts';

const LIMIT = 100_000;

/** Waits until every equity point of a playback is written: then everything before it is. */
export async function playedThrough(
  stack: Stack,
  slices: number,
  timeoutMs: number,
): Promise<void> {
  const count = async () =>
    (await stack.store.equity({ runId: RUN_ID, botId: '*', limit: LIMIT })).at(0);
  const end = await lastSlice(stack, slices, timeoutMs);
  const done = await waitUntil(async () => (await count())?.atUs === end, timeoutMs);
  if (!done) throw new Error(`the playback did not end in ${timeoutMs} ms\n${await stack.logs()}`);
}

async function lastSlice(stack: Stack, slices: number, timeoutMs: number): Promise<number> {
  let end = 0;
  const seen = await waitUntil(async () => {
    const published = await stack.store.outbox('feed/demo', 0, LIMIT);
    const closed = published.filter((one) => one.subject.startsWith('market.closed.'));
    if (closed.length < slices) return false;
    const bots = await stack.store.bots({});
    end = Math.min(...bots.map((bot) => bot.lastSliceEndUs ?? 0));
    const newest = Math.max(...bots.map((bot) => bot.lastSliceEndUs ?? 0));
    const [bar] = await stack.store.equity({ runId: RUN_ID, botId: '*', limit: 1 });
    return end === newest && bar !== undefined && bar.atUs === end;
  }, timeoutMs);
  if (!seen) throw new Error(`the feed did not end in ${timeoutMs} ms\n${await stack.logs()}`);
  return end;
}

/** Reads what the services journaled. */
export async function journaled(stack: Stack): Promise<Outcome> {
  const { store } = stack;
  const query = { runId: RUN_ID, accountId: ACCOUNT_ID, limit: LIMIT };
  return sorted({
    signals: await store.signals(query),
    intents: await store.intents(query),
    denials: await store.denials(query),
    orders: await store.orders(query),
    fills: await store.fills(query),
  });
}
