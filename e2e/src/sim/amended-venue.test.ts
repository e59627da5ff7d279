import { cashMicros, timeUs, type VenueEvent } from '@capstan/domain';
import type { BrokerVenue, VenueUpdate, VenueUpdates } from '@capstan/ports';
import { Random } from '@capstan/testkit/sim';
import { expect, it } from 'vitest';
import { PAPER_CAPABILITIES } from '../../../services/paper-exchange/src/exchange.ts';
import { Amendments, amendedVenue } from './amended-venue.ts';

const head = { accountId: 'paper', eventAtUs: timeUs(1) };

const told = (sequence: number): VenueEvent => ({
  ...{ ...head, sequence, kind: 'accepted', orderId: `o${sequence}` },
  venueOrderId: `v${sequence}`,
});

/** An exchange that tells the events after a sequence in small parts, then nothing more. */
class Told implements VenueUpdates {
  readonly #random: Random;
  readonly #through: number;
  #last: number;

  constructor(random: Random, after: number, through: number) {
    this.#random = random;
    this.#last = after;
    this.#through = through;
  }

  next(): Promise<readonly VenueUpdate[]> {
    const count = Math.min(this.#random.integer(1, 3), this.#through - this.#last);
    const events = Array.from({ length: count }, (_, index) => told(this.#last + index + 1));
    this.#last += count;
    return Promise.resolve(events.map((event) => ({ kind: 'event', event })));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const exchangeOf = (random: Random, through: number): BrokerVenue => {
  const never = () => Promise.reject(new Error('not asked'));
  return {
    ...{ capabilities: PAPER_CAPABILITIES, submit: never, submitAll: never, cancel: never },
    ...{ replace: never, find: never, openOrders: never, activities: never },
    account: (accountId) =>
      Promise.resolve({
        ...{ accountId, currency: 'USD', cashMicros: cashMicros(10), positions: [] },
        sequence: through,
      }),
    updates: (_accountId, after) => Promise.resolve(new Told(random, after, through)),
  };
};

async function read(venue: BrokerVenue, after: number): Promise<readonly VenueEvent[]> {
  const updates = await venue.updates('paper', after);
  const events: VenueEvent[] = [];
  for (;;) {
    const came = await updates.next();
    if (came.length === 0) return events;
    for (const update of came) if (update.kind === 'event') events.push(update.event);
  }
}

it('tells the events of exchange and broker in one sequence without gaps, the same from wherever it is read', async () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = new Random(seed);
    const through = random.integer(0, 12);
    const amendments = new Amendments();
    let after = 0;
    for (let count = random.integer(0, 5); count > 0; count -= 1) {
      after = random.integer(after, through);
      amendments.add(after, (sequence) => ({
        ...{ ...head, sequence, kind: 'busted', orderId: 'o', executionId: `e${after}` },
      }));
    }
    const venue = amendedVenue(exchangeOf(random, through), amendments);
    const all = await read(venue, 0);
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => index + 1));
    expect(all).toHaveLength(through + amendments.count);
    expect((await venue.account('paper')).sequence).toBe(all.length);
    const from = random.integer(0, all.length);
    expect(await read(venue, from)).toEqual(all.slice(from));
  }
});

it('has what the broker did beside its exchange, also where nothing says so', async () => {
  const amendments = new Amendments();
  amendments.adjust({ symbol: 'AAA', quantity: 3, cashMicros: -4, isTold: false });
  amendments.adjust({ symbol: 'AAA', quantity: 2, cashMicros: 0, isTold: true });
  const account = await amendedVenue(exchangeOf(new Random(1), 0), amendments).account('paper');
  expect(account).toMatchObject({ cashMicros: 6, positions: [{ symbol: 'AAA', quantity: 5 }] });
});
