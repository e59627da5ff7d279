import { type Bar, type OrderTerms, priceNanos, quantity, timeUs } from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Matcher } from './matcher.ts';
import type { MatcherConfig } from './matcher-config.ts';
import type { MatcherEvent } from './matcher-event.ts';
import { TEN_US, testBar, testMatcher, testOrder } from './test-world.ts';

const MINUTE_US = 60_000_000;
const TICK_NANOS = 10_000_000;
const MINUTES = 8;
const SYMBOLS = ['SPY', 'QQQ'] as const;

type Step =
  | { readonly kind: 'add'; readonly terms: OrderTerms }
  | { readonly kind: 'cancel'; readonly orderId: string }
  | { readonly kind: 'bar'; readonly bar: Bar };

const price = fc.integer({ min: 9_950, max: 10_050 }).map((cents) => cents * TICK_NANOS);
const offTick = fc.tuple(price, fc.constantFrom(0, 0, 0, 1, 4_999_999)).map(([at, by]) => at + by);
const shape = fc.record({
  prices: fc.array(offTick, { minLength: 4, maxLength: 4 }),
  volume: fc.constantFrom(0, 3, 50, 400, 100_000),
});

function barOf(
  symbol: string,
  minute: number,
  { prices, volume }: { prices: number[]; volume: number },
): Bar {
  const [low = 0, open = 0, close = 0, high = 0] = prices.toSorted((a, b) => a - b);
  const rises = prices[0] === open;
  return {
    ...testBar('1 1 1 1', { minute, symbol, volume }),
    openNanos: priceNanos(rises ? open : close),
    closeNanos: priceNanos(rises ? close : open),
    lowNanos: priceNanos(low),
    highNanos: priceNanos(high),
  };
}

const order = fc
  .record({
    symbol: fc.constantFrom(...SYMBOLS),
    side: fc.constantFrom('buy', 'sell'),
    type: fc.constantFrom('market', 'limit', 'stop', 'stopLimit'),
    limit: price,
    stop: price,
    amount: fc.integer({ min: 1, max: 120 }),
    timeInForce: fc.constantFrom('day', 'gtc', 'ioc'),
  })
  .map((given) => ({
    ...testOrder({ symbol: given.symbol }),
    side: given.side,
    type: given.type,
    quantity: quantity(given.amount),
    limitPriceNanos: priceNanos(given.limit),
    stopPriceNanos: priceNanos(given.stop),
    timeInForce: given.timeInForce,
  }));

const minuteOfSteps = fc.record({
  orders: fc.array(order, { maxLength: 3 }),
  cancels: fc.array(fc.nat({ max: 20 }), { maxLength: 1 }),
  bars: fc.record({ SPY: fc.option(shape), QQQ: fc.option(shape) }),
});

/** A day of a venue: each minute orders and cancels come in, then some symbols trade. */
const steps = fc.array(minuteOfSteps, { minLength: 1, maxLength: MINUTES }).map((minutes) => {
  const out: Step[] = [];
  let made = 0;
  minutes.forEach(({ orders, cancels, bars }, minute) => {
    for (const terms of orders) {
      const orderId = `o${made}`;
      made += 1;
      const decidedAtUs = timeUs(TEN_US + minute * MINUTE_US);
      out.push({ kind: 'add', terms: { ...terms, orderId, decidedAtUs } });
    }
    for (const which of cancels) out.push({ kind: 'cancel', orderId: `o${which}` });
    for (const symbol of SYMBOLS) {
      const given = bars[symbol];
      if (given !== null) out.push({ kind: 'bar', bar: barOf(symbol, minute, given) });
    }
  });
  return out;
});

const config: fc.Arbitrary<Partial<MatcherConfig>> = fc.record({
  limitFill: fc.constantFrom('through', 'touch'),
  slippage: fc.constantFrom(
    { kind: 'none' } as const,
    { kind: 'ticks', slippageTicks: 7 } as const,
    { kind: 'bps', slippageBps: 3.3333 } as const,
  ),
  commission: fc.constantFrom(
    { kind: 'none' } as const,
    { kind: 'perOrder', feeMicros: 1_000_000 } as const,
    { kind: 'perUnit', feeMicrosPerUnit: 3_333, minimumMicros: 100_000 } as const,
    { kind: 'bps', feeBps: 0.7 } as const,
  ),
});
const capped = fc
  .tuple(config, fc.constantFrom(undefined, 0.1, 0.29, 1))
  .map(
    ([rest, fraction]): Partial<MatcherConfig> =>
      fraction === undefined ? rest : { ...rest, maxVolumeFraction: fraction },
  );

function perform(matcher: Matcher, step: Step): readonly MatcherEvent[] {
  if (step.kind === 'bar') return matcher.onBar(step.bar);
  if (step.kind === 'add') {
    matcher.add(step.terms);
    return [];
  }
  return matcher.cancel(step.orderId, timeUs(TEN_US));
}

const closeUs = timeUs(TEN_US + 360 * MINUTE_US);
const run = (matcher: Matcher, all: readonly Step[]): readonly MatcherEvent[] => [
  ...all.flatMap((step) => perform(matcher, step)),
  ...matcher.closeSlice(closeUs),
];

it('fills inside the bar, within the limit, and never more than the order or the cap', () => {
  fc.assert(
    fc.property(capped, steps, (given, all) => {
      const matcher = testMatcher(given);
      const terms = new Map<string, OrderTerms>();
      const filledSoFar = new Map<string, number>();
      for (const step of all) {
        if (step.kind === 'add') terms.set(step.terms.orderId, step.terms);
        let inBar = 0;
        for (const event of perform(matcher, step)) {
          if (event.kind !== 'filled' || step.kind !== 'bar') continue;
          const its = terms.get(event.orderId);
          expect(its?.symbol).toBe(step.bar.symbol);
          expect(step.bar.startUs).toBeGreaterThanOrEqual(its?.decidedAtUs ?? Infinity);
          expect(event.priceNanos).toBeGreaterThanOrEqual(step.bar.lowNanos);
          expect(event.priceNanos).toBeLessThanOrEqual(step.bar.highNanos);
          expect(event.feeMicros).toBeGreaterThanOrEqual(0);
          if (its?.type === 'limit' || its?.type === 'stopLimit') {
            const worse = event.priceNanos - (its.limitPriceNanos ?? 0);
            expect(its.side === 'buy' ? worse : -worse).toBeLessThanOrEqual(0);
          }
          const sum = (filledSoFar.get(event.orderId) ?? 0) + event.quantity;
          expect(event.quantity).toBeGreaterThan(0);
          expect(sum).toBeLessThanOrEqual(its?.quantity ?? 0);
          filledSoFar.set(event.orderId, sum);
          inBar += event.quantity;
        }
        if (step.kind === 'bar' && given.maxVolumeFraction !== undefined) {
          expect(inBar).toBeLessThanOrEqual(step.bar.volume * given.maxVolumeFraction + 1e-9);
        }
      }
    }),
    { numRuns: 300 },
  );
});

it('ends each order once: filled whole, cancelled, expired, or working', () => {
  fc.assert(
    fc.property(capped, steps, (given, all) => {
      const matcher = testMatcher(given);
      const events = run(matcher, all);
      const working = new Map(matcher.openOrders().map((o) => [o.terms.orderId, o]));
      for (const step of all) {
        if (step.kind !== 'add') continue;
        const { orderId, quantity: wanted, timeInForce } = step.terms;
        const its = events.filter((event) => event.orderId === orderId);
        const sum = its.reduce((s, e) => s + (e.kind === 'filled' ? e.quantity : 0), 0);
        const ends = its.filter((event) => event.kind !== 'filled').length;
        const rests = working.get(orderId);
        expect(ends + (rests === undefined ? 0 : 1) + (sum === wanted ? 1 : 0)).toBe(1);
        if (ends === 1) expect(its.at(-1)?.kind).not.toBe('filled');
        if (rests !== undefined) expect([timeInForce, sum]).toEqual(['gtc', rests.filledQuantity]);
      }
    }),
    { numRuns: 200 },
  );
});

it('gives the same events for the same calls, also when its orders arrive in another order', () => {
  fc.assert(
    fc.property(capped, fc.array(order, { maxLength: 6 }), shape, (given, orders, bar) => {
      const named = orders.map((terms, i) => ({ ...terms, orderId: `o${i}` }));
      const forward = named.map((terms): Step => ({ kind: 'add', terms }));
      const trade = SYMBOLS.map((symbol): Step => ({ kind: 'bar', bar: barOf(symbol, 0, bar) }));
      const first = run(testMatcher(given), [...forward, ...trade]);
      expect(run(testMatcher(given), [...forward, ...trade])).toEqual(first);
      expect(run(testMatcher(given), [...forward.toReversed(), ...trade])).toEqual(first);
    }),
  );
});

it('goes on from a snapshot taken anywhere as if nothing had happened', () => {
  fc.assert(
    fc.property(capped, steps, fc.nat({ max: 40 }), (given, all, cut) => {
      const whole = testMatcher(given);
      const before = testMatcher(given);
      const head = all.slice(0, cut);
      const expected = run(whole, all);
      const events = head.flatMap((step) => perform(before, step));
      const after = testMatcher(given);
      after.restore(JSON.parse(JSON.stringify(before.snapshot())));
      expect([...events, ...run(after, all.slice(cut))]).toEqual(expected);
      expect(after.snapshot()).toEqual(whole.snapshot());
    }),
    { numRuns: 200 },
  );
});

it('charges the same fees in all however the bars split an order', () => {
  const volumes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(config, volumes, (given, splits) => {
      const total = splits.reduce((sum, each) => sum + each, 0);
      const terms = testOrder({ quantity: total, limit: '101', timeInForce: 'gtc' });
      const fees = (each: readonly number[]): number => {
        const matcher = testMatcher({ ...given, maxVolumeFraction: 1 });
        matcher.add(terms);
        const bars = each.map((volume, minute) => testBar('100 100 100 100', { minute, volume }));
        const events = bars.flatMap((bar) => matcher.onBar(bar));
        expect(matcher.openOrders()).toEqual([]);
        return events.reduce(
          (sum, event) => sum + (event.kind === 'filled' ? event.feeMicros : 0),
          0,
        );
      };
      expect(fees(splits)).toBe(fees([total]));
    }),
  );
});
