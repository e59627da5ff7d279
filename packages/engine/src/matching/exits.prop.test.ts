import {
  type Bar,
  type Exits,
  type OrderTerms,
  type PriceNanos,
  priceNanos,
  quantity,
  timeUs,
  usEquity,
} from '@capstan/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Matcher } from './matcher.ts';
import type { MatcherConfig } from './matcher-config.ts';
import type { MatcherEvent } from './matcher-event.ts';
import { orderProblem } from './order-problem.ts';
import { TEN_US, testBar, testMatcher, testOrder } from './test-world.ts';

const MINUTE_US = 60_000_000;
const CENT = 10_000_000;
/** Half of the bars are the last ones of a session, half the first ones of the next. */
const LAST = 355;
const MONDAY = (Date.UTC(2024, 6, 8, 13, 30) * 1000 - TEN_US) / MINUTE_US;
const MINUTES = [LAST, 356, 357, 358, 359, MONDAY, MONDAY + 1, MONDAY + 2, MONDAY + 3];
const SPY = usEquity('SPY');
const BOTS = ['bot', 'other'] as const;

type Step =
  | { readonly kind: 'submit'; readonly terms: OrderTerms; readonly sameClose: boolean }
  | { readonly kind: 'cancel'; readonly which: number }
  | { readonly kind: 'bar'; readonly bar: Bar }
  | { readonly kind: 'close'; readonly minute: number }
  | { readonly kind: 'split'; readonly numerator: number; readonly denominator: number };

const at = (minute: number) => timeUs(TEN_US + minute * MINUTE_US);
const price = fc.integer({ min: 9_985, max: 10_015 }).map((cents) => cents * CENT);
const offTick = fc.tuple(price, fc.constantFrom(0, 0, 0, 1, 4_999_999)).map(([is, by]) => is + by);
const trail = fc.constantFrom(
  {},
  { trailNanos: priceNanos(4 * CENT) },
  { trailNanos: priceNanos(9 * CENT) },
  { trailBps: 7.5 },
);

const order = fc
  .record({
    botId: fc.constantFrom(...BOTS),
    side: fc.constantFrom('buy', 'sell'),
    type: fc.constantFrom('market', 'market', 'limit', 'stop', 'stopLimit', 'trailingStop'),
    limit: price,
    stop: price,
    amount: fc.constantFrom(1, 20, 40, 40, 80, 120),
    timeInForce: fc.constantFrom('day', 'gtc', 'ioc', 'onOpen', 'onClose'),
    protectAt: fc.option(fc.record({ bad: price, good: price }, { requiredKeys: [] })),
    trail,
    sameClose: fc.boolean(),
  })
  .map(({ sameClose, ...given }) => {
    const { bad, good } = given.protectAt ?? {};
    const exits: Exits = {
      ...(bad === undefined ? {} : { stopPriceNanos: priceNanos(bad) }),
      ...(good === undefined ? {} : { takeProfitPriceNanos: priceNanos(good) }),
      ...given.trail,
    };
    const plain: OrderTerms = {
      ...testOrder({ botId: given.botId }),
      side: given.side,
      type: given.type,
      quantity: quantity(given.amount),
      limitPriceNanos: priceNanos(given.limit),
      stopPriceNanos: priceNanos(given.stop),
      timeInForce: given.timeInForce,
      ...(given.type === 'trailingStop' ? { trailNanos: priceNanos(6 * CENT) } : {}),
    };
    const fits = (terms: OrderTerms) => orderProblem(terms, SPY) === undefined;
    const sane: OrderTerms = fits(plain) ? plain : { ...plain, timeInForce: 'day' };
    const withExits = { ...sane, exits };
    return { terms: fits(withExits) ? withExits : sane, sameClose };
  });

const shape = fc.record({
  prices: fc.array(offTick, { minLength: 4, maxLength: 4 }),
  volume: fc.constantFrom(0, 300, 900, 100_000),
});

function barOf(minute: number, { prices, volume }: { prices: number[]; volume: number }): Bar {
  const [low = 0, open = 0, close = 0, high = 0] = prices.toSorted((a, b) => a - b);
  const rises = prices[0] === open;
  return {
    ...testBar('1 1 1 1', { minute, volume }),
    openNanos: priceNanos(rises ? open : close),
    closeNanos: priceNanos(rises ? close : open),
    lowNanos: priceNanos(low),
    highNanos: priceNanos(high),
  };
}

const minuteOfSteps = fc.record({
  orders: fc.array(order, { maxLength: 2 }),
  cancel: fc.option(fc.nat({ max: 9 }), { freq: 4 }),
  bar: fc.option(shape, { freq: 6 }),
});

const steps = (splits: boolean): fc.Arbitrary<readonly Step[]> =>
  fc
    .tuple(
      fc.array(minuteOfSteps, { minLength: 3, maxLength: MINUTES.length }),
      fc.constantFrom(undefined, undefined, [3, 1] as const, [1, 3] as const, [3, 2] as const),
    )
    .map(([minutes, ratio]) => {
      const out: Step[] = [];
      let made = 0;
      minutes.forEach(({ orders, cancel, bar }, index) => {
        const minute = MINUTES[index] ?? 0;
        if (minute === MONDAY && splits && ratio !== undefined) {
          out.push({ kind: 'split', numerator: ratio[0], denominator: ratio[1] });
        }
        for (const { terms, sameClose } of orders) {
          const orderId = `o${made}`;
          made += 1;
          const placed = { ...terms, orderId, intentId: orderId, decidedAtUs: at(minute) };
          out.push({ kind: 'submit', terms: placed, sameClose });
        }
        if (cancel !== null) out.push({ kind: 'cancel', which: cancel });
        if (bar !== null) out.push({ kind: 'bar', bar: barOf(minute, bar) });
        out.push({ kind: 'close', minute: minute + 1 });
      });
      return out;
    });

const config: fc.Arbitrary<Partial<MatcherConfig>> = fc
  .record({
    limitFill: fc.constantFrom('through', 'touch'),
    slippage: fc.constantFrom(
      { kind: 'none' } as const,
      { kind: 'ticks', slippageTicks: 3 } as const,
    ),
    commission: fc.constantFrom(
      { kind: 'none' } as const,
      { kind: 'perUnit', feeMicrosPerUnit: 3_333, minimumMicros: 100_000 } as const,
    ),
    cap: fc.constantFrom(undefined, undefined, 0.1),
  })
  .map(({ cap, ...rest }) => (cap === undefined ? rest : { ...rest, maxVolumeFraction: cap }));

/** Plays steps as an exchange does. The last bar is remembered for fills at its close. */
function player(matcher: Matcher) {
  let last: Bar | undefined;
  return (step: Step): readonly MatcherEvent[] => {
    switch (step.kind) {
      case 'bar':
        last = step.bar;
        return matcher.onBar(step.bar);
      case 'close':
        return matcher.closeSlice(at(step.minute));
      case 'split':
        return matcher.adjustForSplit('SPY', step, at(MONDAY)).events;
      case 'cancel': {
        const open = matcher.openOrders();
        const order = open[step.which % Math.max(1, open.length)];
        return order === undefined ? [] : matcher.cancel(order.terms.orderId, at(0));
      }
      case 'submit': {
        const { terms } = step;
        const released = matcher.releaseExits(terms, terms.decidedAtUs);
        matcher.add(terms);
        const auction = terms.timeInForce === 'onOpen' || terms.timeInForce === 'onClose';
        const fits = last?.endUs === terms.decidedAtUs && terms.type === 'market' && !auction;
        if (!step.sameClose || !fits || last === undefined) return released;
        return [...released, ...matcher.fillAtClose(terms.orderId, last)];
      }
    }
  };
}

/** Everything that must hold of a matcher at any time. */
function checkState(matcher: Matcher, held: ReadonlyMap<string, number>): void {
  const { orders, brackets, holdings } = matcher.snapshot();
  expect(Object.fromEntries(holdings.map((one) => [one.botId, one.quantity]))).toEqual(
    Object.fromEntries([...held].filter(([, amount]) => amount !== 0)),
  );
  const working = new Map(orders.map((one) => [one.terms.orderId, one]));
  for (const botId of BOTS) {
    for (const side of ['buy', 'sell'] as const) {
      const mine = brackets.filter((one) => one.botId === botId && one.side === side);
      const total = mine.reduce((sum, one) => sum + one.quantity, 0);
      const position = held.get(botId) ?? 0;
      expect(total).toBeLessThanOrEqual(Math.max(0, side === 'sell' ? position : -position));
    }
  }
  for (const { exitIds, quantity: covered, parentOrderId } of brackets) {
    expect(exitIds.length).toBeGreaterThan(0);
    if (covered === 0) expect(working.has(parentOrderId)).toBe(true);
    for (const exitId of exitIds) {
      const exit = working.get(exitId);
      expect(exit?.parentOrderId).toBe(parentOrderId);
      expect((exit?.terms.quantity ?? 0) - (exit?.filledQuantity ?? 0)).toBeGreaterThanOrEqual(
        covered,
      );
    }
  }
  const exits = orders.filter((one) => one.parentOrderId !== undefined).length;
  expect(exits).toBe(brackets.reduce((sum, one) => sum + one.exitIds.length, 0));
}

it('keeps exits within the position, fills inside the bar, and conserves what is held', () => {
  let exitFills = 0;
  fc.assert(
    fc.property(config, steps(false), (given, all) => {
      const matcher = testMatcher(given);
      const play = player(matcher);
      const terms = new Map<string, OrderTerms>();
      const filled = new Map<string, number>();
      const ended = new Set<string>();
      const held = new Map<string, number>();
      let last: Bar | undefined;
      for (const step of all) {
        if (step.kind === 'submit') terms.set(step.terms.orderId, step.terms);
        if (step.kind === 'bar') last = step.bar;
        let taken = 0;
        for (const event of play(step)) {
          expect(ended.has(event.orderId)).toBe(false);
          if (event.kind === 'accepted') {
            terms.set(event.orderId, event.terms);
            continue;
          }
          const its = terms.get(event.orderId);
          expect(its).toBeDefined();
          if (event.kind !== 'filled' || its === undefined) {
            ended.add(event.orderId);
            continue;
          }
          expect(event.priceNanos).toBeGreaterThanOrEqual(last?.lowNanos ?? Infinity);
          expect(event.priceNanos).toBeLessThanOrEqual(last?.highNanos ?? 0);
          const sign = its.side === 'buy' ? 1 : -1;
          if (its.type === 'limit' || its.type === 'stopLimit') {
            expect(sign * (event.priceNanos - (its.limitPriceNanos ?? 0))).toBeLessThanOrEqual(0);
          }
          const sum = (filled.get(event.orderId) ?? 0) + event.quantity;
          expect(sum).toBeLessThanOrEqual(its.quantity);
          filled.set(event.orderId, sum);
          const before = held.get(its.botId) ?? 0;
          const after = before + sign * event.quantity;
          held.set(its.botId, after);
          taken += event.quantity;
          if (its.leg === 0) continue;
          exitFills += 1;
          expect(Math.abs(after)).toBe(Math.abs(before) - event.quantity);
        }
        const cap = given.maxVolumeFraction;
        if (cap !== undefined && step.kind === 'bar') {
          expect(taken).toBeLessThanOrEqual(step.bar.volume * cap);
        }
        checkState(matcher, held);
      }
    }),
    { numRuns: 400 },
  );
  expect(exitFills).toBeGreaterThan(50);
});

it('leaves exits whole and covered through a split', () => {
  fc.assert(
    fc.property(config, steps(true), (given, all) => {
      const matcher = testMatcher(given);
      const play = player(matcher);
      for (const step of all) {
        play(step);
        const { holdings } = matcher.snapshot();
        checkState(matcher, new Map(holdings.map((one) => [one.botId, one.quantity])));
        for (const { terms } of matcher.openOrders()) {
          const { exits, ...plain } = terms;
          expect(orderProblem({ ...plain, reducing: false }, SPY)).toBeUndefined();
          if (exits === undefined || isMet(terms)) continue;
          expect(orderProblem({ ...terms, reducing: false }, SPY)).toBeUndefined();
        }
      }
    }),
    { numRuns: 200 },
  );
});

/** Prices that were a tick apart may come to lie on the same one by a split. */
function isMet({ exits = {}, limitPriceNanos, stopPriceNanos }: OrderTerms): boolean {
  const { stopPriceNanos: stop, takeProfitPriceNanos: target } = exits;
  const prices = [stop, target, limitPriceNanos, stopPriceNanos].filter((one) => one !== undefined);
  return new Set(prices).size < prices.length;
}

it('goes on from a snapshot taken anywhere as if nothing had happened', () => {
  fc.assert(
    fc.property(config, steps(true), fc.nat({ max: 40 }), (given, all, cut) => {
      const [whole, before, after] = [testMatcher(given), testMatcher(given), testMatcher(given)];
      const playWhole = player(whole);
      const expected = all.map((step) => playWhole(step));
      const playBefore = player(before);
      const events = all.slice(0, cut).map((step) => playBefore(step));
      after.restore(JSON.parse(JSON.stringify(before.snapshot())));
      const lastBar = all.slice(0, cut).findLast((step) => step.kind === 'bar');
      const playAfter = player(after);
      if (lastBar !== undefined) playAfter(lastBar);
      const rest = all.slice(cut).map((step) => playAfter(step));
      expect([...events, ...rest]).toEqual(expected);
      expect(after.snapshot()).toEqual(whole.snapshot());
    }),
    { numRuns: 200 },
  );
});

const MIDDLE = 20_000 * CENT;
const mirror = <T extends PriceNanos | undefined>(value: T): T =>
  (value === undefined ? undefined : priceNanos(MIDDLE - value)) as T;

function mirrored(step: Step): Step {
  if (step.kind === 'bar') {
    const { openNanos, highNanos, lowNanos, closeNanos } = step.bar;
    const bar = {
      ...step.bar,
      openNanos: mirror(openNanos),
      highNanos: mirror(lowNanos),
      lowNanos: mirror(highNanos),
      closeNanos: mirror(closeNanos),
    };
    return { kind: 'bar', bar };
  }
  if (step.kind !== 'submit') return step;
  const { exits, ...terms } = step.terms;
  const { stopPriceNanos: stop, takeProfitPriceNanos: target, ...way } = exits ?? {};
  const both: Exits = {
    ...way,
    ...(stop === undefined ? {} : { stopPriceNanos: mirror(stop) }),
    ...(target === undefined ? {} : { takeProfitPriceNanos: mirror(target) }),
  };
  return {
    ...step,
    terms: {
      ...terms,
      side: terms.side === 'buy' ? 'sell' : 'buy',
      limitPriceNanos: mirror(terms.limitPriceNanos ?? priceNanos(0)),
      stopPriceNanos: mirror(terms.stopPriceNanos ?? priceNanos(0)),
      ...(exits === undefined ? {} : { exits: both }),
    },
  };
}

it('does to shorts what it does to longs at mirrored prices', () => {
  const byAmount = steps(false).filter((all) =>
    all.every((step) => step.kind !== 'submit' || step.terms.exits?.trailBps === undefined),
  );
  fc.assert(
    fc.property(config, byAmount, (given, all) => {
      const [one, two] = [player(testMatcher(given)), player(testMatcher(given))];
      for (const step of all) {
        const events = one(step).map((event) => {
          if (event.kind === 'filled') return { ...event, priceNanos: mirror(event.priceNanos) };
          return event.kind === 'accepted' ? { ...event, terms: undefined } : event;
        });
        const seen = two(mirrored(step)).map((event) =>
          event.kind === 'accepted' ? { ...event, terms: undefined } : event,
        );
        expect(seen).toEqual(events);
      }
    }),
    { numRuns: 300 },
  );
});
