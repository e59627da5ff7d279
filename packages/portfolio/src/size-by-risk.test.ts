import {
  cashMicros,
  type Instrument,
  parseCash,
  parsePrice,
  priceNanos,
  quantity,
  type Signal,
  type SizingRule,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { type SizeRequest, sizeSignal } from './size-signal.ts';

const AT = timeUs(1_700_000_040_000_000);
const SIGNAL: Signal = {
  signalId: 'signal-1',
  runId: 'live',
  botId: 'trend',
  accountId: 'paper',
  configRevision: 1,
  symbol: 'SPY',
  timeframe: '1d',
  barEndUs: AT,
  inputRevision: 0,
  direction: 'long',
  strength: 1,
  referencePriceNanos: parsePrice('100'),
  reason: '',
};
/** One percent of equity at risk over two ranges of 14 bars. */
const BY_ATR: SizingRule = {
  kind: 'atrRisk',
  riskFraction: 0.01,
  atrBars: 14,
  atrMultiple: 2,
  maxFraction: 1,
};
/** A tenth of equity a year. */
const BY_VOLATILITY: SizingRule = {
  kind: 'volatilityTarget',
  annualVolatility: 0.1,
  lookbackBars: 20,
  maxFraction: 2,
};

function sizingOf(
  sizing: SizingRule,
  signal: Partial<Signal> = {},
  changes: Partial<SizeRequest> = {},
) {
  return sizeSignal({
    signal: { ...SIGNAL, ...signal },
    instrument: usEquity('SPY', 'etf'),
    sizing,
    positionQuantity: quantity(0),
    openBuyQuantity: quantity(0),
    openSellQuantity: quantity(0),
    equityMicros: parseCash('100000'),
    freeCashMicros: parseCash('100000'),
    decidedAtUs: AT,
    ...changes,
  });
}

/** The signed quantity of the intent, or why there is none. */
function outcomeOf(...given: Parameters<typeof sizingOf>): number | string {
  const sized = sizingOf(...given);
  if (sized.kind !== 'intent') return sized.kind === 'denied' ? sized.reason : sized.why;
  return sized.intent.side === 'buy' ? sized.intent.quantity : -sized.intent.quantity;
}

const atr = (text: string) => ({ atrNanos: parsePrice(text) });

describe('sizing by what a trade may lose', () => {
  it('risks the fraction of equity, or the cash, over so many average true ranges', () => {
    // 1,000 at risk ÷ (2 × 2.50) a share.
    expect(outcomeOf(BY_ATR, atr('2.5'))).toBe(200);
    expect(outcomeOf(BY_ATR, { ...atr('2.5'), direction: 'short' })).toBe(-200);
    expect(outcomeOf(BY_ATR, { ...atr('2.5'), strength: 0.5 })).toBe(100);
    const { riskFraction: _, ...rest } = BY_ATR;
    const cash: SizingRule = { ...rest, riskMicros: parseCash('400') };
    expect(outcomeOf(cash, atr('2.5'))).toBe(80);
    // What a share loses is a hair above 5: 200 would lose more than 1,000.
    expect(outcomeOf(BY_ATR, atr('2.50000001'))).toBe(199);
  });

  it('counts a future by its multiplier', () => {
    const instrument: Instrument = { ...usEquity('ES'), assetClass: 'future', multiplier: 50 };
    const price = { referencePriceNanos: parsePrice('5000') };
    const wide = { ...BY_ATR, maxFraction: 100 };
    expect(outcomeOf(wide, { ...price, ...atr('2') }, { instrument })).toBe(5);
  });

  it('goes by the way to the protective stop where the signal has one, whatever the range', () => {
    const stop = { stopPriceNanos: parsePrice('95') };
    expect(outcomeOf(BY_ATR, { ...stop, ...atr('50') })).toBe(200);
    expect(outcomeOf(BY_ATR, stop)).toBe(200);
    // On the tick, away from the market: 94.99.
    expect(outcomeOf(BY_ATR, { stopPriceNanos: parsePrice('94.999') })).toBe(199);
    const above = { stopPriceNanos: parsePrice('104'), direction: 'short' } as const;
    expect(outcomeOf(BY_ATR, above)).toBe(-250);
    expect(outcomeOf(BY_ATR, { ...stop, trailNanos: parsePrice('4') })).toBe(250);
    expect(outcomeOf(BY_ATR, { ...stop, trailBps: 800 })).toBe(200);
    expect(outcomeOf(BY_ATR, { trailBps: 800 })).toBe(125);
  });

  it('measures the way from the worst price that the entry names', () => {
    const stop = { stopPriceNanos: parsePrice('90') };
    expect(outcomeOf(BY_ATR, { ...stop, limitPriceNanos: parsePrice('98') })).toBe(125);
    expect(outcomeOf(BY_ATR, { ...stop, entryStopPriceNanos: parsePrice('110') })).toBe(50);
    const band = { entryStopPriceNanos: parsePrice('102'), limitPriceNanos: parsePrice('110') };
    expect(outcomeOf(BY_ATR, { ...stop, ...band })).toBe(50);
  });

  it('never asks for more notional than the cap, also where the range is tiny', () => {
    expect(outcomeOf(BY_ATR, { atrNanos: priceNanos(1) })).toBe(1_000);
    expect(outcomeOf({ ...BY_ATR, maxFraction: 0.25 }, atr('0.01'))).toBe(250);
    expect(outcomeOf({ ...BY_ATR, maxFraction: 0.25 }, { ...atr('0.01'), strength: 0.5 })).toBe(
      125,
    );
    const coin: Instrument = { ...usEquity('BTC'), quantityScale: 9 };
    expect(outcomeOf(BY_ATR, { atrNanos: priceNanos(1) }, { instrument: coin })).toBe(1e12);
    const broke = { equityMicros: cashMicros(-1) };
    expect(outcomeOf(BY_ATR, atr('1'), broke)).toContain('is less than one lot');
  });

  it('opens nothing while the risk cannot be measured, and says why', () => {
    expect(outcomeOf(BY_ATR)).toBe('the average true range of 14 bars is not known yet');
    expect(outcomeOf(BY_ATR, atr('0'))).toBe('the price has not moved in 14 bars');
    const huge = { atrNanos: priceNanos(Number.MAX_SAFE_INTEGER) };
    expect(outcomeOf(BY_ATR, huge)).toContain('more than can be counted');
    expect(outcomeOf(BY_ATR, { stopPriceNanos: parsePrice('101') })).toContain('not below');
    const held = { positionQuantity: quantity(5) };
    expect(outcomeOf(BY_ATR, {}, held)).toContain('not known yet');
  });
});

describe('sizing to a volatility', () => {
  it('holds equity × target ÷ volatility a year, by the bars that a year has', () => {
    // 0.02 a session is 0.02 × √252 = 0.3175 a year: 0.314970 of 100,000 at 100.
    expect(outcomeOf(BY_VOLATILITY, { barVolatility: 0.02 })).toBe(314);
    expect(outcomeOf(BY_VOLATILITY, { barVolatility: 0.02, direction: 'short' })).toBe(-314);
    // The same volatility a year by minutes: 0.02 ÷ √390 a minute.
    const minute = { timeframe: '1m', barVolatility: 0.02 / Math.sqrt(390) } as const;
    expect(outcomeOf(BY_VOLATILITY, minute)).toBe(314);
    const coin: Instrument = { ...usEquity('BTC'), calendar: '24x7' };
    // 0.02 × √365 = 0.3821 a year.
    expect(outcomeOf(BY_VOLATILITY, { barVolatility: 0.02 }, { instrument: coin })).toBe(261);
  });

  it('never asks for more notional than the cap', () => {
    expect(outcomeOf(BY_VOLATILITY, { barVolatility: 1e-12 })).toBe(2_000);
    expect(outcomeOf(BY_VOLATILITY, { barVolatility: 1e-300 })).toBe(2_000);
  });

  it('opens nothing while the volatility is not known, and says why', () => {
    expect(outcomeOf(BY_VOLATILITY)).toBe('the volatility of 20 bars is not known yet');
    expect(outcomeOf(BY_VOLATILITY, { barVolatility: 0 })).toBe(
      'the price has not moved in 20 bars',
    );
    expect(outcomeOf(BY_VOLATILITY, { barVolatility: Number.NaN })).toContain('has not moved');
  });
});

describe.each([BY_ATR, BY_VOLATILITY])('exits of $kind', (sizing) => {
  it('are never held up by a risk that cannot be measured', () => {
    const long = { positionQuantity: quantity(7) };
    expect(outcomeOf(sizing, { direction: 'flat' }, long)).toBe(-7);
    expect(outcomeOf(sizing, { strength: 0 }, long)).toBe(-7);
    const closed = sizingOf(sizing, { direction: 'short' }, long);
    expect(closed).toMatchObject({
      kind: 'intent',
      intent: { side: 'sell', quantity: 7, reducing: true },
    });
    expect(outcomeOf(sizing, {}, { positionQuantity: quantity(-7) })).toBe(7);
  });
});
