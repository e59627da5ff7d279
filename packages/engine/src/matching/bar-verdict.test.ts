import { formatPrice, priceNanos } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { barVerdict } from './bar-verdict.ts';
import { matcherRules, PLAIN_MATCHER_CONFIG } from './matcher-config.ts';
import type { SlippageModel } from './slippage.ts';
import { type TestTerms, testBar, testOrder } from './test-world.ts';

interface Case extends TestTerms {
  readonly bar: string;
  readonly touch?: boolean;
  readonly slippage?: SlippageModel;
  readonly triggered?: boolean;
}

/** Says what a bar (open high low close) does to an order: `100.5 at open`, `triggered`, `waits`. */
function verdict(given: Case): string {
  const rules = matcherRules({
    ...PLAIN_MATCHER_CONFIG,
    limitFill: given.touch === true ? 'touch' : 'through',
    slippage: given.slippage ?? { kind: 'none' },
  });
  const order = { terms: testOrder(given), triggered: given.triggered ?? given.stop === undefined };
  const { triggered, fill } = barVerdict(order, testBar(given.bar), priceNanos(10_000_000), rules);
  if (fill === undefined) return triggered && !order.triggered ? 'triggered' : 'waits';
  return `${formatPrice(fill.priceNanos)} at ${fill.atOpen ? 'open' : 'end'}`;
}

describe('a market order', () => {
  it('fills at the open', () => {
    expect(verdict({ bar: '100 101 99 100.50' })).toBe('100.00 at open');
    expect(verdict({ side: 'sell', bar: '100 101 99 100.50' })).toBe('100.00 at open');
  });

  it('slips against the taker, by ticks or basis points', () => {
    const ticks = { kind: 'ticks', slippageTicks: 3 } as const;
    expect(verdict({ bar: '100 101 99 100', slippage: ticks })).toBe('100.03 at open');
    expect(verdict({ side: 'sell', bar: '100 101 99 100', slippage: ticks })).toBe('99.97 at open');
    const bps = { kind: 'bps', slippageBps: 2.5 } as const;
    expect(verdict({ bar: '123.45 124 123 123', slippage: bps })).toBe('123.4808625 at open');
    expect(verdict({ side: 'sell', bar: '123.45 124 123 123', slippage: bps })).toBe(
      '123.4191375 at open',
    );
  });

  it('never slips out of the bar', () => {
    const slippage = { kind: 'ticks', slippageTicks: 50 } as const;
    expect(verdict({ bar: '100 100.20 99.90 100', slippage })).toBe('100.20 at open');
    expect(verdict({ side: 'sell', bar: '100 100.20 99.90 100', slippage })).toBe('99.90 at open');
  });
});

describe('a limit order', () => {
  it('is not filled at the touch, but one tick through, at its price', () => {
    expect(verdict({ limit: '99.50', bar: '100 101 99.50 100' })).toBe('waits');
    expect(verdict({ limit: '99.50', bar: '100 101 99.49 100' })).toBe('99.50 at end');
    expect(verdict({ side: 'sell', limit: '100.50', bar: '100 100.50 99 100' })).toBe('waits');
    expect(verdict({ side: 'sell', limit: '100.50', bar: '100 100.51 99 100' })).toBe(
      '100.50 at end',
    );
  });

  it('is filled at the touch where the configuration says so', () => {
    expect(verdict({ touch: true, limit: '99.50', bar: '100 101 99.50 100' })).toBe('99.50 at end');
    expect(verdict({ touch: true, limit: '99.50', bar: '100 101 99.51 100' })).toBe('waits');
    expect(verdict({ touch: true, limit: '99.50', bar: '99.50 101 99.50 100' })).toBe(
      '99.50 at open',
    );
    expect(verdict({ touch: true, side: 'sell', limit: '101', bar: '100 101 99.50 100' })).toBe(
      '101.00 at end',
    );
  });

  it('fills at the open where the bar opens beyond it', () => {
    expect(verdict({ limit: '99.50', bar: '98 100 97 99' })).toBe('98.00 at open');
    expect(verdict({ side: 'sell', limit: '100.50', bar: '102 103 101 102' })).toBe(
      '102.00 at open',
    );
  });

  it('is not filled by an open exactly at its price, unless the bar goes through later', () => {
    expect(verdict({ limit: '99.50', bar: '99.50 100 99.50 100' })).toBe('waits');
    expect(verdict({ limit: '99.50', bar: '99.50 100 99.40 100' })).toBe('99.50 at end');
  });

  it('stays inside a bar that trades off the tick wholly below its price', () => {
    expect(verdict({ limit: '99.50', bar: '99.495 99.496 99.40 99.45' })).toBe('99.496 at end');
  });

  it('never slips', () => {
    const slippage = { kind: 'ticks', slippageTicks: 5 } as const;
    expect(verdict({ limit: '99.50', bar: '98 100 97 99', slippage })).toBe('98.00 at open');
    expect(verdict({ limit: '99.50', bar: '100 100 97 99', slippage })).toBe('99.50 at end');
  });
});

describe('a stop order', () => {
  it('waits until its price trades', () => {
    expect(verdict({ stop: '101', bar: '100 100.99 99 100' })).toBe('waits');
    expect(verdict({ side: 'sell', stop: '99', bar: '100 101 99.01 100' })).toBe('waits');
  });

  it('fills at its price when the bar reaches it', () => {
    expect(verdict({ stop: '101', bar: '100 101 99 100' })).toBe('101.00 at end');
    expect(verdict({ side: 'sell', stop: '99', bar: '100 101 98 100' })).toBe('99.00 at end');
  });

  it('fills at the open when the bar gaps through it', () => {
    expect(verdict({ stop: '101', bar: '103 104 102 103' })).toBe('103.00 at open');
    expect(verdict({ side: 'sell', stop: '99', bar: '97 98 96 97' })).toBe('97.00 at open');
    expect(verdict({ stop: '101', bar: '101 102 100 101' })).toBe('101.00 at open');
  });

  it('slips against the taker within the bar', () => {
    const slippage = { kind: 'ticks', slippageTicks: 5 } as const;
    expect(verdict({ stop: '101', bar: '100 102 99 100', slippage })).toBe('101.05 at end');
    expect(verdict({ stop: '101', bar: '100 101.02 99 100', slippage })).toBe('101.02 at end');
    expect(verdict({ side: 'sell', stop: '99', bar: '97 98 96 97', slippage })).toBe(
      '96.95 at open',
    );
  });

  it('is a market order once triggered', () => {
    expect(verdict({ stop: '101', triggered: true, bar: '95 96 94 95' })).toBe('95.00 at open');
  });
});

describe('a stop-limit order', () => {
  const buy = { stop: '101', limit: '102' };
  const sell = { side: 'sell', stop: '99', limit: '98' } as const;

  it('waits until its stop trades, also where its limit would fill', () => {
    expect(verdict({ ...buy, bar: '100 100.99 99 100' })).toBe('waits');
    expect(verdict({ ...sell, bar: '100 101 99.01 100' })).toBe('waits');
  });

  it('fills at the open when the bar gaps over the stop but not the limit', () => {
    expect(verdict({ ...buy, bar: '101.50 103 101 102.50' })).toBe('101.50 at open');
    expect(verdict({ ...sell, bar: '98.50 99 97 97' })).toBe('98.50 at open');
  });

  it('is triggered and not filled when the bar gaps over the limit and stays there', () => {
    expect(verdict({ ...buy, bar: '103 104 102.50 103' })).toBe('triggered');
    expect(verdict({ ...sell, bar: '97 97.50 96 97' })).toBe('triggered');
  });

  it('fills at the limit when the bar gaps over it and comes back through it', () => {
    expect(verdict({ ...buy, bar: '103 104 101.99 103' })).toBe('102.00 at end');
    expect(verdict({ ...sell, bar: '97 98.01 96 97' })).toBe('98.00 at end');
  });

  it('triggered inside the bar, fills at the worst price of limit and bar if the close is within', () => {
    expect(verdict({ ...buy, bar: '100 103 99 101' })).toBe('102.00 at end');
    expect(verdict({ ...buy, bar: '100 101.20 99 101' })).toBe('101.20 at end');
    expect(verdict({ ...sell, bar: '100 101 97 99' })).toBe('98.00 at end');
    expect(verdict({ ...sell, bar: '100 101 98.70 99' })).toBe('98.70 at end');
  });

  it('triggered inside the bar, waits if the close is beyond the limit', () => {
    expect(verdict({ ...buy, bar: '100 103 99 102.50' })).toBe('triggered');
    expect(verdict({ ...buy, bar: '100 103 99 102' })).toBe('triggered');
    expect(verdict({ ...buy, touch: true, bar: '100 103 99 102' })).toBe('102.00 at end');
    expect(verdict({ ...sell, bar: '100 101 97 97.50' })).toBe('triggered');
  });

  it('is a limit order once triggered', () => {
    expect(verdict({ ...buy, triggered: true, bar: '103 104 101.99 103' })).toBe('102.00 at end');
    expect(verdict({ ...buy, triggered: true, bar: '100 100 99 100' })).toBe('100.00 at open');
    expect(verdict({ ...buy, triggered: true, bar: '103 104 102 103' })).toBe('waits');
  });
});
