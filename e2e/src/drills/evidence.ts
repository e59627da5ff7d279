import { waitUntil } from '@capstan/embedded';
import type { Bus, EquityRecord, Store, VenueAccount, VenueOrder } from '@capstan/ports';
import { createLogger, systemClock } from '@capstan/runtime';
import { PaperVenue } from '@capstan/venues';
import { journaled, publishedSlices } from '../outcome.ts';
import { ACCOUNT_ID, CASH_MICROS, type Outcome, playPure, RUN_ID } from '../world.ts';
import { type BusHistory, busHistory } from './bus-history.ts';
import { DRILL_WORLD } from './trading-world.ts';

const LIMIT = 1_000_000;
const QUIET_MS = 60_000;
const POLL_MS = 200;
const VENUE_MS = 5_000;
const VENUE_WAIT_MS = 30_000;

/** Where what happened can be seen, and the feed be ended. */
export interface Scene {
  readonly store: Store;
  readonly bus: Bus;
  /** `host:port` of the paper exchange. */
  readonly venueAddress: string;
  /** Names of the services that are not ready, with what they say. */
  notReady(): Promise<readonly string[]>;
  /** End of the last slice that went all the way, to its equity; 0 before the first. */
  throughUs(): Promise<number>;
  /** Stops the feed where it is. */
  endFeed(): Promise<void>;
  /** Returns the journal of the paper exchange, a JSON object a line. */
  exchangeJournal(): Promise<string>;
}

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
export async function gather(scene: Scene): Promise<Evidence> {
  const { store } = scene;
  const notReady = await scene.notReady();
  const tellings = await quietened(scene);
  const [equity] = await store.equity({ runId: RUN_ID, botId: '*', limit: 1 });
  const drifts = await store.drifts({ openOnly: true, limit: LIMIT });
  return {
    live: await journaled(store),
    pure: playPure({ ...DRILL_WORLD, slices: tellings.size }),
    ...{ tellings, notReady, equity, openDrifts: drifts.length, openingCashMicros: CASH_MICROS },
    arrivals: arrivalsIn(await scene.exchangeJournal()),
    bus: await busHistory(scene.bus, store),
    ...(await askVenue(scene.venueAddress)),
  };
}

/** Ends the feed and waits for the last slice to be done everywhere. @returns how often each slice was told. */
async function quietened(scene: Scene): Promise<ReadonlyMap<number, number>> {
  await scene.endFeed();
  const ends = await publishedSlices(scene.store);
  const last = ends.at(-1);
  if (last === undefined) throw new Error('no slice was ever told');
  const isDone = async (): Promise<boolean> => {
    const bots = await scene.store.bots({});
    return bots.every((bot) => bot.lastSliceEndUs === last) && (await scene.throughUs()) === last;
  };
  if (!(await waitUntil(isDone, QUIET_MS, POLL_MS))) {
    const through = await scene.throughUs();
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

/** Counts the arrivals of each order at the exchange: what arrived again is journaled again. */
export function arrivalsIn(journal: string): ReadonlyMap<string, number> {
  const arrivals = new Map<string, number>();
  for (const line of journal.split('\n').filter(Boolean)) {
    const { input } = JSON.parse(line) as Line;
    if (input?.kind !== 'submit' || input.order === undefined) continue;
    const { orderId } = input.order;
    arrivals.set(orderId, (arrivals.get(orderId) ?? 0) + 1);
  }
  return arrivals;
}

/** Asks again for a while: the way to it may break with the first question after its end has moved. */
async function askVenue(address: string): Promise<Pick<Evidence, 'account' | 'openOrders'>> {
  const log = createLogger({ service: 'drill', level: 'error', format: 'text', secrets: [] });
  const venue = new PaperVenue({ clock: systemClock, log }, { address, timeoutMs: VENUE_MS });
  const asked = async (): Promise<Pick<Evidence, 'account' | 'openOrders'>> => {
    const openOrders = await venue.openOrders(ACCOUNT_ID);
    return { account: await venue.account(ACCOUNT_ID), openOrders };
  };
  try {
    let answer: Pick<Evidence, 'account' | 'openOrders'> | undefined;
    const isAnswered = async (): Promise<boolean> => {
      answer = await asked().catch(() => undefined);
      return answer !== undefined;
    };
    await waitUntil(isAnswered, VENUE_WAIT_MS, POLL_MS);
    return answer ?? (await asked());
  } finally {
    venue.close();
  }
}
