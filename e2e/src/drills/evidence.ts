import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@capstan/embedded';
import type { EquityRecord, VenueAccount, VenueOrder } from '@capstan/ports';
import { createLogger, systemClock } from '@capstan/runtime';
import { PaperVenue } from '@capstan/venues';
import { journaled, publishedSlices } from '../outcome.ts';
import { ACCOUNT_ID, CASH_MICROS, type Outcome, playPure, RUN_ID } from '../world.ts';
import { type BusHistory, busHistory } from './bus-history.ts';
import { DRILL_WORLD, type DrillWorld } from './drill-world.ts';

const LIMIT = 1_000_000;
const QUIET_MS = 60_000;
const POLL_MS = 200;
const VENUE_MS = 5_000;

/** What is known when the drills are over and everything is quiet. */
export interface Evidence {
  /** What the services journaled, and what the pure core decides over the same slices when nothing goes wrong. */
  readonly live: Outcome;
  readonly pure: Outcome;
  /** How often a slice was told, by its end. */
  readonly tellings: ReadonlyMap<number, number>;
  /** How often each order arrived at the venue, by the venue's own journal. */
  readonly arrivals: ReadonlyMap<string, number>;
  /** The broker's truth. */
  readonly account: Pick<VenueAccount, 'cashMicros' | 'positions'>;
  readonly openOrders: readonly Pick<VenueOrder, 'orderId'>[];
  /** What reporting says the account is worth after the last slice, and what it began with. */
  readonly equity: EquityRecord | undefined;
  readonly openingCashMicros: number;
  readonly openDrifts: number;
  /** Services that were not ready before the feed ended, with what they say. */
  readonly notReady: readonly string[];
  readonly bus: BusHistory;
}

/** Ends the feed, waits until all that it told has gone all the way, and reads what everybody says of it. */
export async function gather(world: DrillWorld): Promise<Evidence> {
  const { store } = world;
  const notReady = await world.notReady();
  const tellings = await quietened(world);
  const [equity] = await store.equity({ runId: RUN_ID, botId: '*', limit: 1 });
  const drifts = await store.drifts({ openOnly: true, limit: LIMIT });
  return {
    live: await journaled(world.stack),
    pure: playPure({ ...DRILL_WORLD, slices: tellings.size }),
    ...{ tellings, notReady, equity, openDrifts: drifts.length, openingCashMicros: CASH_MICROS },
    arrivals: await arrivalsOf(world),
    bus: await busHistory(world.fleet.bus.bus, store),
    ...(await askVenue(world)),
  };
}

/** Ends the feed and waits for the last slice to be done everywhere. @returns how often each slice was told. */
async function quietened(world: DrillWorld): Promise<ReadonlyMap<number, number>> {
  await world.fleet.working('market-data').stop();
  const ends = await publishedSlices(world.stack);
  const last = ends.at(-1);
  if (last === undefined) throw new Error('no slice was ever told');
  const isDone = async (): Promise<boolean> => {
    const bots = await world.store.bots({});
    return bots.every((bot) => bot.lastSliceEndUs === last) && (await world.throughUs()) === last;
  };
  if (!(await waitUntil(isDone, QUIET_MS, POLL_MS))) {
    const through = await world.throughUs();
    throw new Error(
      `the last slice, of ${last}, never came through: the last that did is ${through}`,
    );
  }
  const tellings = new Map<number, number>();
  for (const end of ends) tellings.set(end, (tellings.get(end) ?? 0) + 1);
  return tellings;
}

/** A line of the exchange's journal, as far as it is read here. */
interface Line {
  readonly kind: string;
  readonly input?: { readonly kind: string; readonly order?: { readonly orderId: string } };
}

/** Counts the arrivals of each order: what arrived again is journaled again. */
export async function arrivalsOf({ stack }: DrillWorld): Promise<ReadonlyMap<string, number>> {
  const text = await readFile(join(stack.folder, 'exchange', 'journal.jsonl'), 'utf8');
  const arrivals = new Map<string, number>();
  for (const line of text.split('\n').filter(Boolean)) {
    const { input } = JSON.parse(line) as Line;
    if (input?.kind !== 'submit' || input.order === undefined) continue;
    const { orderId } = input.order;
    arrivals.set(orderId, (arrivals.get(orderId) ?? 0) + 1);
  }
  return arrivals;
}

async function askVenue({ line }: DrillWorld): Promise<Pick<Evidence, 'account' | 'openOrders'>> {
  const log = createLogger({ service: 'drill', level: 'error', format: 'text', secrets: [] });
  const settings = { address: `127.0.0.1:${line.port}`, timeoutMs: VENUE_MS };
  const venue = new PaperVenue({ clock: systemClock, log }, settings);
  try {
    const openOrders = await venue.openOrders(ACCOUNT_ID);
    return { account: await venue.account(ACCOUNT_ID), openOrders };
  } finally {
    venue.close();
  }
}
