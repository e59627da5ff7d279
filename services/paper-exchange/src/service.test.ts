import { paperExchangeService, termsToWire } from '@capstan/contracts';
import { describe, expect, it } from 'vitest';
import { ExchangeWorld, terms } from './exchange-world.fixture.ts';
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
