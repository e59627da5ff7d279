import { priceNanos, timeUs } from '@capstan/domain';
import { expect, test } from 'vitest';
import { bar, FakeServices, T } from './gateway.fixture.ts';
import { Marks } from './marks.ts';

const FEEDS = [{ feed: 'demo', symbols: ['SPY'] }];

test('asks once for a price that has not passed by, and then follows the bars', async () => {
  const services = new FakeServices();
  const marks = new Marks(services.clients.market);
  const first = await marks.of(['SPY', 'NONE'], FEEDS);
  expect([...first]).toEqual([['SPY', { priceNanos: bar.closeNanos, atUs: T }]]);
  marks.learn({ ...bar, endUs: timeUs(T + 60e6), closeNanos: priceNanos(5) });
  expect((await marks.of(['SPY'], FEEDS)).get('SPY')?.priceNanos).toBe(5);
  expect(services.called.map((call) => call.method)).toEqual(['getBars']);
});

test('an older bar of the same run says nothing; one of another run begins anew', async () => {
  const marks = new Marks(new FakeServices().clients.market);
  marks.learn(bar);
  marks.learn({ ...bar, endUs: timeUs(T - 60e6), closeNanos: priceNanos(1) });
  expect((await marks.of(['SPY'], [])).get('SPY')?.priceNanos).toBe(bar.closeNanos);
  marks.learn({ ...bar, runId: 'other', endUs: timeUs(T - 60e6), closeNanos: priceNanos(2) });
  expect((await marks.of(['SPY'], [])).get('SPY')?.priceNanos).toBe(2);
});
