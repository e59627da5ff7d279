import {
  CASH_EVENT_KINDS,
  type CashEvent,
  cashMicros,
  priceNanos,
  type SplitEvent,
  timeUs,
  type VenueActivity,
} from '@capstan/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activityFromWire,
  activityToWire,
  postedActionFromWire,
  postedActionToWire,
} from './activity.ts';
import { decodeFillEvent, encodeFillEvent, ledgerEntriesOf } from './order.ts';

const text = fc.string({ minLength: 1, maxLength: 8 });
const count = fc.integer({ min: 1, max: 1_000_000 });
const cash = fc.maxSafeInteger().map(cashMicros);
const price = fc.maxSafeNat().map(priceNanos);
const time = fc.maxSafeNat().map(timeUs);
const kind = fc.constantFrom(...CASH_EVENT_KINDS);
const cashKind = fc.constantFrom('deposit' as const, 'interest' as const, 'transfer' as const);

const split = { symbol: text, newShares: count, oldShares: count, closeNanos: price };
const cashEvent = fc.record(
  {
    ...{ cashEventId: text, kind, accountId: text, botId: text, amountMicros: cash },
    ...{ eventAtUs: time, accountSequence: count, symbol: text, activityId: text },
  },
  {
    noNullPrototype: true,
    requiredKeys: [
      'cashEventId',
      'kind',
      'accountId',
      'botId',
      'amountMicros',
      'eventAtUs',
      'accountSequence',
    ],
  },
) as fc.Arbitrary<CashEvent>;
const splitEvent: fc.Arbitrary<SplitEvent> = fc.record(
  {
    ...{ kind: fc.constant('split' as const), activityId: text, accountId: text, ...split },
    ...{ fractionMicros: cash, followsSequence: fc.nat(), eventAtUs: time, accountSequence: count },
  },
  { noNullPrototype: true },
);

const optional = (
  fields: Record<string, fc.Arbitrary<unknown>>,
  more: Record<string, fc.Arbitrary<unknown>>,
) =>
  fc.record({ ...fields, ...more }, { requiredKeys: Object.keys(fields), noNullPrototype: true });
const head = { activityId: text, accountId: text, eventAtUs: time };
const activity = fc.oneof(
  optional(
    { ...head, kind: fc.constant('split'), ...split, fractionMicros: cash },
    { afterSequence: fc.nat() },
  ),
  optional(
    { ...head, kind: fc.constant('dividend'), symbol: text, amountMicros: cash },
    { afterSequence: fc.nat(), perUnitNanos: price, exAtUs: time },
  ),
  optional({ ...head, kind: cashKind, amountMicros: cash }, { afterSequence: fc.nat() }),
) as fc.Arbitrary<unknown> as fc.Arbitrary<VenueActivity>;

describe('what is no trade', () => {
  it('comes back with the fills as it was sent, in one sequence', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(cashEvent, splitEvent), { maxLength: 5 }), (events) => {
        const told = {
          accountId: 'a',
          runId: 'r',
          fills: [],
          ...(events.length > 0 ? { events } : {}),
        };
        expect(decodeFillEvent(encodeFillEvent(told))).toStrictEqual(told);
        const sequences = ledgerEntriesOf(told).map(({ accountSequence }) => accountSequence);
        expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
        expect(sequences).toHaveLength(events.length);
      }),
    );
  });

  it('is told by a venue, and posted at one, without loss', () => {
    fc.assert(
      fc.property(activity, (one) => {
        expect(activityFromWire(activityToWire(one))).toStrictEqual(one);
        if (one.kind === 'split') {
          const { symbol, newShares, oldShares, closeNanos } = one;
          const action = { kind: 'split', symbol, newShares, oldShares, closeNanos } as const;
          expect(postedActionFromWire(postedActionToWire(action))).toStrictEqual(action);
        }
      }),
    );
  });

  it('is refused where its ratio is none, or it is nothing', () => {
    const value = { symbol: 'SPY', newShares: 0n, oldShares: 1n, closeNanos: 1n };
    expect(() => postedActionFromWire({ $case: 'split', value })).toThrow(/newShares is 0/);
    expect(() => postedActionFromWire(undefined)).toThrow(/action is absent/);
  });
});
