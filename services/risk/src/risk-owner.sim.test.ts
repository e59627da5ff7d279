import {
  decodeApprovedSlice,
  encodeBotSlice,
  encodeFillEvent,
  encodeOrderEvent,
  headerNames,
  subjects,
} from '@capstan/contracts';
import { type OrderTerms, parseCash, quantity } from '@capstan/domain';
import { KeyedOwner } from '@capstan/journal';
import {
  drained,
  MemoryBus,
  MemoryKv,
  MemoryLog,
  MemoryStore,
  nullMeter,
  VirtualClock,
} from '@capstan/testkit';
import { expect, it } from 'vitest';
import { RiskAccount } from './risk-account.ts';
import { at, botOf, fillOf, NOON, orderOf, SETTINGS, sliceOf } from './risk-world.fixture.ts';

/** The real owner, journal and inputs over Memory ports in virtual time. */
class World {
  readonly clock = new VirtualClock(NOON);
  readonly store = new MemoryStore();
  readonly bus = new MemoryBus(this.clock);
  readonly kv = new MemoryKv(this.clock);
  readonly #log = new MemoryLog();
  #lives = 0;
  #sequence = 0;
  owner = this.#make();

  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    for (let turn = 0; turn < 2_000; turn += 1) {
      if (await isSo()) return;
      await drained();
      this.clock.wakeNext();
    }
    throw new Error(`never came: ${what}; the owner is ${JSON.stringify(this.owner.status)}`);
  }

  async replaceOwner(): Promise<void> {
    const stopping = this.owner.stop();
    let stopped = false;
    void stopping.then(() => {
      stopped = true;
    });
    await this.until('the owner stopped', async () => stopped);
    this.owner = this.#make();
  }

  async publish(subject: string, data: Uint8Array): Promise<void> {
    this.#sequence += 1;
    const headers = { [headerNames.eventId]: `event-${this.#sequence}` };
    await this.bus.publish([{ subject, data, headers, messageId: `m-${this.#sequence}` }]);
  }

  async approvedOrders(): Promise<readonly OrderTerms[]> {
    const outbox = await this.store.outbox('risk/paper', 0, 1_000);
    return outbox
      .filter((message) => message.subject === subjects.approved('paper'))
      .flatMap((message) => decodeApprovedSlice(message.data).orders);
  }

  #make(): KeyedOwner {
    this.#lives += 1;
    const ports = {
      bus: this.bus,
      kv: this.kv,
      store: this.store,
      clock: this.clock,
      log: this.#log,
      meter: nullMeter,
    };
    const settings = { ...SETTINGS, venueReportsSlices: false };
    const logic = () => new RiskAccount(ports, settings);
    const owner = new KeyedOwner(ports, 'risk/paper', `life-${this.#lives}`, logic);
    void owner.run();
    return owner;
  }
}

it('carries an account through fills and owners over the real journal', async () => {
  const world = new World();
  const fence = { key: 'bot/a', epochUs: NOON, token: 1 };
  await world.store.takeOwnership(fence);
  await world.store.commit({ fence, bots: [botOf('a', 10)] });

  await world.publish(subjects.signal('a'), encodeBotSlice(sliceOf('a', at(0), [['AAA', 'long']])));
  await world.until('an order', async () => (await world.approvedOrders()).length === 1);
  const [order] = await world.approvedOrders();
  if (order === undefined) throw new Error('expected an order');
  expect(await world.store.reservations('paper')).toMatchObject([{ openQuantity: 10 }]);

  await world.replaceOwner();
  const fills = [fillOf(order, 1, { quantity: quantity(4) })];
  const base = { accountId: 'paper', runId: 'run' };
  await world.publish(subjects.fill('paper'), encodeFillEvent({ ...base, fills }));
  await world.until('the fill', async () => {
    const [reservation] = await world.store.reservations('paper');
    return reservation?.openQuantity === 6;
  });

  await world.replaceOwner();
  const cancelled = orderOf(order, { state: 'cancelled', filledQuantity: quantity(4) });
  await world.publish(subjects.order('paper'), encodeOrderEvent({ ...base, orders: [cancelled] }));
  await world.publish(subjects.signal('a'), encodeBotSlice(sliceOf('a', at(1), [['AAA', 'flat']])));
  await world.until('the exit', async () => (await world.approvedOrders()).length === 2);
  const [, exit] = await world.approvedOrders();
  expect(exit).toMatchObject({ side: 'sell', quantity: 4, reducing: true });
  const { positions, cash } = await world.store.ledger('paper');
  expect(positions).toMatchObject([{ botId: 'a', symbol: 'AAA', quantity: 4 }]);
  expect(cash.reduce((sum, row) => sum + row.cashMicros, 0)).toBe(parseCash('9600'));
  expect(await world.store.intents({ limit: 10 })).toHaveLength(2);
  await world.replaceOwner();
  void world.owner.stop();
});
