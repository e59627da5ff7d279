import {
  type Bar,
  type BarSlice,
  CAUSE_KINDS,
  cashMicros,
  DIRECTIONS,
  type Exits,
  FILL_KINDS,
  type Fill,
  type Intent,
  ORDER_SIDES,
  ORDER_STATES,
  ORDER_TYPES,
  type Order,
  type OrderTerms,
  type PriceNanos,
  priceNanos,
  quantity,
  type Signal,
  TIMEFRAMES,
  TIMES_IN_FORCE,
  type Trail,
  timeUs,
} from '@capstan/domain';
import fc from 'fast-check';

const MOST = Number.MAX_SAFE_INTEGER;

/** Arbitrary times from 1970 to about 2100, in microseconds; now and then at the ends of the range. */
export const times = fc.integer({ min: 0, max: 4_102_444_800_000_000 }).map(timeUs);
/** Arbitrary positive prices, also the greatest. */
export const prices = fc
  .oneof(fc.integer({ min: 1, max: MOST }), fc.integer({ min: 1, max: 1_000_000_000_000 }))
  .map(priceNanos);
/** Arbitrary positive quantities, also the greatest. */
export const quantities = fc
  .oneof(fc.integer({ min: 1, max: MOST }), fc.integer({ min: 1, max: 1_000 }))
  .map(quantity);
/** Arbitrary signed cash, also the greatest. */
export const cash = fc.oneof(fc.maxSafeInteger(), fc.integer()).map(cashMicros);
/** Arbitrary names of bots, accounts and feeds. */
export const names = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/);
/** Arbitrary ids, as derived. */
export const ids = fc.stringMatching(/^[0-9a-hjkmnp-tv-z]{26}$/);
/** Arbitrary symbols, also with a dot, a slash or a blank. */
export const symbols = fc.oneof(
  fc.stringMatching(/^[A-Z]{1,5}$/),
  fc.constantFrom('BRK.B', 'BTC/USD', 'ES Z6', 'RDS.A', '^GSPC'),
);
/** Arbitrary texts for people, in any script, without the NUL that PostgreSQL cannot keep. */
export const reasons = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .map((text) => text.replaceAll('\0', ''));

/** Arbitrary trails: none, an amount, or a fraction. */
const trails: fc.Arbitrary<Trail> = fc.oneof(
  fc.constant({}),
  prices.map((trailNanos) => ({ trailNanos })),
  fc.integer({ min: 1, max: 99_999_999 }).map((parts) => ({ trailBps: parts / 10_000 })),
);

/** Whose it is. */
const whose = {
  runId: fc.oneof(fc.constant('live'), ids),
  accountId: names,
  botId: names,
};

const revisions = fc.nat({ max: 1_000 });

/** Joins the fields that are always there with those that may be left out. */
function joined<Always extends object, Sometimes extends object>(
  always: fc.Arbitrary<Always>,
  sometimes: fc.Arbitrary<Sometimes>,
): fc.Arbitrary<Always & Sometimes> {
  return fc.tuple(always, sometimes).map(([one, more]) => ({ ...one, ...more }));
}

type FourPrices = readonly [PriceNanos, PriceNanos, PriceNanos, PriceNanos];

function sorted([a, b, c, d]: FourPrices): FourPrices {
  const [first = a, second = b, third = c, fourth = d] = [a, b, c, d].sort((x, y) => x - y);
  return [first, second, third, fourth];
}

/** Arbitrary bars whose numbers fit together: `barProblem` finds nothing. */
export function bars(of: Partial<Bar> = {}): fc.Arbitrary<Bar> {
  const numbers = fc.record({
    symbol: symbols,
    timeframe: fc.constantFrom(...TIMEFRAMES),
    start: times,
    spanUs: fc.integer({ min: 1, max: 86_400_000_000 }),
    revision: revisions,
    prices: fc.tuple(prices, prices, prices, prices),
    openFirst: fc.boolean(),
    volume: fc.oneof(fc.nat(), fc.integer({ min: 0, max: MOST })),
  });
  return numbers.map((one) => {
    const [low, a, b, high] = sorted(one.prices);
    return {
      symbol: one.symbol,
      timeframe: one.timeframe,
      startUs: one.start,
      endUs: timeUs(one.start + one.spanUs),
      revision: one.revision,
      openNanos: one.openFirst ? a : b,
      highNanos: high,
      lowNanos: low,
      closeNanos: one.openFirst ? b : a,
      volume: one.volume,
      ...of,
    };
  });
}

/** Arbitrary slices: bars of one end and timeframe, each symbol once, sorted by symbol. */
export const slices: fc.Arbitrary<BarSlice> = fc
  .record({
    feed: names,
    timeframe: fc.constantFrom(...TIMEFRAMES),
    bars: fc.uniqueArray(bars(), { maxLength: 8, selector: (bar) => bar.symbol }),
    startUs: times,
  })
  .map(({ feed, timeframe, bars: some, startUs }) => {
    const endUs = timeUs(startUs + 60_000_000);
    const ordered = some.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
    return { feed, endUs, bars: ordered.map((bar) => ({ ...bar, timeframe, startUs, endUs })) };
  });

/** Arbitrary signals. */
export const signals: fc.Arbitrary<Signal> = joined(
  joined(
    fc.record({
      ...whose,
      signalId: ids,
      configRevision: revisions,
      symbol: symbols,
      timeframe: fc.constantFrom(...TIMEFRAMES),
      barEndUs: times,
      inputRevision: revisions,
      direction: fc.constantFrom(...DIRECTIONS),
      strength: fc.double({ min: 0, max: 1, noNaN: true }),
      referencePriceNanos: prices,
      reason: reasons,
    }),
    trails,
  ),
  fc.record(
    {
      limitPriceNanos: prices,
      stopPriceNanos: prices,
      takeProfitPriceNanos: prices,
      entryStopPriceNanos: prices,
      atrNanos: prices,
      barVolatility: fc.double({ min: 1e-9, max: 10, noNaN: true }),
      timeInForce: fc.constantFrom(...TIMES_IN_FORCE),
    },
    { requiredKeys: [] },
  ),
);

/** What intents and orders have in common. */
const wish = {
  ...whose,
  symbol: symbols,
  side: fc.constantFrom(...ORDER_SIDES),
  quantity: quantities,
  timeInForce: fc.constantFrom(...TIMES_IN_FORCE),
  reducing: fc.boolean(),
  decidedAtUs: times,
};

/** Arbitrary order types with the prices that they need, and only those. */
const priced: fc.Arbitrary<Pick<OrderTerms, 'type' | 'limitPriceNanos' | 'stopPriceNanos'>> = fc
  .record({ type: fc.constantFrom(...ORDER_TYPES), limit: prices, stop: prices })
  .map(({ type, limit, stop }) => ({
    type,
    ...(type === 'limit' || type === 'stopLimit' ? { limitPriceNanos: limit } : {}),
    ...(type === 'stop' || type === 'stopLimit' ? { stopPriceNanos: stop } : {}),
  }));

/** Arbitrary protective exits, also those that a venue would refuse. */
const exits: fc.Arbitrary<Exits> = joined(
  fc.record({ stopPriceNanos: prices, takeProfitPriceNanos: prices }, { requiredKeys: [] }),
  trails,
);
const maybeExits = fc.record({ exits }, { requiredKeys: [] });

/** Arbitrary intents. */
export const intents: fc.Arbitrary<Intent> = joined(
  fc.record({
    ...wish,
    intentId: ids,
    causeKind: fc.constantFrom(...CAUSE_KINDS),
    causeId: ids,
    referencePriceNanos: prices,
  }),
  joined(priced, maybeExits),
);

/** Arbitrary terms of orders. */
export const orderTerms: fc.Arbitrary<OrderTerms> = joined(
  fc.record({
    ...wish,
    orderId: ids,
    intentId: ids,
    leg: fc.nat({ max: 3 }),
    attempt: fc.integer({ min: 1, max: 5 }),
    expiresAtUs: times,
  }),
  joined(
    joined(priced, trails),
    joined(maybeExits, fc.record({ activationPriceNanos: prices }, { requiredKeys: [] })),
  ),
);

/** Arbitrary orders in any state, at any version; the fields need not tell one story. */
export const orders: fc.Arbitrary<Order> = joined(
  joined(
    orderTerms,
    fc.record({
      state: fc.constantFrom(...ORDER_STATES),
      filledQuantity: fc.oneof(quantities, fc.constant(quantity(0))),
      filledNotionalMicros: cash,
      version: fc.integer({ min: 1, max: 1_000 }),
      updatedAtUs: times,
    }),
  ),
  fc.record({ venueOrderId: names, reason: reasons }, { requiredKeys: [] }),
);

/** Arbitrary fills, busts and corrections; the latter two refer to a fill. */
export const fills: fc.Arbitrary<Fill> = fc
  .record({
    fill: fc.record({
      ...whose,
      fillId: ids,
      orderId: ids,
      symbol: symbols,
      side: fc.constantFrom(...ORDER_SIDES),
      quantity: quantities,
      priceNanos: prices,
      feeMicros: cash,
      eventAtUs: times,
      accountSequence: fc.integer({ min: 1, max: MOST }),
    }),
    kind: fc.constantFrom(...FILL_KINDS),
    refersTo: ids,
  })
  .map(({ fill, kind, refersTo }) => ({
    ...fill,
    kind,
    ...(kind === 'fill' ? {} : { refersTo }),
  }));
