import {
  BOT_STATES,
  type BotSchedule,
  type BotSlice,
  cashMicros,
  type Denial,
  type Mark,
  ORDER_SIDES,
  priceNanos,
  quantity,
  SCHEDULE_DAYS,
  SCHEDULE_ENDS,
  TIME_ZONES,
  timeUs,
  type VenueEvent,
} from '@capstan/domain';
import {
  type BarRecord,
  type BotRecord,
  type DriftRecord,
  type ParameterValue,
  SHUTDOWN_RULES,
  type SizingRule,
  type SnapshotRecord,
  VENUE_ORDER_STATES,
  type VenueOrder,
  type VenueUpdate,
} from '@capstan/ports';
import { arbitrary } from '@capstan/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as orderWire from '../gen/capstan/execution/v1/order.ts';
import * as exchange from '../gen/capstan/execution/v1/paper_exchange_service.ts';
import * as riskWire from '../gen/capstan/risk/v1/risk.ts';
import * as signalWire from '../gen/capstan/signal/v1/signal.ts';
import * as botWire from '../gen/capstan/signal/v1/signal_service.ts';
import * as emergency from './emergency.ts';
import * as market from './market.ts';
import * as order from './order.ts';
import * as position from './position.ts';
import * as risk from './risk.ts';
import * as signal from './signal.ts';
import * as venue from './venue.ts';

const { bars, cash, fills, ids, intents, names, orders, orderTerms, prices, quantities } =
  arbitrary;
const { reasons, signals, symbols, times } = arbitrary;

const counts = fc.nat({ max: 2 ** 31 - 1 });
const signed = fc.maxSafeInteger().map((value) => quantity(value));
const runIds = fc.oneof(fc.constant('live'), ids);

/** Goes through bytes, as over a wire. */
const through =
  <Value, Wire>(
    toWire: (value: Value) => Wire,
    codec: { encode(wire: Wire): { finish(): Uint8Array }; decode(data: Uint8Array): Wire },
    fromWire: (wire: Wire) => Value,
  ) =>
  (value: Value): Value =>
    fromWire(codec.decode(codec.encode(toWire(value)).finish()));

function staysTheSame<Value>(
  values: fc.Arbitrary<Value>,
  roundTrip: (value: Value) => Value,
): void {
  fc.assert(
    fc.property(values, (value) => {
      expect(roundTrip(value)).toStrictEqual(structuredClone(value));
    }),
    { numRuns: 200 },
  );
}

/** Adds keys that may be absent. */
const optionally = <Value extends object, More extends object>(
  values: fc.Arbitrary<Value>,
  more: fc.Arbitrary<More>,
): fc.Arbitrary<Value & More> => fc.tuple(values, more).map(([a, b]) => ({ ...a, ...b }));

const barRecords: fc.Arbitrary<BarRecord> = fc
  .tuple(bars(), fc.record({ runId: runIds, feed: names, venue: names }))
  .map(([bar, where]) => ({ ...bar, ...where }));

const marks: fc.Arbitrary<Mark> = fc.record({
  symbol: symbols,
  priceNanos: prices,
  barEndUs: times,
});

const botSlices: fc.Arbitrary<BotSlice> = fc.record({
  runId: runIds,
  botId: names,
  accountId: names,
  feed: names,
  sliceEndUs: times,
  state: fc.constantFrom(...BOT_STATES),
  signals: fc.array(signals, { maxLength: 3 }),
  marks: fc.array(marks, { maxLength: 3 }),
});

const denials: fc.Arbitrary<Denial> = optionally(
  intents.map(({ runId, accountId, botId, symbol, causeKind, causeId, decidedAtUs }) => ({
    denialId: causeId,
    runId,
    accountId,
    botId,
    symbol,
    causeKind,
    causeId,
    policy: 'maxGrossExposure',
    reason: 'because — so',
    decidedAtUs,
  })),
  fc.record({ intentId: ids }, { requiredKeys: [] }),
);

const values: fc.Arbitrary<ParameterValue> = fc.oneof(
  fc.double({ noNaN: true }),
  fc.string(),
  fc.boolean(),
);
const amounts = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const fractions = fc.double({ min: 0.000001, max: 1, noNaN: true });
const barCounts = fc.integer({ min: 2, max: 10_000 });
const sizings: fc.Arbitrary<SizingRule> = fc.oneof(
  fc.record({ kind: fc.constant('fixedQuantity' as const), quantity: amounts }),
  fc.record({ kind: fc.constant('fixedNotional' as const), notionalMicros: amounts }),
  fc.record({ kind: fc.constant('equityFraction' as const), fraction: fractions }),
  fc.record({
    kind: fc.constant('cashFraction' as const),
    fraction: fractions,
    feeBps: fc.integer({ min: 0, max: 100_000_000 }).map((parts) => parts / 10_000),
  }),
  fc
    .tuple(
      fc.record({
        kind: fc.constant('atrRisk' as const),
        atrBars: barCounts,
        atrMultiple: fc.double({ min: 0.01, max: 100, noNaN: true }),
        maxFraction: fractions,
      }),
      fc.oneof(fc.record({ riskFraction: fractions }), fc.record({ riskMicros: amounts })),
    )
    .map(([rule, risk]) => ({ ...rule, ...risk })),
  fc.record({
    kind: fc.constant('volatilityTarget' as const),
    annualVolatility: fractions,
    lookbackBars: barCounts,
    maxFraction: fractions,
  }),
);
const schedules: fc.Arbitrary<BotSchedule> = optionally(
  fc.record({
    beforeCloseMinutes: fc.integer({ min: 0, max: 1_440 }),
    atEnd: fc.constantFrom(...SCHEDULE_ENDS),
  }),
  fc.record(
    {
      days: fc.subarray([...SCHEDULE_DAYS], { minLength: 1 }),
      start: fc.constantFrom('00:00', '09:35'),
      end: fc.constantFrom('09:34', '24:00'),
      timeZone: fc.constantFrom(...TIME_ZONES),
      afterOpenMinutes: fc.integer({ min: 0, max: 1_440 }),
    },
    { requiredKeys: [] },
  ),
);
const bots: fc.Arbitrary<BotRecord> = optionally(
  fc.record({
    botId: names,
    accountId: names,
    strategy: names,
    params: fc.dictionary(names, values, { maxKeys: 4, noNullPrototype: true }),
    symbols: fc.array(symbols, { maxLength: 4 }),
    timeframe: bars().map((bar) => bar.timeframe),
    feed: names,
    sizing: sizings,
    configRevision: counts,
    restartOnCrash: fc.boolean(),
    onShutdown: fc.constantFrom(...SHUTDOWN_RULES),
    state: fc.constantFrom(...BOT_STATES),
    restarts: counts,
    updatedAtUs: times,
  }),
  fc.record(
    {
      error: fc.string({ minLength: 1 }),
      lastSliceEndUs: fc.integer({ min: 1 }).map(timeUs),
      schedule: schedules,
    },
    { requiredKeys: [] },
  ),
);

const snapshots: fc.Arbitrary<SnapshotRecord> = fc.record({
  snapshotId: ids,
  accountId: names,
  takenAtUs: times,
  venueSequence: counts,
  cashMicros: cash,
  positions: fc.array(fc.record({ symbol: symbols, quantity: signed, costMicros: cash })),
});
const drifts: fc.Arbitrary<DriftRecord> = optionally(
  fc.record({
    driftId: ids,
    accountId: names,
    symbol: fc.oneof(symbols, fc.constant('$cash')),
    ledger: fc.maxSafeInteger(),
    broker: fc.maxSafeInteger(),
    openedAtUs: times,
  }),
  fc.record({ healedAtUs: times }, { requiredKeys: [] }),
);

const venueOrders: fc.Arbitrary<VenueOrder> = optionally(
  fc.record({
    venueOrderId: names,
    orderId: ids,
    symbol: symbols,
    state: fc.constantFrom(...VENUE_ORDER_STATES),
    filledQuantity: quantities,
  }),
  fc.record({ reason: reasons, side: fc.constantFrom(...ORDER_SIDES) }, { requiredKeys: [] }),
);
const executions = {
  executionId: ids,
  quantity: quantities,
  priceNanos: prices,
  feeMicros: cash,
};
const because = { reason: reasons };
const details = fc.oneof(
  fc.record({ kind: fc.constant('accepted' as const), venueOrderId: ids }),
  fc.record({
    kind: fc.constant('accepted' as const),
    venueOrderId: ids,
    exit: fc.record({ parentOrderId: ids, terms: orderTerms }),
  }),
  fc.record({ kind: fc.constantFrom('filled' as const, 'corrected' as const), ...executions }),
  fc.record({ kind: fc.constant('busted' as const), executionId: ids }),
  fc.record({
    kind: fc.constantFrom('rejected' as const, 'cancelled' as const, 'cancelRejected' as const),
    ...because,
  }),
  fc.record({ kind: fc.constant('expired' as const) }),
);
const venueEvents: fc.Arbitrary<VenueEvent> = fc
  .tuple(fc.record({ sequence: counts, accountId: names, orderId: ids, eventAtUs: times }), details)
  .map(([head, detail]) => ({ ...head, ...detail }) as VenueEvent);
const venueUpdates: fc.Arbitrary<VenueUpdate> = fc.oneof(
  venueEvents.map((event): VenueUpdate => ({ kind: 'event', event })),
  fc.record({
    kind: fc.constant('slice' as const),
    accountId: names,
    feed: names,
    sliceEndUs: times,
    afterSequence: counts,
  }),
);

const slice = fc.record({ feed: names, sliceEndUs: times });
const whose = fc.record({ accountId: names, runId: runIds });

const QUOTE_KEYS = [
  ...(['symbol', 'runId', 'feed', 'venue', 'atUs'] as const),
  ...(['bidNanos', 'askNanos', 'bidSize', 'askSize'] as const),
];

describe('what goes over the wire comes back the same', () => {
  it('bars', () => {
    staysTheSame(barRecords, (bar) => market.decodeBar(market.encodeBar(bar)));
  });

  it('quotes, of options too', () => {
    const quotes = fc.record(
      {
        ...{ symbol: symbols, runId: runIds, feed: names, venue: names, underlying: symbols },
        ...{ atUs: times, bidNanos: prices, askNanos: prices, bidSize: counts, askSize: counts },
      },
      { requiredKeys: QUOTE_KEYS },
    );
    staysTheSame(quotes, (quote) => market.decodeQuote(market.encodeQuote(quote)));
  });

  it('closed slices of bars', () => {
    const closed = fc.record({
      runId: runIds,
      feed: names,
      endUs: times,
      symbols: fc.array(symbols),
      last: fc.boolean(),
    });
    staysTheSame<market.BarsClosed>(closed, (one) =>
      market.decodeBarsClosed(market.encodeBarsClosed(one)),
    );
  });

  it('signals, alone and in a slice of a bot', () => {
    staysTheSame(signals, through(signal.signalToWire, signalWire.Signal, signal.signalFromWire));
    staysTheSame(botSlices, (one) => signal.decodeBotSlice(signal.encodeBotSlice(one)));
    const more = optionally(
      fc.record({ silent: fc.boolean() }),
      fc.record({ setup: bots }, { requiredKeys: [] }),
    );
    fc.assert(
      fc.property(botSlices, more, (slice, said) => {
        expect(signal.decodeBotSliceMore(signal.encodeBotSlice(slice, said))).toEqual(said);
      }),
    );
  });

  it('bots', () => {
    staysTheSame(bots, through(signal.botToWire, botWire.Bot, signal.botFromWire));
  });

  it('intents and denials', () => {
    staysTheSame(intents, through(risk.intentToWire, riskWire.Intent, risk.intentFromWire));
    const denied = optionally(
      whose,
      fc.record({ sliceEndUs: times, denials: fc.array(denials, { maxLength: 3 }) }),
    );
    staysTheSame<risk.DeniedSlice>(denied, (one) =>
      risk.decodeDeniedSlice(risk.encodeDeniedSlice(one)),
    );
  });

  it('the limits that hold from an approved slice on, where it tells them', () => {
    const silent = { runId: 'r', accountId: 'a', feed: 'f', sliceEndUs: timeUs(1) };
    const slice = { ...silent, orders: [], activeBots: 1, cancelOrderIds: [] };
    for (const one of [slice, { ...slice, limits: '{}' }]) {
      expect(risk.decodeApprovedSlice(risk.encodeApprovedSlice(one))).toEqual(one);
    }
  });

  it('approved orders', () => {
    const decided = fc.record({
      orders: fc.array(orderTerms, { maxLength: 3 }),
      activeBots: counts,
      cancelOrderIds: fc.array(fc.string(), { maxLength: 3 }),
    });
    const cross = fc.record({
      ...{ buyOrderId: fc.string(), sellOrderId: fc.string() },
      priceNanos: fc.nat().map(priceNanos),
    });
    const crosses = fc.array(cross, { minLength: 1, maxLength: 2 });
    const grounds = fc.record({ nowUs: times, accountSequence: counts, orderSequence: counts });
    const approved = fc
      .tuple(whose, slice, decided, fc.record({ crosses, grounds }, { requiredKeys: [] }))
      .map(([by, of, rest, crossed]) => ({ ...by, ...of, ...rest, ...crossed }));
    staysTheSame<risk.ApprovedSlice>(approved, (one) =>
      risk.decodeApprovedSlice(risk.encodeApprovedSlice(one)),
    );
  });

  it('rounds of a kill without the journal', () => {
    const rounds = fc.record({
      runId: runIds,
      accountId: names,
      killSinceUs: times,
      round: counts,
      lease: fc.record({ epochUs: times, token: counts }),
      intents: fc.array(intents, { maxLength: 3 }),
      orders: fc.array(orderTerms, { maxLength: 3 }),
    });
    staysTheSame<emergency.EmergencyRound>(rounds, (one) =>
      emergency.decodeEmergencyRound(emergency.encodeEmergencyRound(one)),
    );
  });

  it('orders, alone and in an event', () => {
    staysTheSame(orders, through(order.orderToWire, orderWire.Order, order.orderFromWire));
    const done = fc.tuple(slice, counts).map(([of, activeBots]) => ({ ...of, activeBots }));
    const events = optionally(
      optionally(whose, fc.record({ orders: fc.array(orders, { maxLength: 3 }) })),
      fc.record({ sliceDone: done }, { requiredKeys: [] }),
    );
    staysTheSame<order.OrderEvent>(events, (one) =>
      order.decodeOrderEvent(order.encodeOrderEvent(one)),
    );
  });

  it('fills', () => {
    const events = optionally(
      optionally(whose, fc.record({ fills: fc.array(fills, { maxLength: 3 }) })),
      fc.record({ venueSlice: slice }, { requiredKeys: [] }),
    );
    staysTheSame<order.FillEvent>(events, (one) =>
      order.decodeFillEvent(order.encodeFillEvent(one)),
    );
  });

  it('snapshots and drifts', () => {
    staysTheSame(snapshots, (one) => position.decodeSnapshot(position.encodeSnapshot(one)));
    staysTheSame(drifts, (one) => position.decodeDrift(position.encodeDrift(one)));
  });

  it('what a venue has and says', () => {
    staysTheSame(
      venueOrders,
      through(venue.venueOrderToWire, exchange.VenueOrder, venue.venueOrderFromWire),
    );
    staysTheSame(
      fc.array(venueUpdates, { minLength: 1, maxLength: 5 }),
      through(venue.venueUpdatesToWire, exchange.StreamUpdatesResponse, venue.venueUpdatesFromWire),
    );
    staysTheSame(
      fc.oneof(
        fc.record({ kind: fc.constant('accepted' as const), venueOrderId: names }),
        fc.record({ kind: fc.constant('duplicate' as const) }),
        fc.record({ kind: fc.constant('rejected' as const), reason: fc.string() }),
      ),
      through(venue.submitAnswerToWire, exchange.SubmitOrderResponse, venue.submitAnswerFromWire),
    );
  });
});

it('money keeps its last digit up to the greatest number', () => {
  const most = Number.MAX_SAFE_INTEGER;
  const snapshot: SnapshotRecord = {
    snapshotId: 's',
    accountId: 'a',
    takenAtUs: timeUs(0),
    venueSequence: 0,
    cashMicros: cashMicros(-most),
    positions: [{ symbol: 'SPY', quantity: quantity(most), costMicros: cashMicros(most - 1) }],
  };
  expect(position.decodeSnapshot(position.encodeSnapshot(snapshot))).toEqual(snapshot);
});
