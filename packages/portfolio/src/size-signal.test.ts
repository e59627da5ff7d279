import {
  cashMicros,
  type Instrument,
  intentId,
  parseCash,
  parsePrice,
  priceNanos,
  quantity,
  type Signal,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { type SizeRequest, sizeSignal } from './size-signal.ts';
import { checkSizing } from './sizing-rule.ts';

const SPY = usEquity('SPY', 'etf');
const AT = timeUs(1_700_000_040_000_000);

const SIGNAL: Signal = {
  signalId: 'signal-1',
  runId: 'live',
  botId: 'sma',
  accountId: 'paper',
  configRevision: 1,
  symbol: 'SPY',
  timeframe: '1m',
  barEndUs: AT,
  inputRevision: 0,
  direction: 'long',
  strength: 1,
  referencePriceNanos: parsePrice('450.25'),
  reason: 'fast above slow',
};

function request(changes: Partial<SizeRequest> = {}, signal: Partial<Signal> = {}): SizeRequest {
  return {
    signal: { ...SIGNAL, ...signal },
    instrument: SPY,
    sizing: { kind: 'fixedQuantity', quantity: 10 },
    positionQuantity: quantity(0),
    openBuyQuantity: quantity(0),
    openSellQuantity: quantity(0),
    equityMicros: parseCash('100000'),
    freeCashMicros: parseCash('100000'),
    decidedAtUs: AT,
    ...changes,
  };
}

function intentOf(sized: SizeRequest) {
  const sizing = sizeSignal(sized);
  if (sizing.kind !== 'intent') throw new Error(`expected an intent, got ${sizing.kind}`);
  return sizing.intent;
}

describe('sizeSignal', () => {
  it('turns a long signal of a flat bot into a buy of the full size', () => {
    expect(intentOf(request())).toEqual({
      intentId: intentId({
        runId: 'live',
        accountId: 'paper',
        symbol: 'SPY',
        causeKind: 'signal',
        causeId: 'signal-1',
      }),
      runId: 'live',
      accountId: 'paper',
      botId: 'sma',
      symbol: 'SPY',
      causeKind: 'signal',
      causeId: 'signal-1',
      side: 'buy',
      quantity: 10,
      type: 'market',
      timeInForce: 'day',
      reducing: false,
      referencePriceNanos: parsePrice('450.25'),
      decidedAtUs: AT,
    });
  });

  it('asks only for what is missing beside the position and the orders out', () => {
    const held = { positionQuantity: quantity(4), openBuyQuantity: quantity(3) };
    expect(intentOf(request(held)).quantity).toBe(3);
  });

  it('asks for nothing where the position is what the signal wants', () => {
    expect(sizeSignal(request({ positionQuantity: quantity(10) })).kind).toBe('none');
    expect(sizeSignal(request({}, { direction: 'flat' }))).toEqual({
      kind: 'none',
      why: 'SPY: position with orders out is 0 already',
    });
  });

  it('closes the position when the signal is flat, as reducing', () => {
    const intent = intentOf(request({ positionQuantity: quantity(-7) }, { direction: 'flat' }));
    expect(intent).toMatchObject({ side: 'buy', quantity: 7, reducing: true });
  });

  it('crosses zero with one intent that is not reducing', () => {
    const intent = intentOf(request({ positionQuantity: quantity(10) }, { direction: 'short' }));
    expect(intent).toMatchObject({ side: 'sell', quantity: 20, reducing: false });
  });

  it('calls an exit reducing only where it holds under the worst outcome of the orders out', () => {
    const flat = { direction: 'flat' } as const;
    const held = { positionQuantity: quantity(10), openBuyQuantity: quantity(5) };
    expect(intentOf(request(held, flat))).toMatchObject({ quantity: 15, reducing: false });
    const leaving = { positionQuantity: quantity(10), openSellQuantity: quantity(4) };
    expect(intentOf(request(leaving, flat))).toMatchObject({ quantity: 6, reducing: true });
  });

  it('scales by strength and rounds down to the lot', () => {
    expect(intentOf(request({}, { strength: 0.39 })).quantity).toBe(3);
    const round: Instrument = { ...SPY, lot: quantity(100) };
    const sizing = { kind: 'fixedQuantity', quantity: 350 } as const;
    expect(intentOf(request({ instrument: round, sizing })).quantity).toBe(300);
  });

  it('sizes by a fraction of equity', () => {
    const sizing = { kind: 'equityFraction', fraction: 0.1 } as const;
    expect(intentOf(request({ sizing })).quantity).toBe(22);
    const future: Instrument = { ...SPY, assetClass: 'future', multiplier: 50 };
    const price = { referencePriceNanos: parsePrice('5000') };
    const half = { kind: 'equityFraction', fraction: 5.5 } as const;
    expect(intentOf(request({ instrument: future, sizing: half }, price)).quantity).toBe(2);
    const coin: Instrument = { ...SPY, quantityScale: 8 };
    const coins = { kind: 'equityFraction', fraction: 1 } as const;
    const bought = intentOf(
      request({ instrument: coin, sizing: coins }, { referencePriceNanos: parsePrice('30000') }),
    );
    expect(bought.quantity).toBe(333_333_333);
  });

  it('sizes by a notional of its own, whatever the equity', () => {
    const sizing = { kind: 'fixedNotional', notionalMicros: parseCash('1000') } as const;
    expect(intentOf(request({ sizing })).quantity).toBe(2);
    expect(intentOf(request({ sizing, equityMicros: cashMicros(-1) })).quantity).toBe(2);
    const exact = { referencePriceNanos: parsePrice('100') };
    expect(intentOf(request({ sizing }, exact)).quantity).toBe(10);
    expect(intentOf(request({ sizing }, { ...exact, strength: 0.999999 })).quantity).toBe(9);
    const dear = { referencePriceNanos: parsePrice('1000.01') };
    expect(sizeSignal(request({ sizing }, dear))).toMatchObject({
      reason: '1000.00 at strength 1 and price 1000.01 is less than one lot of 1',
    });
  });

  it('denies a size of less than one lot with the figures', () => {
    const sizing = { kind: 'equityFraction', fraction: 0.001 } as const;
    expect(sizeSignal(request({ sizing }))).toEqual({
      kind: 'denied',
      policy: 'sizing',
      reason: '0.001 of equity 100000.00 at strength 1 and price 450.25 is less than one lot of 1',
    });
    expect(sizeSignal(request({}, { strength: 0.05 }))).toMatchObject({
      kind: 'denied',
      reason: '10 at strength 0.05 is less than one lot of 1',
    });
    const broke = { sizing, equityMicros: cashMicros(-1) };
    expect(sizeSignal(request(broke)).kind).toBe('denied');
  });

  it('closes what is held where the wanted size is below one lot', () => {
    const held = request({ positionQuantity: quantity(5) }, { strength: 0.01 });
    expect(intentOf(held)).toMatchObject({ side: 'sell', quantity: 5, reducing: true });
  });

  it('denies a size that is too large to count', () => {
    const coin: Instrument = { ...SPY, quantityScale: 9 };
    const sizing = { kind: 'equityFraction', fraction: 1 } as const;
    const sized = request({ instrument: coin, sizing }, { referencePriceNanos: priceNanos(1) });
    expect(sizeSignal(sized)).toMatchObject({ kind: 'denied', policy: 'sizing' });
    const geared = request({
      sizing: { kind: 'equityFraction', fraction: 100 },
      equityMicros: parseCash('100000000'),
    });
    expect(sizeSignal(geared)).toMatchObject({
      reason: expect.stringContaining('is more than can be counted'),
    });
  });

  it('sizes by cash and what it holds, whatever the equity', () => {
    const sizing = { kind: 'cashFraction', fraction: 1, feeBps: 0 } as const;
    const price = { referencePriceNanos: parsePrice('100') };
    const free = { sizing, freeCashMicros: parseCash('1050') };
    expect(intentOf(request(free, price)).quantity).toBe(10);
    expect(intentOf(request({ ...free, positionQuantity: quantity(-5) }, price))).toMatchObject({
      side: 'buy',
      quantity: 10,
    });
    const held = request({ ...free, positionQuantity: quantity(5) }, { ...price, strength: 0.5 });
    expect(intentOf(held)).toMatchObject({ side: 'buy', quantity: 2 });
    const broke = request({ ...free, freeCashMicros: parseCash('99') }, price);
    expect(sizeSignal(broke)).toMatchObject({
      reason: '1 of 99.00 free at strength 1 and price 100.00 is less than one lot of 1',
    });
  });

  it('rounds a limit to the tick so that it never becomes more aggressive', () => {
    const limitPriceNanos = parsePrice('450.126');
    expect(intentOf(request({}, { limitPriceNanos, timeInForce: 'gtc' }))).toMatchObject({
      type: 'limit',
      limitPriceNanos: parsePrice('450.12'),
      timeInForce: 'gtc',
    });
    const short = intentOf(request({}, { limitPriceNanos, direction: 'short' }));
    expect(short.limitPriceNanos).toBe(parsePrice('450.13'));
  });

  it('denies numbers that cannot be traded on', () => {
    for (const signal of [
      { strength: 1.2 },
      { strength: Number.NaN },
      { referencePriceNanos: priceNanos(0) },
      { limitPriceNanos: priceNanos(1) },
    ]) {
      expect(sizeSignal(request({}, signal))).toMatchObject({ kind: 'denied', policy: 'sizing' });
    }
  });

  it('gives an entry the protective exits of its signal, on the tick away from the market', () => {
    const trailBps = 150;
    const prices = {
      stopPriceNanos: parsePrice('440.006'),
      takeProfitPriceNanos: parsePrice('460.001'),
    };
    expect(intentOf(request({}, { ...prices, trailBps })).exits).toEqual({
      stopPriceNanos: parsePrice('440'),
      takeProfitPriceNanos: parsePrice('460.01'),
      trailBps,
    });
    const short = {
      stopPriceNanos: parsePrice('460.001'),
      takeProfitPriceNanos: parsePrice('440.006'),
    };
    expect(intentOf(request({}, { ...short, direction: 'short' })).exits).toEqual({
      stopPriceNanos: parsePrice('460.01'),
      takeProfitPriceNanos: parsePrice('440'),
    });
    expect(intentOf(request()).exits).toBeUndefined();
  });

  it('gives exits to what adds and to a reversal, and none to what only closes', () => {
    const stop = { stopPriceNanos: parsePrice('440') };
    const held = { positionQuantity: quantity(3) };
    expect(intentOf(request(held, stop)).exits).toEqual(stop);
    expect(intentOf(request({ positionQuantity: quantity(-3) }, stop)).exits).toEqual(stop);
    expect(intentOf(request(held, { ...stop, direction: 'flat' })).exits).toBeUndefined();
    const smaller = intentOf(request({ positionQuantity: quantity(30) }, stop));
    expect([smaller.side, smaller.reducing, smaller.exits]).toEqual(['sell', true, undefined]);
    const out = { positionQuantity: quantity(0), openBuyQuantity: quantity(30) };
    expect(intentOf(request(out, stop))).toMatchObject({ side: 'sell', reducing: false });
    expect(intentOf(request(out, stop)).exits).toBeUndefined();
  });

  it('denies an entry whose exits lie on the wrong side of it, with the figures', () => {
    const reasonOf = (signal: Partial<Signal>) => {
      const sizing = sizeSignal(request({}, signal));
      return sizing.kind === 'denied' ? sizing.reason : sizing.kind;
    };
    const price = parsePrice;
    expect(reasonOf({ stopPriceNanos: price('450.25') })).toBe(
      "the stop price is not below the entry's price (entry 450.25, stop 450.25)",
    );
    expect(reasonOf({ takeProfitPriceNanos: price('450') })).toBe(
      "the take-profit price is not above the entry's price (entry 450.25, take-profit 450.00)",
    );
    expect(reasonOf({ stopPriceNanos: price('440'), direction: 'short' })).toContain('not above');
    expect(reasonOf({ stopPriceNanos: price('0.001') })).toContain('below one tick');
    expect(reasonOf({ limitPriceNanos: price('439'), stopPriceNanos: price('440') })).toContain(
      'entry 439.00',
    );
    expect(reasonOf({ trailNanos: price('1'), trailBps: 5 })).toContain('give one');
    expect(reasonOf({ trailBps: 0.00001 })).toContain('four decimals');
  });
});

describe('checkSizing', () => {
  it('refuses rules that cannot size anything', () => {
    for (const bad of [
      { kind: 'fixedQuantity', quantity: 0 },
      { kind: 'fixedQuantity', quantity: 1.5 },
      { kind: 'fixedNotional', notionalMicros: 0 },
      { kind: 'fixedNotional', notionalMicros: 0.5 },
      { kind: 'equityFraction', fraction: 0 },
      { kind: 'equityFraction', fraction: 101 },
      { kind: 'equityFraction', fraction: Number.NaN },
      { kind: 'cashFraction', fraction: 1.1, feeBps: 1 },
      { kind: 'cashFraction', fraction: 1, feeBps: -1 },
      { kind: 'cashFraction', fraction: 1, feeBps: 0.00001 },
    ] as const) {
      expect(() => checkSizing(bad)).toThrow(expect.objectContaining({ code: 'PORTFOLIO.SIZING' }));
    }
    checkSizing({ kind: 'fixedQuantity', quantity: 1 });
    checkSizing({ kind: 'fixedNotional', notionalMicros: 1 });
    checkSizing({ kind: 'equityFraction', fraction: 0.25 });
    checkSizing({ kind: 'cashFraction', fraction: 1, feeBps: 0.0001 });
  });
});
