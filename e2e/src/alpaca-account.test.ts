import { EMULATOR_KEYS } from '@capstan/emulators';
import { afterEach, expect, it, vi } from 'vitest';
import { KillSwitches } from '../../services/execution/src/kill-switches.ts';
import { ACCOUNT, AlpacaWorld, emulatedAlpaca } from './alpaca-account-world.ts';

const WAIT = { timeout: 20_000, interval: 20 } as const;
const CANARY = EMULATOR_KEYS.secretKey;

let world: AlpacaWorld | undefined;

afterEach(async () => {
  await world?.end();
  await world?.emulator.close();
});

it('a bot trades on an account at Alpaca, through a lost stream, a lost fill, a restart and a kill, and ledger and broker agree', async () => {
  const emulator = await emulatedAlpaca();
  const { control } = emulator;
  const one = new AlpacaWorld(emulator);
  world = one;
  await one.addBot();
  one.begin();
  const opened = { held: [], cash: 100_000_000_000 };
  await vi.waitFor(async () => expect(await one.inLedger()).toEqual(opened), WAIT);

  control.step({ minutes: 1 });
  await one.say('long');
  await vi.waitFor(async () => expect((await one.orders())[0]?.state).toBe('accepted'), WAIT);
  control.fault({ kind: 'loseFill' });
  control.dropStreams('trading');
  control.step({ minutes: 1 });
  await vi.waitFor(async () => expect((await one.orders())[0]?.state).toBe('filled'), WAIT);
  await vi.waitFor(async () => expect(await one.inLedger()).toEqual(await one.atBroker()), WAIT);
  expect((await one.inLedger()).held).toEqual([['SPY', 20]]);

  await one.say('flat');
  await vi.waitFor(async () => {
    const [last] = await one.orders();
    expect([last?.side, last?.state]).toEqual(['sell', 'accepted']);
  }, WAIT);
  await one.end();
  control.step({ minutes: 1 });
  one.begin();
  await vi.waitFor(async () => {
    expect((await one.orders()).map(({ state }) => state)).toEqual(['filled', 'filled']);
  }, WAIT);
  await vi.waitFor(async () => expect(await one.inLedger()).toEqual(await one.atBroker()), WAIT);
  expect((await one.inLedger()).held).toEqual([]);

  control.step({ minutes: 1 });
  await one.say('long');
  await vi.waitFor(async () => expect(await one.accepted()).toBe(3), WAIT);
  control.step({ minutes: 1 });
  await vi.waitFor(async () => expect((await one.inLedger()).held).toEqual([['SPY', 20]]), WAIT);
  const kill = { mode: 'hard', actor: 'a test', reason: 'a drill' } as const;
  await new KillSwitches(one).set(ACCOUNT, kill);
  await vi.waitFor(async () => expect(await one.accepted()).toBe(4), WAIT);
  control.step({ minutes: 1 });
  await vi.waitFor(async () => expect((await one.atBroker()).held).toEqual([]), WAIT);
  await vi.waitFor(async () => expect(await one.inLedger()).toEqual(await one.atBroker()), WAIT);

  const fills = await one.store.fillsAfter(ACCOUNT, 0, 999);
  expect(new Set(fills.map(({ fillId }) => fillId)).size).toBe(fills.length);
  expect(await one.store.strays({ accountId: ACCOUNT, limit: 9 })).toEqual([]);
  const entries = await one.store.entriesAfter(ACCOUNT, 0, 1);
  expect(entries).toMatchObject([{ activityId: 'opening', amountMicros: opened.cash }]);
  expect(await one.store.drifts({ accountId: ACCOUNT, openOnly: false, limit: 9 })).toEqual([]);
  expect(JSON.stringify(one.log.lines)).not.toContain(CANARY);
}, 60_000);
