import { afterEach, expect, it } from 'vitest';
import { Bench } from '../acceptance/bench.ts';
import { openAlpaca } from './alpaca-harness.fixture.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

it('tells orders and fills once each where the stream of order updates stays connected and says nothing, and goes on as it speaks again', async () => {
  const harness = await openAlpaca();
  ends.push(() => harness.close());
  const bench = new Bench(harness, 'silent');
  ends.push(() => bench.close());
  const { control } = harness.emulator;
  const watch = await bench.watch();
  const first = await bench.resting();
  await bench.accepted(first);
  await watch.untilKind(first.orderId, 'accepted');

  control.fault({ kind: 'hangStream', stream: 'trading' });
  const silent = bench.terms();
  await bench.accepted(silent);
  await harness.pass();
  await watch.untilFilled(silent.orderId, 10);
  expect(control.connections().trading).toBe(1);

  control.clear('hangStream');
  const last = bench.terms();
  await bench.accepted(last);
  await harness.pass();
  await watch.untilFilled(last.orderId, 10);
  for (const { orderId } of [silent, last]) {
    const own = watch.events.filter((event) => event.orderId === orderId);
    expect(own.map(({ kind }) => kind)).toEqual(['accepted', 'filled']);
  }
});
