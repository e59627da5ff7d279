import { encodeBar, subjects } from '@capstan/contracts';
import { priceNanos } from '@capstan/domain';
import type { BarRecord } from '@capstan/ports';
import { MemoryBus, VirtualClock } from '@capstan/testkit';
import { expect, it } from 'vitest';
import { MARKET, MarketReading } from './market-reading.ts';
import { at } from './signal-world.fixture.ts';

const price = priceNanos(100_000_000_000);
const BAR: BarRecord = {
  symbol: 'SPY',
  timeframe: '1m',
  startUs: at(0),
  endUs: at(1),
  revision: 0,
  openNanos: price,
  highNanos: price,
  lowNanos: price,
  closeNanos: price,
  volume: 10,
  runId: 'run',
  feed: 'demo',
  venue: 'TEST',
};

it('reads each bar once for all bots, and lets none of them change it', async () => {
  const bus = new MemoryBus(new VirtualClock(at(0)));
  const market = new MarketReading(bus);
  const subject = subjects.bar('TEST', 'SPY', '1m');
  const subscribe = () =>
    market.through.subscribe({ stream: MARKET, filters: [subject], afterSequence: 0 });
  const [one, other] = [await subscribe(), await subscribe()];
  await bus.publish([{ subject, data: encodeBar(BAR), headers: {}, messageId: 'a' }]);
  const [[first], [second]] = [await one.next(), await other.next()];
  if (first === undefined || second === undefined) throw new Error('expected a message each');
  const bar = market.barOf(first);
  expect(bar).toEqual(BAR);
  expect(market.barOf(second)).toBe(bar);
  expect(Object.isFrozen(bar)).toBe(true);
});
