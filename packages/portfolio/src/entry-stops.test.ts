import {
  type Intent,
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

const AT = timeUs(1_700_000_040_000_000);

function sized(signal: Partial<Signal>, changes: Partial<SizeRequest> = {}) {
  return sizeSignal({
    signal: {
      signalId: 'signal-1',
      runId: 'live',
      botId: 'breakout',
      accountId: 'paper',
      configRevision: 1,
      symbol: 'SPY',
      timeframe: '1m',
      barEndUs: AT,
      inputRevision: 0,
      direction: 'long',
      strength: 1,
      referencePriceNanos: parsePrice('100'),
      reason: '',
      ...signal,
    },
    instrument: usEquity('SPY', 'etf'),
    sizing: { kind: 'fixedQuantity', quantity: 10 },
    positionQuantity: quantity(0),
    openBuyQuantity: quantity(0),
    openSellQuantity: quantity(0),
    equityMicros: parseCash('1000'),
    freeCashMicros: parseCash('1000'),
    decidedAtUs: AT,
    ...changes,
  });
}

function intentOf(...given: Parameters<typeof sized>): Intent {
  const sizing = sized(...given);
  if (sizing.kind !== 'intent') throw new Error(`expected an intent, got ${sizing.kind}`);
  return sizing.intent;
}

const price = parsePrice;
/** Type and prices of an intent, prices as numbers of currency. */
function termsOf({ type, stopPriceNanos, limitPriceNanos }: Intent) {
  return [type, (stopPriceNanos ?? 0) / 1e9, (limitPriceNanos ?? 0) / 1e9];
}

describe('an entry by stop', () => {
  it('is a stop order on the tick that never triggers sooner, with a limit a stop-limit order', () => {
    const stop = { entryStopPriceNanos: price('101.001') };
    expect(termsOf(intentOf(stop))).toEqual(['stop', 101.01, 0]);
    const band = { ...stop, limitPriceNanos: price('101.509') };
    expect(termsOf(intentOf(band))).toEqual(['stopLimit', 101.01, 101.5]);
    const short = { direction: 'short', entryStopPriceNanos: price('98.999') } as const;
    expect(termsOf(intentOf(short))).toEqual(['stop', 98.99, 0]);
    const floor = { ...short, limitPriceNanos: price('98.501') };
    expect(termsOf(intentOf(floor))).toEqual(['stopLimit', 98.99, 98.51]);
    expect(intentOf(stop)).toMatchObject({ side: 'buy', quantity: 10, timeInForce: 'day' });
  });

  it('has triggered where the deciding close has reached it', () => {
    const reached = { entryStopPriceNanos: price('100') };
    expect(termsOf(intentOf(reached))).toEqual(['market', 0, 0]);
    expect(termsOf(intentOf({ ...reached, limitPriceNanos: price('101') }))).toEqual([
      'limit',
      0,
      101,
    ]);
    const below = { direction: 'short', entryStopPriceNanos: price('100.5') } as const;
    expect(termsOf(intentOf(below))).toEqual(['market', 0, 0]);
    expect(termsOf(intentOf({ entryStopPriceNanos: price('100.001') }))[0]).toBe('stop');
  });

  it('waits for a reversal too, and does not hold up what only reduces', () => {
    const stop = { direction: 'short', entryStopPriceNanos: price('95') } as const;
    const held = { positionQuantity: quantity(10) };
    const reversal = intentOf(stop, held);
    expect(termsOf(reversal)).toEqual(['stop', 95, 0]);
    expect(reversal.quantity).toBe(20);
    const less = {
      strength: 0.4,
      entryStopPriceNanos: price('105'),
      limitPriceNanos: price('106'),
    };
    const smaller = intentOf(less, held);
    expect([smaller.side, smaller.quantity, smaller.reducing]).toEqual(['sell', 6, true]);
    expect(termsOf(smaller)).toEqual(['market', 0, 0]);
  });

  it('is counted at the highest price that it names, as risk reserves it', () => {
    const all = { sizing: { kind: 'equityFraction', fraction: 1 } } as const;
    const stop = { entryStopPriceNanos: price('125') };
    expect(intentOf(stop, all).quantity).toBe(8);
    expect(intentOf({ ...stop, limitPriceNanos: price('200') }, all).quantity).toBe(5);
    const short = { direction: 'short', entryStopPriceNanos: price('50') } as const;
    expect(intentOf(short, all).quantity).toBe(10);
    expect(intentOf({ entryStopPriceNanos: price('80') }, all).quantity).toBe(10);
  });

  it('takes exits that fit all prices at which it may fill', () => {
    const stop = { entryStopPriceNanos: price('105') };
    const exits = { stopPriceNanos: price('102'), takeProfitPriceNanos: price('110') };
    expect(intentOf({ ...stop, ...exits }).exits).toEqual(exits);
    const beyond = sized({ ...stop, stopPriceNanos: price('105') });
    expect(beyond).toMatchObject({ reason: expect.stringContaining('entry 105.00') });
    const band = { ...stop, limitPriceNanos: price('110.5') };
    expect(sized({ ...band, ...exits })).toMatchObject({
      reason: expect.stringContaining('entry 110.50'),
    });
  });

  it('is refused where no venue could take it', () => {
    const tiny = { entryStopPriceNanos: priceNanos(1) };
    expect(sized(tiny)).toMatchObject({
      kind: 'denied',
      reason: expect.stringMatching(/one tick/),
    });
    const auction = { entryStopPriceNanos: price('101'), timeInForce: 'onOpen' } as const;
    expect(sized(auction)).toMatchObject({
      kind: 'denied',
      reason: "an entry by stop cannot be in force 'onOpen'",
    });
  });
});

it('judges exits against the limit as it is sent', () => {
  // Both round to 99.00: the stop would not lie below the entry any more.
  const same = { limitPriceNanos: price('99.009'), stopPriceNanos: price('99.005') };
  expect(sized(same)).toMatchObject({ kind: 'denied', reason: expect.stringMatching(/not below/) });
});
