import {
  cashMicros,
  deriveId,
  orderId,
  parseCash,
  parsePrice,
  quantity,
  timeUs,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { isApproved } from './approved-order.ts';
import { approveReduction, evaluate } from './evaluate.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { intentOf, NOON, viewOf } from './risk-view.fixture.ts';

const killSwitch = { mode: 'hard', actor: 'ana', reason: 'drill' } as const;

describe('evaluate', () => {
  it('approves an intent as the order of its first attempt', () => {
    const intent = intentOf({ type: 'limit', limitPriceNanos: parsePrice('99') });
    const evaluation = evaluate(intent, viewOf(), DEFAULT_LIMITS, NOON);
    if (evaluation.kind !== 'approved') throw new Error('expected an approved order');
    expect({ ...evaluation.order }).toEqual({
      orderId: orderId({ intentId: 'intent-1', leg: 0, attempt: 1 }),
      intentId: 'intent-1',
      runId: 'live',
      accountId: 'paper',
      botId: 'a',
      symbol: 'AAA',
      side: 'buy',
      quantity: 10,
      type: 'limit',
      limitPriceNanos: parsePrice('99'),
      timeInForce: 'day',
      reducing: false,
      leg: 0,
      attempt: 1,
      decidedAtUs: NOON,
      expiresAtUs: timeUs(NOON + 60_000_000),
    });
  });

  it('gives approval to the object that it made, not to copies of it', () => {
    const intent = intentOf({ stopPriceNanos: parsePrice('101'), type: 'stop' });
    const evaluation = evaluate(intent, viewOf(), DEFAULT_LIMITS, NOON);
    if (evaluation.kind !== 'approved') throw new Error('expected an approved order');
    expect(isApproved(evaluation.order)).toBe(true);
    expect(isApproved({ ...evaluation.order })).toBe(false);
    expect(Object.isFrozen(evaluation.order)).toBe(true);
  });

  it('asks the policies in the order of the limits', () => {
    const view = viewOf({ killSwitch, cashMicros: cashMicros(0) });
    const first = evaluate(intentOf(), view, DEFAULT_LIMITS, NOON);
    expect(first).toEqual({
      kind: 'denied',
      denial: {
        denialId: deriveId('denial', 'intent-1', 'kill-switch'),
        runId: 'live',
        accountId: 'paper',
        botId: 'a',
        symbol: 'AAA',
        intentId: 'intent-1',
        causeKind: 'signal',
        causeId: 'signal-1',
        policy: 'kill-switch',
        reason: 'the hard kill switch was thrown by ana: drill',
        decidedAtUs: NOON,
      },
    });
    const turned = { ...DEFAULT_LIMITS, policies: ['buying-power', 'kill-switch'] as const };
    expect(evaluate(intentOf(), view, turned, NOON)).toMatchObject({
      denial: { policy: 'buying-power' },
    });
    const none = { ...DEFAULT_LIMITS, policies: [] };
    expect(evaluate(intentOf(), view, none, NOON).kind).toBe('approved');
  });

  it('lets a bot out of its position when everything else says no', () => {
    const view = viewOf({
      killSwitch,
      cashMicros: cashMicros(0),
      exposures: [['a', 'AAA', 10, 0, 0]],
    });
    const exit = intentOf({ side: 'sell', reducing: true });
    const late = timeUs(NOON + 3_600_000_000);
    expect(evaluate(exit, view, DEFAULT_LIMITS, late).kind).toBe('approved');
  });

  it('denies a false claim to reduce', () => {
    const exit = intentOf({ side: 'sell', reducing: true });
    expect(evaluate(exit, viewOf(), DEFAULT_LIMITS, NOON)).toMatchObject({
      kind: 'denied',
      denial: { policy: 'reduction' },
    });
  });

  it('refuses to judge what is not the account’s', () => {
    const foreign = intentOf({ accountId: 'other' });
    expect(() => evaluate(foreign, viewOf(), DEFAULT_LIMITS, NOON)).toThrow('intent of other');
    expect(() => approveReduction(foreign, viewOf(), DEFAULT_LIMITS)).toThrow('intent of other');
    const empty = intentOf({ quantity: quantity(0) });
    expect(() => evaluate(empty, viewOf(), DEFAULT_LIMITS, NOON)).toThrow('must be positive');
  });
});

describe('approveReduction', () => {
  const held = viewOf({ exposures: [['a', 'AAA', -10, 4, 0]] });
  it('approves up to the position less what is out to reduce it', () => {
    const six = intentOf({ quantity: quantity(6), reducing: true });
    expect(approveReduction(six, held, DEFAULT_LIMITS).kind).toBe('approved');
    const seven = intentOf({ quantity: quantity(7), reducing: true });
    expect(approveReduction(seven, held, DEFAULT_LIMITS)).toMatchObject({
      denial: {
        reason: 'a buy of 7 with 4 out is more than the position of -10 can be reduced by',
      },
    });
  });

  it('denies what does not claim to reduce', () => {
    const one = intentOf({ quantity: quantity(1) });
    expect(approveReduction(one, held, DEFAULT_LIMITS)).toMatchObject({
      denial: { policy: 'reduction', reason: 'the intent is not a reducing one' },
    });
  });
});

describe('resize', () => {
  const limits = {
    ...DEFAULT_LIMITS,
    bufferBps: 0,
    resize: true,
    maxSymbolNotionalMicros: parseCash('1050'),
  };
  it('takes the largest whole lot that fits, and denies the rest', () => {
    const evaluation = evaluate(intentOf({ quantity: quantity(30) }), viewOf(), limits, NOON);
    expect(evaluation).toMatchObject({
      kind: 'resized',
      order: { quantity: 10, reducing: false, intentId: 'intent-1' },
      denial: {
        policy: 'symbol-notional',
        reason: '10 of 30 go ahead: exposure in AAA would be 3000.00, at most 1050.00 is allowed',
      },
    });
  });

  it('keeps to all limits at once, and denies what nothing is left of', () => {
    const two = { ...limits, maxOrderUnits: 4 };
    const large = intentOf({ quantity: quantity(30) });
    expect(evaluate(large, viewOf(), two, NOON)).toMatchObject({ order: { quantity: 4 } });
    const full = viewOf({ exposures: [['b', 'AAA', 10, 0, 0]] });
    expect(evaluate(large, full, limits, NOON)).toMatchObject({
      kind: 'denied',
      denial: { policy: 'symbol-notional' },
    });
    const blocked = { ...limits, blockedSymbols: ['AAA'] };
    expect(evaluate(large, viewOf(), blocked, NOON)).toMatchObject({ kind: 'denied' });
  });

  it('closes what is held where the other side of zero is refused', () => {
    const exits = { stopPriceNanos: parsePrice('110') };
    const flip = intentOf({ side: 'sell', quantity: quantity(25), exits });
    const held = viewOf({ exposures: [['a', 'AAA', 10, 0, 3]] });
    const evaluation = evaluate(flip, held, { ...limits, longOnly: true }, NOON);
    expect(evaluation).toMatchObject({ kind: 'resized', order: { quantity: 7, reducing: true } });
    expect(evaluation).not.toHaveProperty('order.exits');
  });

  it('does so only where the limits say it', () => {
    const { resize: _, ...plain } = limits;
    const large = intentOf({ quantity: quantity(30) });
    expect(evaluate(large, viewOf(), plain, NOON)).toMatchObject({ kind: 'denied' });
  });
});

describe('scopes', () => {
  const limits = {
    ...DEFAULT_LIMITS,
    maxPositions: 5,
    scopes: [
      { botId: 'a', maxPositions: 1 },
      { botId: 'a', symbol: 'BBB', maxOrderUnits: 3 },
    ],
  };
  const held = viewOf({ exposures: [['a', 'AAA', 1, 0, 0]] });
  const ask = (changes: object) => evaluate(intentOf(changes), held, limits, NOON);
  it('apply to what lies in them', () => {
    expect(ask({ symbol: 'BBB', quantity: quantity(3) })).toMatchObject({
      denial: { policy: 'positions' },
    });
    expect(ask({}).kind).toBe('approved');
    expect(ask({ botId: 'b', symbol: 'BBB' }).kind).toBe('approved');
    const wide = { ...limits, scopes: limits.scopes.slice(1) };
    const four = intentOf({ symbol: 'BBB', quantity: quantity(4) });
    expect(evaluate(four, held, wide, NOON)).toMatchObject({ denial: { policy: 'order-size' } });
    const three = intentOf({ symbol: 'BBB', quantity: quantity(3) });
    expect(evaluate(three, held, wide, NOON).kind).toBe('approved');
  });
});
