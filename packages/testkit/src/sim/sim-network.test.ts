import { timeUs } from '@capstan/domain';
import type { BrokerVenue, VenueCapabilities, VenueUpdate } from '@capstan/ports';
import { expect, it } from 'vitest';
import { Inbox } from '../memory/inbox.ts';
import { START_US, sampleTerms } from '../suites/samples.ts';
import { CALM, type FaultRates } from './faults.ts';
import { codeOf } from './life.ts';
import { remoteVenue } from './remote-venue.ts';
import { SimWorld } from './sim-world.ts';

const forever = () => new Promise<void>(() => undefined);

function worldOf(seed: number, rates: Partial<FaultRates> = {}): SimWorld {
  const startUs = timeUs(START_US);
  return new SimWorld({ seed, startUs, rates: { ...CALM, ...rates }, faultsUntilMs: 60_000 });
}

async function runTo(world: SimWorld, ms: number): Promise<void> {
  while ((world.scheduler.nextUs ?? Number.POSITIVE_INFINITY) <= START_US + ms * 1_000) {
    await world.scheduler.step();
  }
  expect(world.bugs).toEqual([]);
}

interface Counter {
  add(amount: number): Promise<number>;
}

/** Runs one call against a counter that outlives its process; returns the answer and the count. */
async function addOnce(world: SimWorld, offered = true): Promise<[string, number]> {
  let total = 0;
  const counter: Counter = {
    add: async (amount) => {
      total += amount;
      return total;
    },
  };
  if (offered) {
    world.process('server', ({ network }) => ({
      run: async () => {
        network.offer('counter', counter);
        await forever();
      },
    }));
  }
  let outcome = '';
  world.process('client', ({ network, clock }) => ({
    run: async () => {
      await clock.sleep(100);
      const far = network.connect<Counter>('counter', { timeoutMs: 1_000 });
      outcome = await far.add(2).then(String, codeOf);
      await forever();
    },
  }));
  await runTo(world, 5_000);
  return [outcome, total];
}

it('carries calls and answers', async () => {
  expect(await addOnce(worldOf(1))).toEqual(['2', 2]);
});

it('times out without effect when the request is lost, with it when the answer is', async () => {
  expect(await addOnce(worldOf(1, { requestLost: 1 }))).toEqual(['VENUE.TIMEOUT', 0]);
  expect(await addOnce(worldOf(1, { answerLost: 1 }))).toEqual(['VENUE.TIMEOUT', 2]);
});

it('refuses where nobody is', async () => {
  expect(await addOnce(worldOf(1), false)).toEqual(['VENUE.UNAVAILABLE', 0]);
});

it('times out when the server freezes, whose effect comes later', async () => {
  const world = worldOf(1);
  world.at(50, () => world.processes[0]?.freeze(3_000));
  expect(await addOnce(world)).toEqual(['VENUE.TIMEOUT', 2]);
});

const capabilities: VenueCapabilities = {
  enforcesClientOrderId: true,
  batchSubmitMax: 1,
  findsByClientOrderId: true,
  visibilityMs: 0,
  numbersEvents: true,
  reportsSlices: false,
  exitsBegin: 'eachFill',
  exitsHold: false,
  exitsLater: false,
  activities: 'none',
  replaces: false,
  orderTypes: ['market'],
  timesInForce: ['day'],
  exits: [],
};

/** A venue that remembers its events and accepts everything; its memory outlives its process. */
class Broker {
  readonly events: VenueUpdate[] = [];
  readonly #inboxes = new Set<Inbox<VenueUpdate>>();

  api(): Pick<BrokerVenue, 'submit' | 'updates'> {
    return {
      submit: async ({ orderId, accountId, decidedAtUs }) => {
        const venueOrderId = `v-${orderId}`;
        const sequence = this.events.length + 1;
        const about = { sequence, accountId, eventAtUs: decidedAtUs, orderId, venueOrderId };
        const update = { kind: 'event', event: { ...about, kind: 'accepted' } } as const;
        this.events.push(update);
        for (const inbox of this.#inboxes) inbox.push(update);
        return { kind: 'accepted', venueOrderId };
      },
      updates: async (_, afterSequence) => {
        const inbox = new Inbox<VenueUpdate>();
        inbox.push(...this.events.slice(afterSequence));
        this.#inboxes.add(inbox);
        return { next: () => inbox.next(), close: async () => inbox.close() };
      },
    };
  }
}

it.each([1, 2, 3, 4, 5])(
  'reads venue updates over breaks, each once and in order (seed %d)',
  async (seed) => {
    const world = worldOf(seed, { streamBroken: 0.3, answerLost: 0.2, crash: 20 });
    const broker = new Broker();
    const seen: number[] = [];
    world.process('exchange', ({ network }) => ({
      run: async () => {
        network.offer('venue', broker.api());
        await forever();
      },
    }));
    world.process(
      'reader',
      (ports) => ({
        run: async () => {
          const updates = await remoteVenue(ports, 'venue', capabilities).updates('paper', 0);
          for (;;) {
            for (const update of await updates.next()) {
              if (update.kind === 'event') seen.push(update.event.sequence);
            }
          }
        },
      }),
      { isTarget: false },
    );
    world.process(
      'trader',
      (ports) => ({
        run: async () => {
          const venue = remoteVenue(ports, 'venue', capabilities);
          for (let order = 0; order < 30; order += 1) {
            await venue.submit(sampleTerms({ orderId: `o${order}` })).catch(() => undefined);
            await ports.clock.sleep(500);
          }
        },
      }),
      { isTarget: false },
    );
    await runTo(world, 90_000);
    expect(broker.events.length).toBeGreaterThan(10);
    expect(seen).toEqual(broker.events.map((_, index) => index + 1));
    expect(world.faults.counts.crash).toBeGreaterThan(0);
  },
);
