import { decodeQuote, subjects } from '@capstan/contracts';
import { type MarketQuote, priceNanos, timeUs } from '@capstan/domain';
import type { OutgoingMessage } from '@capstan/ports';
import { drained, MemoryLog, nullMeter, portErrors, VirtualClock } from '@capstan/testkit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { QuotePublisher } from './quote-publisher.ts';

const SETTINGS = { feed: 'live', venue: 'TEST', runId: 'run', everyMs: 250 };

const quote = (symbol: string, second: number): MarketQuote => ({
  ...{ symbol, atUs: timeUs(second * 1_000_000), bidSize: 1, askSize: 2 },
  ...{ bidNanos: priceNanos(second * 1e9), askNanos: priceNanos(second * 1e9 + 1) },
});

/** A bus that takes its time, and now and then nothing. */
function world(slowMs: number, fails: (call: number) => boolean = () => false) {
  const clock = new VirtualClock(timeUs(0));
  const told: OutgoingMessage[] = [];
  let calls = 0;
  const bus = {
    publish: async (messages: readonly OutgoingMessage[]) => {
      calls += 1;
      await clock.sleep(slowMs);
      if (fails(calls)) throw portErrors.busUnavailable('it is away.');
      told.push(...messages);
      return messages.map((_, index) => index);
    },
  };
  const publisher = new QuotePublisher(
    { bus, clock, log: new MemoryLog(), meter: nullMeter },
    SETTINGS,
  );
  const running = publisher.run();
  return { clock, told, publisher, running };
}

it('publishes the newest quote of each symbol in the end, keeps one a symbol, and sends none that is older than the one before', async () => {
  const script = fc.array(
    fc.record({
      symbol: fc.constantFrom('AAA', 'BBB', 'CCC'),
      second: fc.integer({ min: 1, max: 50 }),
      waitMs: fc.constantFrom(0, 0, 0, 40, 300, 2_000),
    }),
    { minLength: 1, maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(script, fc.constantFrom(0, 20, 900), async (events, slowMs) => {
      const { clock, told, publisher, running } = world(slowMs);
      const newest = new Map<string, number>();
      for (const { symbol, second, waitMs } of events) {
        newest.set(symbol, Math.max(newest.get(symbol) ?? 0, second));
        publisher.offer(quote(symbol, second));
        expect(publisher.waiting).toBeLessThanOrEqual(3);
        if (waitMs > 0) await clock.advance(waitMs);
      }
      await clock.advance(5_000);
      const sent = told.map(({ data }) => decodeQuote(data));
      for (const [symbol, second] of newest) {
        const times = sent.filter((one) => one.symbol === symbol).map(({ atUs }) => atUs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(times.at(-1)).toBe(second * 1_000_000);
      }
      publisher.close();
      await running;
    }),
    { numRuns: 60 },
  );
});

it('goes on after a bus that was away, with what is newest then', async () => {
  const { clock, told, publisher } = world(1, (call) => call === 1);
  publisher.offer(quote('AAA', 1));
  await clock.advance(100);
  publisher.offer(quote('AAA', 2));
  publisher.offer(quote('AAA', 3));
  await clock.advance(1_000);
  expect(told.map(({ data }) => decodeQuote(data).atUs)).toEqual([3_000_000]);
  expect(told[0]?.subject).toBe(subjects.quote('TEST', 'AAA'));
  publisher.close();
});

it('publishes options under what they are of', async () => {
  const { told, publisher, clock } = world(0);
  publisher.offer(quote('AAPL260116C00150000', 5), 'AAPL');
  await clock.advance(10);
  await drained();
  expect(told[0]?.subject).toBe('market.option.TEST.AAPL.AAPL260116C00150000');
  expect(decodeQuote(told[0]?.data ?? new Uint8Array())).toMatchObject({ underlying: 'AAPL' });
  publisher.close();
});
