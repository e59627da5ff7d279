import { timeUs } from '@capstan/domain';
import { VirtualClock } from '@capstan/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OffsetMeter } from './clock-offset.ts';
import { VendorClock } from './vendor-clock.ts';

const START = 1_767_623_400_000_000;

it('is off by no more than half of the quickest round trip, whichever way took longer', () => {
  const trips = fc.array(
    fc.record({
      thereMs: fc.integer({ min: 0, max: 900 }),
      backMs: fc.integer({ min: 0, max: 900 }),
    }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(trips, fc.integer({ min: -90_000, max: 90_000 }), (all, aheadMs) => {
      const meter = new OffsetMeter();
      all.forEach(({ thereMs, backMs }, index) => {
        const askedMs = index * 10_000;
        const toldUs = START + (askedMs + thereMs + aheadMs) * 1_000;
        meter.add({ askedMs, tookMs: thereMs + backMs, toldUs });
      });
      const quickest = Math.min(...all.map(({ thereMs, backMs }) => thereMs + backMs));
      const { offsetUs = Number.NaN, errorUs } = meter.best ?? {};
      expect(errorUs).toBe(Math.ceil((quickest * 1_000) / 2));
      expect(Math.abs(offsetUs - (START + aheadMs * 1_000))).toBeLessThanOrEqual(
        (errorUs ?? 0) + 1,
      );
    }),
  );
});

it('believes the newest sample where the vendor has set its clock, though others were quicker', () => {
  const meter = new OffsetMeter();
  meter.add({ askedMs: 0, tookMs: 2, toldUs: START });
  meter.add({ askedMs: 1_000, tookMs: 40, toldUs: START + 61_000_000 });
  expect(meter.best?.errorUs).toBe(20_000);
  expect(meter.best?.offsetUs).toBe(START + 61_000_000 - 1_000_000 - 20_000);
});

/** A vendor's clock three seconds ahead, and what is done to it and to ours. */
function clocks() {
  const clock = new VirtualClock(timeUs(START));
  const done = { oursUs: 0, theirsUs: 0, asleepMs: 0 };
  const ours = {
    nowUs: () => timeUs(clock.nowUs() + done.oursUs),
    monotonicMs: () => clock.monotonicMs() - done.asleepMs,
    sleep: (ms: number) => clock.sleep(ms),
  };
  const venue = {
    capabilities: { tellsTime: true } as never,
    nowUs: () => Promise.resolve(timeUs(clock.nowUs() + 3_000_000 + done.theirsUs)),
  };
  return { clock, done, time: new VendorClock({ clock: ours, venue }) };
}

it("tells the vendor's time and how far ours is off, also after ours was set", async () => {
  const { time, done } = clocks();
  expect([time.nowUs(), time.apartUs()]).toEqual([START, 0]);
  await time.measure();
  expect([time.nowUs(), time.apartUs()]).toEqual([START + 3_000_000, 3_000_000]);
  done.oursUs = 3_600_000_000;
  expect([time.nowUs(), time.apartUs()]).toEqual([START + 3_000_000, 3_597_000_000]);
});

it('tells from a clock that was set how long the machine was asleep', async () => {
  const { clock, time, done } = clocks();
  expect(await time.measure()).toBe(0);
  done.oursUs = 60_000_000;
  expect(await time.measure()).toBe(0);
  done.oursUs = 0;
  done.theirsUs = 80_000_000;
  expect(await time.measure()).toBe(0);
  done.theirsUs = 0;
  await time.measure();
  await clock.advance(600_000);
  expect(await time.measure()).toBe(0);
  done.asleepMs = 90_000;
  expect(await time.measure()).toBe(90_000_000);
  expect(await time.measure()).toBe(0);
});
