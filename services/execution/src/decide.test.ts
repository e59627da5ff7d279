import { newOrder, type Order, quantity } from '@capstan/domain';
import type { VenueOrder } from '@capstan/ports';
import { closedBreaker, KILL_OFF } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import {
  type AbsenceView,
  advance,
  advanced,
  eventOfOutcome,
  holdsExits,
  isKilled,
  refusalOf,
  resolve,
} from './decide.ts';
import { CAREFUL, PRICE } from './test-venue.ts';
import { at, terms } from './test-world.ts';

const submitting = advanced(newOrder(terms('a'), at(1)), { kind: 'submit' }, at(1));
const unknown: Order = advanced(submitting, { kind: 'timeout', reason: 'no answer' }, at(1));

const VIEW: AbsenceView = {
  nowUs: at(1),
  killed: false,
  capabilities: CAREFUL,
  sinceSentMs: 10_000,
  absenceMsMin: 1_000,
};

const found = (of: Partial<VenueOrder>): Parameters<typeof resolve>[1] => {
  const order = { venueOrderId: 'X1', orderId: 'a', symbol: 'SPY', filledQuantity: quantity(0) };
  return { kind: 'found', order: { ...order, state: 'working', ...of } };
};

describe('what the venue says of an unknown order', () => {
  it.each([
    ['working', 0, 'accept'],
    ['filled', 10, 'accept'],
    ['rejected', 0, 'reject'],
    ['cancelled', 0, 'cancel'],
    ['expired', 0, 'expire'],
    ['cancelled', 4, 'accept'],
    ['expired', 4, 'accept'],
  ] as const)('%s with %d filled is taken as: %s', (state, filled, kind) => {
    const answer = found({ state, filledQuantity: quantity(filled) });
    expect(resolve(unknown, answer, VIEW)).toMatchObject({ kind: 'event', event: { kind } });
  });

  it('never brings a fill', () => {
    const answer = found({ state: 'filled', filledQuantity: quantity(10) });
    const resolution = resolve(unknown, answer, VIEW);
    const order =
      resolution.kind === 'event' ? advance(unknown, resolution.event, at(1)) : undefined;
    expect(order).toMatchObject({ state: 'accepted', filledQuantity: 0 });
  });

  it('keeps its reason', () => {
    const answer = found({ state: 'rejected', reason: 'no money' });
    expect(resolve(unknown, answer, VIEW)).toMatchObject({ event: { reason: 'no money' } });
  });
});

describe('an absent order', () => {
  const absent = { kind: 'absent' } as const;

  it.each([
    ['is sent again while fresh', {}, 'resend'],
    ['waits for the visibility', { capabilities: { ...CAREFUL, visibilityMs: 10_001 } }, 'wait'],
    ['is given up once expired', { nowUs: at(3) }, 'event'],
    ['is given up once killed', { killed: true }, 'event'],
    ['is not given up too soon', { killed: true, sinceSentMs: 999 }, 'wait'],
    [
      'is given up where it could become two',
      { capabilities: { ...CAREFUL, enforcesClientOrderId: false } },
      'event',
    ],
  ] as const)('%s', (_, of, kind) => {
    expect(resolve(unknown, absent, { ...VIEW, ...of }).kind).toBe(kind);
  });

  it('may be sent at the very moment of its expiry', () => {
    const view = { ...VIEW, nowUs: unknown.expiresAtUs };
    expect(resolve(unknown, absent, view).kind).toBe('resend');
  });

  it('of a venue that does not answer is not known to be absent', () => {
    const answer = { kind: 'unreachable', why: 'down' } as const;
    expect(resolve(unknown, answer, { ...VIEW, nowUs: at(9) })).toEqual({ kind: 'wait' });
  });
});

describe('an outcome', () => {
  const refusal = { policy: 'kill-switch', reason: 'fire' };

  it('withheld denies what was never sent, and says nothing of what may have been', () => {
    const outcome = { kind: 'withheld', refusal } as const;
    expect(eventOfOutcome(submitting, outcome)?.kind).toBe('deny');
    expect(eventOfOutcome(unknown, outcome)).toBeUndefined();
  });
});

describe('the kill switch', () => {
  const reducing = { ...terms('a'), reducing: true };

  it.each([
    ['off', terms('a'), false, false],
    ['soft', terms('a'), false, true],
    ['soft', reducing, false, false],
    ['hard', reducing, false, true],
    ['hard', reducing, true, false],
  ] as const)('%s forbids what it should', (mode, order, flattens, killed) => {
    expect(isKilled(order, { ...KILL_OFF, mode }, flattens)).toBe(killed);
  });
});

describe('an order that cannot be sent as it is', () => {
  const view = {
    nowUs: at(1),
    killSwitch: KILL_OFF,
    breaker: closedBreaker(5),
    capabilities: CAREFUL,
    heldSymbols: new Set<string>(),
    isClosing: () => false,
  };

  it('is refused with what the venue does not take', () => {
    expect(refusalOf(terms('a'), view)).toBeUndefined();
    const refused = [{ type: 'trailingStop' }, { timeInForce: 'onOpen' }] as const;
    for (const what of refused) {
      expect(refusalOf({ ...terms('a'), ...what }, view)?.policy).toBe('capability');
    }
  });

  it('is refused while what its bot holds is being closed, also where it reduces', () => {
    const isClosing = ({ symbol }: { readonly symbol: string }) => symbol === 'SPY';
    const closing = { ...view, isClosing };
    expect(refusalOf(terms('a', { reducing: true }), closing)?.policy).toBe('closing');
    expect(refusalOf(terms('a', { symbol: 'QQQ' }), closing)).toBeUndefined();
  });

  it.each([
    [['bracket'], { stopPriceNanos: PRICE }, true],
    [['bracket'], { takeProfitPriceNanos: PRICE }, true],
    [['bracket'], { stopPriceNanos: PRICE, trailBps: 5 }, false],
    [['trailing'], { trailNanos: PRICE }, true],
    [['trailing'], { stopPriceNanos: PRICE, trailNanos: PRICE }, false],
    [['bracket', 'trailing'], { stopPriceNanos: PRICE, trailBps: 5 }, true],
  ] as const)('leaves its exits to a venue that keeps %j: %j %s', (kept, exits, keeps) => {
    expect(holdsExits({ ...CAREFUL, exits: kept }, exits)).toBe(keeps);
  });

  it('is refused while the breaker is open, unless it reduces', () => {
    const breaker = { ...closedBreaker(5), open: true, failures: 5, reason: 'no' };
    expect(refusalOf(terms('a'), { ...view, breaker })?.policy).toBe('breaker');
    expect(refusalOf(terms('a', { reducing: true }), { ...view, breaker })).toBeUndefined();
  });
});
