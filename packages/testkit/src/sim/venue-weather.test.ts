import { assert, cashMicros, priceNanos, quantity, timeUs } from '@capstan/domain';
import type { BrokerVenue, VenueUpdate } from '@capstan/ports';
import { expect, it } from 'vitest';
import { sampleTerms } from '../suites/samples.ts';
import { CALM, type FaultRates } from './faults.ts';
import { remoteVenue } from './remote-venue.ts';
import { runSim } from './run-sim.ts';

const CAPABILITIES: BrokerVenue['capabilities'] = {
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

const eventOf = (sequence: number): VenueUpdate => {
  const about = { sequence, accountId: 'paper', eventAtUs: timeUs(1), orderId: `o${sequence}` };
  return { kind: 'event', event: { ...about, kind: 'accepted', venueOrderId: `v${sequence}` } };
};

const fillOf = (sequence: number): VenueUpdate => {
  const about = { sequence, accountId: 'paper', eventAtUs: timeUs(1), orderId: 'o' };
  const traded = { quantity: quantity(1), priceNanos: priceNanos(1), feeMicros: cashMicros(0) };
  const executionId = `e${sequence}`;
  return { kind: 'event', event: { ...about, kind: 'filled', executionId, ...traded } };
};

/** Lets a client use a venue that has every order and tells two events at a time. */
async function atVenue(
  rates: Partial<FaultRates>,
  use: (venue: BrokerVenue, submitted: readonly string[]) => Promise<void>,
) {
  const submitted: string[] = [];
  return await runSim({
    seed: 3,
    untilMs: 60_000,
    faultsUntilMs: 60_000,
    faults: { ...CALM, ...rates },
    build: (world) => {
      world.process('exchange', ({ network, clock }) => ({
        run: async () => {
          let told = 0;
          network.offer('venue', {
            submit: async ({ orderId }: { orderId: string }) => {
              submitted.push(orderId);
              return { kind: 'accepted', venueOrderId: `v-${orderId}` };
            },
            find: async (_: string, orderId: string) => ({ orderId, state: 'working' }),
            updates: async () => ({
              next: async () => {
                told += 2;
                return [eventOf(told - 1), fillOf(told)];
              },
              close: async () => undefined,
            }),
          });
          await clock.sleep(60_000);
        },
      }));
      world.process('client', (ports) => ({
        run: async () => {
          await ports.clock.sleep(100);
          const { faults, random } = world;
          const weather = { faults, random, losesFills: true };
          await use(remoteVenue(ports, 'venue', CAPABILITIES, weather), submitted);
        },
      }));
    },
    check: () => undefined,
  });
}

it('does not see an order that it has', async () => {
  const { faults } = await atVenue({ falseAbsence: 1 }, async (venue) => {
    assert((await venue.find('paper', 'o')) === undefined, 'the order is not seen');
  });
  expect(faults).toEqual({ falseAbsence: 1 });
});

it('refuses a call by a typed error while its token is expired, and takes nothing then', async () => {
  let refused = 0;
  const { faults } = await atVenue({ tokenExpired: 6 }, async (venue, submitted) => {
    for (let call = 0; call < 10_000; call += 1) {
      const before = submitted.length;
      const answer = await venue.submit(sampleTerms({ orderId: `o${call}` })).catch(String);
      if (typeof answer !== 'string') continue;
      assert(answer.includes('the token has expired'), answer);
      assert(submitted.length === before, 'a refused order is not taken');
      refused += 1;
      if (refused > 5) return;
    }
  });
  expect(faults.tokenExpired).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(5);
});

it('loses an event before another, and its stream goes on', async () => {
  const seen: number[] = [];
  const { faults } = await atVenue({ frameLost: 0.5, streamSilent: 0.2 }, async (venue) => {
    const updates = await venue.updates('paper', 0);
    for (let time = 0; time < 20; time += 1) {
      for (const one of await updates.next()) {
        if (one.kind === 'event') seen.push(one.event.sequence);
      }
    }
  });
  expect(faults.frameLost).toBeGreaterThan(0);
  expect(faults.streamSilent).toBeGreaterThan(0);
  expect(seen).toHaveLength(40 - (faults.frameLost ?? 0));
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

it('loses a fill that nothing follows, and its stream goes on', async () => {
  const seen: number[] = [];
  const { faults } = await atVenue({ fillLost: 0.5 }, async (venue) => {
    const updates = await venue.updates('paper', 0);
    for (let time = 0; time < 20; time += 1) {
      for (const one of await updates.next()) {
        if (one.kind === 'event') seen.push(one.event.sequence);
      }
    }
  });
  const fills = seen.filter((sequence) => sequence % 2 === 0);
  expect(faults.fillLost).toBeGreaterThan(0);
  expect(seen).toHaveLength(20 + fills.length);
  expect(fills).toHaveLength(20 - (faults.fillLost ?? 0));
});

it('takes an order that arrives after its sender has given it up', async () => {
  let whileAsked = -1;
  let later = -1;
  const { faults } = await atVenue({ requestLate: 1 }, async (venue, submitted) => {
    const answer = await venue.submit(sampleTerms({ orderId: 'o' })).catch(String);
    assert(String(answer).includes('no answer in'), 'the sender gives up');
    whileAsked = submitted.length;
    await venue.submit(sampleTerms({ orderId: 'p' })).catch(String);
    await venue.submit(sampleTerms({ orderId: 'q' })).catch(String);
    later = submitted.length;
  });
  expect(whileAsked).toBe(0);
  expect(later).toBeGreaterThan(0);
  expect(faults).toEqual({ requestLate: 3 });
});
