import { EXIT_LEGS, isTerminal, type Order, type PriceNanos, priceNanos } from '@capstan/domain';
import { type AlpacaEmulator, EMULATOR_KEYS } from '@capstan/emulators';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  ACCOUNT,
  AlpacaWorld,
  type AlpacaWorldOptions,
  emulatedAlpaca,
} from './alpaca-account-world.ts';

const WAIT = { timeout: 20_000, interval: 20 } as const;
const KEYS = {
  'APCA-API-KEY-ID': EMULATOR_KEYS.keyId,
  'APCA-API-SECRET-KEY': EMULATOR_KEYS.secretKey,
};
const CENT_NANOS = 10_000_000;
const STEPS_MAX = 300;

let emulator: AlpacaEmulator;
let world: AlpacaWorld;
let start: (options?: AlpacaWorldOptions) => Promise<void>;

beforeEach(async () => {
  emulator = await emulatedAlpaca();
  start = async (options) => {
    world = new AlpacaWorld(emulator, options);
    await world.addBot();
    world.begin();
    const opened = { held: [], cash: 100_000_000_000 };
    await vi.waitFor(async () => expect(await world.inLedger()).toEqual(opened), WAIT);
    emulator.control.step({ minutes: 1 });
  };
});
afterEach(async () => {
  await world.end();
  await emulator.close();
});

/** What the emulator traded at last, times a share of it. */
async function near(share: number): Promise<PriceNanos> {
  const answer = await fetch(`${emulator.url}/v2/stocks/SPY/trades/latest`, { headers: KEYS });
  const { trade } = (await answer.json()) as { readonly trade: { readonly p: number } };
  return priceNanos(Math.round((trade.p * share * 1e9) / CENT_NANOS) * CENT_NANOS);
}

const leg = async (wanted: number): Promise<Order | undefined> =>
  (await world.orders()).find((order) => order.leg === wanted);

/** Buys by an entry with a stop and a target, and waits until both stand at the broker. */
async function enter(stop: number, target: number): Promise<void> {
  await world.say('long', {
    stopPriceNanos: await near(stop),
    takeProfitPriceNanos: await near(target),
  });
  await vi.waitFor(async () => expect((await leg(0))?.state).toBe('accepted'), WAIT);
  emulator.control.step({ seconds: 6 });
  await vi.waitFor(async () => expect((await leg(0))?.state).toBe('filled'), WAIT);
  for (const exit of [EXIT_LEGS.stop, EXIT_LEGS.takeProfit]) {
    await vi.waitFor(async () => expect((await leg(exit))?.state).toBe('accepted'), WAIT);
  }
  await agrees();
}

/** Ledger and broker come to the same, and nothing was taken for a stranger's, nor for a drift. */
async function agrees(): Promise<void> {
  await vi.waitFor(
    async () => expect(await world.inLedger()).toEqual(await world.atBroker()),
    WAIT,
  );
  expect(await world.store.strays({ accountId: ACCOUNT, limit: 9 })).toEqual([]);
  expect(await world.store.drifts({ accountId: ACCOUNT, openOnly: false, limit: 9 })).toEqual([]);
}

/** Nothing of the platform runs until nothing is held at the broker. */
async function stopUntilFlat(): Promise<void> {
  await world.end();
  let steps = 0;
  while ((await world.atBroker()).held.length > 0) {
    steps += 1;
    expect(steps).toBeLessThan(STEPS_MAX);
    emulator.control.step({ minutes: 1 });
  }
  world.begin();
}

it('a position is closed by the stop that stands at the broker while nothing of the platform runs, and the books have it', async () => {
  await start({ price: await near(1) });
  await enter(0.9995, 1.2);
  await stopUntilFlat();
  await vi.waitFor(async () => expect((await leg(EXIT_LEGS.stop))?.state).toBe('filled'), WAIT);
  await vi.waitFor(
    async () => expect((await leg(EXIT_LEGS.takeProfit))?.state).toBe('cancelled'),
    WAIT,
  );
  await agrees();
  expect((await world.inLedger()).held).toEqual([]);
  expect(await world.orders()).toHaveLength(3);
}, 60_000);

it('a position whose exits were cancelled by hand is protected by a pair, of which one ends the other while nothing runs', async () => {
  await start({ price: await near(1) });
  await enter(0.9995, 1.2);
  const stop = await leg(EXIT_LEGS.stop);
  const order = `${emulator.url}/v2/orders/${stop?.venueOrderId}`;
  expect((await fetch(order, { method: 'DELETE', headers: KEYS })).status).toBe(204);
  await vi.waitFor(async () => expect((await leg(EXIT_LEGS.stop))?.state).toBe('cancelled'), WAIT);
  const pairIs = (states: readonly Order['state'][]) =>
    vi.waitFor(async () => {
      const later = (await world.orders()).filter(({ attempt }) => attempt > 1);
      const pair = later.toSorted((a, b) => a.leg - b.leg).map(({ state }) => state);
      expect(pair).toEqual(states);
    }, WAIT);
  emulator.control.step({ minutes: 2 });
  await pairIs(['accepted', 'accepted']);
  await agrees();
  await stopUntilFlat();
  await pairIs(['filled', 'cancelled']);
  await agrees();
  expect((await world.inLedger()).held).toEqual([]);
}, 60_000);

it('an order that closes takes the exits away first, and none of them is left', async () => {
  await start({ price: await near(1) });
  await enter(0.8, 1.2);
  emulator.control.step({ minutes: 1 });
  await world.say('flat');
  await vi.waitFor(async () => {
    const close = (await world.orders()).find((order) => order.leg === 0 && order.side === 'sell');
    expect(close?.state).toBe('accepted');
  }, WAIT);
  expect((await leg(EXIT_LEGS.stop))?.state).toBe('cancelled');
  expect((await leg(EXIT_LEGS.takeProfit))?.state).toBe('cancelled');
  emulator.control.step({ minutes: 1 });
  await vi.waitFor(async () => {
    expect((await world.orders()).every(({ state }) => isTerminal(state))).toBe(true);
  }, WAIT);
  await agrees();
  expect((await world.inLedger()).held).toEqual([]);
}, 60_000);

it('a bot that is sized by money buys the fraction of a share that it comes to', async () => {
  const sizing = { kind: 'fixedNotional', notionalMicros: 1_000_000_000 } as const;
  await start({ sizing, quantityScale: 6, price: priceNanos(545_370_000_000) });
  await world.say('long');
  await vi.waitFor(async () => expect((await leg(0))?.state).toBe('accepted'), WAIT);
  emulator.control.step({ minutes: 1 });
  await vi.waitFor(async () => expect((await leg(0))?.state).toBe('filled'), WAIT);
  await agrees();
  expect((await world.inLedger()).held).toEqual([['SPY', 1_833_617]]);
}, 60_000);
