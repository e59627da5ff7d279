import { paperExchangeService, termsToWire } from '@capstan/contracts';
import { describe, expect, it } from 'vitest';
import { ExchangeWorld, MemoryJournal, terms } from './exchange-world.fixture.ts';
import { PaperExchangeRpc } from './service.ts';

describe('PaperExchangeRpc', () => {
  it('passes orders and questions to the exchange and its answers back', async () => {
    const world = new ExchangeWorld();
    const rpc = new PaperExchangeRpc(await world.open());
    const submit = (id: string, symbol = 'SPY') =>
      rpc.submitOrder({ order: termsToWire(terms(id, { symbol })) });
    const first = await submit('a');
    expect(first).toMatchObject({ accepted: true, reason: '' });
    expect(await submit('b', 'NOPE')).toMatchObject({
      accepted: false,
      reason: "no instrument 'NOPE'",
    });
    const of = { accountId: 'paper', orderId: 'a' };
    expect(await rpc.findOrder(of)).toMatchObject({
      order: { venueOrderId: first.venueOrderId },
    });
    expect(await rpc.findOrder({ ...of, orderId: 'z' })).toEqual({ order: undefined });
    expect((await rpc.listOpenOrders({ accountId: 'paper' })).orders).toHaveLength(1);
    await world.slice(1);
    await world.settle();
    expect(await rpc.cancelVenueOrder(of)).toMatchObject({
      requested: false,
      reason: 'the order is filled',
    });
    await submit('c');
    expect(await rpc.cancelVenueOrder({ ...of, orderId: 'c' })).toMatchObject({ requested: true });
    expect(await rpc.getAccount({ accountId: 'paper' })).toMatchObject({
      currency: 'USD',
      positions: [{ symbol: 'SPY', quantity: 10n }],
    });
  });

  it('tells its conditions, also after a restart', async () => {
    const world = new ExchangeWorld();
    const journal = new MemoryJournal();
    const rpc = new PaperExchangeRpc(await world.open(journal));
    expect((await rpc.getConditions()).restrictions).toEqual([]);
    const restriction = { symbol: 'SPY', halted: true, shortRestricted: false };
    const action = { $case: 'restriction', value: restriction } as const;
    expect(await rpc.postAction({ actionId: 'h', action })).toMatchObject({ taken: true });
    const unknown = { $case: 'restriction', value: { ...restriction, symbol: 'NOPE' } } as const;
    expect(await rpc.postAction({ actionId: 'n', action: unknown })).toMatchObject({
      reason: "no instrument 'NOPE'",
    });
    const again = new PaperExchangeRpc(await world.open(journal));
    expect(await again.getConditions()).toEqual({
      nowUs: BigInt(world.clock.nowUs()),
      restrictions: [restriction],
    });
  });

  it('takes several orders in one call and writes them once', async () => {
    const world = new ExchangeWorld();
    const journal = new MemoryJournal();
    const writes: number[] = [];
    const append = journal.append.bind(journal);
    journal.append = (entries) => {
      writes.push(entries.length);
      return append(entries);
    };
    const rpc = new PaperExchangeRpc(await world.open(journal));
    const orders = [terms('a'), terms('b', { symbol: 'NOPE' }), terms('c'), terms('a')];
    const { answers } = await rpc.submitOrders({ orders: orders.map(termsToWire) });
    expect(answers.map(({ accepted }) => accepted)).toEqual([true, false, true, true]);
    expect(answers[3]).toEqual(answers[0]);
    expect((await rpc.listOpenOrders({ accountId: 'paper' })).orders).toHaveLength(2);
    expect(writes).toEqual([1, 4]);
  });

  it('streams updates until the caller leaves', async () => {
    const world = new ExchangeWorld();
    const exchange = await world.open();
    const rpc = new PaperExchangeRpc(exchange);
    const request = paperExchangeService.StreamUpdatesRequest.create({ accountId: 'paper' });
    const stop = new AbortController();
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const update of rpc.streamUpdates(request, { signal: stop.signal })) {
        seen.push(update);
        stop.abort();
      }
    })();
    await exchange.submit(terms('a'));
    await reading;
    expect(seen).toHaveLength(1);
  });
});
