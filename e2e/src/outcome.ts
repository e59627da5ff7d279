import { decodeBarsClosed } from '@capstan/contracts';
import type { TimeUs } from '@capstan/domain';
import { waitUntil } from '@capstan/embedded';
import type { ReplayRecord, Store } from '@capstan/ports';
import type { Stack } from './stack.ts';
import { ACCOUNT_ID, type Outcome, RUN_ID, sorted } from './world.ts';

const LIMIT = 100_000;
/** Each look reads the whole outbox of the feed. */
const POLL_MS = 100;

/**
 * Waits until every bot has stepped the last slice of a playback and its equity point is written: then everything before it is.
 * The last slice is the last that was published, never the last that happens to be done.
 */
export async function playedThrough(
  stack: Stack,
  slices: number,
  timeoutMs: number,
): Promise<void> {
  const { store } = stack;
  let said = 'no slice was published';
  const isDone = async (): Promise<boolean> => {
    const published = await publishedSlices(store);
    said = `${published.length} of ${slices} slices were published`;
    const endUs = published.at(-1);
    if (endUs === undefined || published.length < slices) return false;
    const ends = (await store.bots({})).map((bot) => bot.lastSliceEndUs ?? 0);
    const [newest] = await store.equity({ runId: RUN_ID, botId: '*', limit: 1 });
    said = `of ${endUs}, the bots have stepped ${ends.join(', ')}, reported is ${newest?.atUs}`;
    return ends.every((end) => end === endUs) && newest?.atUs === endUs;
  };
  if (await waitUntil(isDone, timeoutMs, POLL_MS)) return;
  throw new Error(`not played in ${timeoutMs} ms: ${said}\n${await stack.logs()}`);
}

/** Returns the ends of the slices that were published, in the order they were. */
export async function publishedSlices(store: Store): Promise<readonly TimeUs[]> {
  const published = await store.outbox('feed/demo', 0, LIMIT);
  const closings = published.filter((one) => one.subject.startsWith('market.closed.'));
  // The first says that the past is journaled.
  return closings.slice(1).map((one) => decodeBarsClosed(one.data).endUs);
}

/**
 * Stops the feed where it is, and waits until all it published is dealt with.
 * @returns how many slices that is.
 */
export async function playedSoFar(stack: Stack, timeoutMs: number): Promise<number> {
  await stack.service('market-data').stop();
  const { length } = await publishedSlices(stack.store);
  await playedThrough(stack, length, timeoutMs);
  return length;
}

/** Reads what the services journaled. */
export async function journaled(store: Store): Promise<Outcome> {
  const query = { runId: RUN_ID, accountId: ACCOUNT_ID, limit: LIMIT };
  return sorted({
    signals: await store.signals(query),
    intents: await store.intents(query),
    denials: await store.denials(query),
    orders: await store.orders(query),
    fills: await store.fills(query),
  });
}

/** Waits until the session that ended last is replayed, and returns what was found. */
export async function replayed(stack: Stack, timeoutMs: number): Promise<readonly ReplayRecord[]> {
  const found = () => stack.store.replays({ runId: RUN_ID, limit: LIMIT });
  const isThere = async () => (await found()).length > 0;
  if (await waitUntil(isThere, timeoutMs, POLL_MS)) return found();
  throw new Error(`no session was replayed in ${timeoutMs} ms\n${await stack.logs()}`);
}
