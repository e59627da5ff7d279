import {
  AccountLedger,
  HOUSE,
  isInternalFill,
  type OrderTerms,
  parseCash,
  priceNanos,
  quantity,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { CAREFUL, PRICE } from './test-venue.ts';
import { at, terms, World } from './test-world.ts';

const CROSS = { buyOrderId: 'a', sellOrderId: 'b', priceNanos: priceNanos(99_990_000_000) };
const BUY = terms('a', { botId: 'trend', quantity: quantity(4) });
const REST = terms('a2', { botId: 'trend', quantity: quantity(6), attempt: 2 });
const SELL = terms('b', { botId: 'fade', side: 'sell', quantity: quantity(4) });

/** A slice that crosses two orders and sends what is left of one, told twice; then another one. */
function worldOf(): World {
  const world = new World();
  for (const orders of [
    [BUY, REST, SELL],
    [BUY, REST, SELL],
  ]) {
    world.slice(1, orders, { crosses: [CROSS] });
  }
  world.slice(2, []);
  return world;
}

/** What must be true however often owners died: both are filled once and beside the venue, and the ledgers sum to what it has. */
async function expectSound(world: World): Promise<void> {
  expect(world.venue.placed('a') ?? world.venue.placed('b')).toBeUndefined();
  expect(world.venue.doubled).toBe(0);
  expect(await world.done()).toContain(2);
  const fills = await world.store.fillsAfter('paper', 0, 100);
  expect(fills.map((fill) => fill.accountSequence)).toEqual(fills.map((_, index) => index + 1));
  const inside = fills.filter(isInternalFill);
  expect(inside).toMatchObject([
    { orderId: 'a', side: 'buy', ...FIGURES },
    { orderId: 'b', side: 'sell', ...FIGURES },
  ]);
  expect((await world.told()).fills.flatMap((event) => event.fills)).toEqual(fills);
  for (const orderId of ['a', 'b']) {
    expect(await world.order(orderId)).toMatchObject({ state: 'filled', filledQuantity: 4 });
  }
  const ledger = new AccountLedger('paper', world.settings.instruments);
  ledger.fund(HOUSE, parseCash('10000'));
  for (const fill of fills) ledger.apply(fill);
  const filled = world.venue.placed('a2')?.filled ?? 0;
  expect(ledger.netQuantity('SPY')).toBe(filled);
  expect(ledger.totalCashMicros()).toBe(parseCash('10000') - (filled * PRICE) / 1_000);
}

const FIGURES = { quantity: 4, priceNanos: CROSS.priceNanos, feeMicros: 0, eventAtUs: at(1) };

describe('orders that are crossed', () => {
  it('fill each other in one commit and are told in order, while the rest is sent', async () => {
    const world = worldOf();
    await world.run();
    world.venue.fill('a2', 6);
    await world.run();
    await expectSound(world);
    expect(world.venue.arrivals).toEqual(['a2']);
    expect((await world.told()).fills.map((event) => event.fills.length)).toEqual([2, 1]);
    const [first] = (await world.told()).orders;
    expect(first?.orders.map(({ orderId, venueOrderId }) => [orderId, venueOrderId])).toEqual([
      ['a', 'internal/b'],
      ['b', 'internal/a'],
    ]);
  });

  it.each(['before', 'after'] as const)(
    'are neither lost nor doubled, whichever port call their owner died %s',
    async (when) => {
      const { calls } = await worldOf().run();
      expect(calls.length).toBeGreaterThan(8);
      for (let call = 1; call <= calls.length; call += 1) {
        const world = worldOf();
        expect((await world.run({ call, when })).kind, `call ${call}`).toBe('crashed');
        await world.run();
        world.venue.fill('a2', 6);
        await world.run();
        await expectSound(world);
      }
    },
  );

  it('count for what is held', async () => {
    const world = worldOf();
    await world.run();
    world.venue.fill('a2', 6);
    await world.run();
    expect(JSON.parse(await stateOf(world)).holdings).toMatchObject([
      { botId: 'fade', symbol: 'SPY', quantity: -4 },
      { botId: 'trend', symbol: 'SPY', quantity: 10 },
    ]);
  });
});

describe('a bot that has filled another’s order', () => {
  const exits = { stopPriceNanos: priceNanos(90_000_000_000) };
  const entry = (orderId: string, of: Partial<OrderTerms>) =>
    terms(orderId, { exits, expiresAtUs: at(9), ...of });

  it('has its exits watched here, as its venue does not know what it holds; others leave theirs there', async () => {
    const world = worldOf();
    world.venue.capabilities = { ...CAREFUL, exits: ['bracket', 'trailing'] };
    await world.run();
    world.slice(3, [
      entry('c', { botId: 'trend' }),
      entry('d', { botId: 'trend', symbol: 'QQQ' }),
      entry('e', { botId: 'other' }),
    ]);
    await world.run();
    const kept = ['c', 'd', 'e'].map((orderId) => world.venue.placed(orderId)?.terms.exits);
    expect(kept).toEqual([undefined, exits, exits]);
    expect(JSON.parse(await stateOf(world)).guards).toMatchObject([{ entryOrderId: 'c', exits }]);
  });
});

async function stateOf(world: World): Promise<string> {
  const { state } = await world.store.takeOwnership({
    ...{ key: 'execution/paper', epochUs: at(0), token: 1_000 },
  });
  const text = new TextDecoder().decode(state);
  return text.slice(text.indexOf('\n') + 1);
}

describe('where one of two orders must not go out', () => {
  const sent = (world: World): readonly string[] => world.venue.arrivals;

  it('neither is filled: what reduces goes to the venue, what adds is denied', async () => {
    const world = new World();
    await world.setSwitch('soft');
    const closing = { ...SELL, reducing: true };
    world.slice(1, [BUY, closing], { crosses: [CROSS] });
    await world.run();
    expect(sent(world)).toEqual(['b']);
    expect(await world.order('a')).toMatchObject({ state: 'denied' });
    expect(await world.store.fillsAfter('paper', 0, 1)).toEqual([]);
  });

  it('the other one is denied where it adds', async () => {
    const world = new World();
    world.venue.capabilities = { ...CAREFUL, timesInForce: ['day'] };
    world.slice(1, [{ ...BUY, timeInForce: 'ioc' }, SELL], { crosses: [CROSS] });
    await world.run();
    expect(sent(world)).toEqual([]);
    expect(await world.order('a')).toMatchObject({ reason: expect.stringContaining('capability') });
    expect(await world.order('b')).toMatchObject({
      state: 'denied',
      reason: "uncrossed: trend's order a, by which it was to be filled, must not go out",
    });
  });

  it.each(['hard', 'dry run', 'expired'] as const)('both are denied: %s', async (why) => {
    const world = new World();
    if (why === 'hard') await world.setSwitch('hard');
    if (why === 'dry run') world.settings = { ...world.settings, dryRun: true };
    const expiresAtUs = why === 'expired' ? at(0) : BUY.expiresAtUs;
    const orders = [BUY, SELL].map((one) => ({ ...one, expiresAtUs }));
    world.slice(1, orders, { crosses: [CROSS] });
    await world.run();
    for (const orderId of ['a', 'b']) expect((await world.order(orderId)).state).toBe('denied');
    expect(sent(world)).toEqual([]);
    expect(await world.store.fillsAfter('paper', 0, 1)).toEqual([]);
  });
});
