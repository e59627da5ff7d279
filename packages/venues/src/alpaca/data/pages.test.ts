import { getCalendar } from '@capstan/calendar';
import { timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { readOccSymbol } from '../../market/occ-symbol.ts';
import { readActionsPage } from './actions.ts';
import { readBarsPage } from './bars.ts';
import { readChainPage, readContractsPage } from './options.ts';
import { parseWithIds } from './ticks.ts';

const calendar = getCalendar('XNYS');
const us = (text: string) => timeUs(Date.parse(text) * 1_000);
const row = (t: string, c = 10.1) => ({ t, o: 10, h: 10.25, l: 9.99, c, v: 1200, n: 3, vw: 10.05 });

describe('a page of bars', () => {
  it('is bars of its symbols, exact, within the span', () => {
    const read = readBarsPage({
      timeframe: '5m',
      fromUs: us('2024-01-02T14:30:00Z'),
      toUs: us('2024-01-02T14:40:00Z'),
      calendar,
    });
    const page = {
      bars: {
        AAPL: [row('2024-01-02T14:25:00Z'), row('2024-01-02T14:30:00Z', 10.123456789)],
        MSFT: [row('2024-01-02T14:35:00Z'), row('2024-01-02T14:40:00Z')],
        NONE: null,
      },
      next_page_token: 'more',
    };
    const { bars, nextPageToken } = read(JSON.stringify(page));
    expect(nextPageToken).toBe('more');
    expect(bars.map(({ symbol }) => symbol)).toEqual(['AAPL', 'MSFT']);
    expect(bars[0]).toEqual({
      symbol: 'AAPL',
      timeframe: '5m',
      startUs: us('2024-01-02T14:30:00Z'),
      endUs: us('2024-01-02T14:35:00Z'),
      revision: 0,
      openNanos: 10_000_000_000,
      highNanos: 10_250_000_000,
      lowNanos: 9_990_000_000,
      closeNanos: 10_123_456_789,
      volume: 1200,
    });
  });

  it('of days has sessions as spans, early closes too', () => {
    const read = readBarsPage({
      timeframe: '1d',
      fromUs: us('2024-07-02T00:00:00Z'),
      toUs: us('2024-07-05T00:00:00Z'),
      calendar,
    });
    const page = { bars: { SPY: [row('2024-07-02T04:00:00Z'), row('2024-07-03T04:00:00Z')] } };
    const { bars, nextPageToken } = read(JSON.stringify(page));
    expect(nextPageToken).toBeUndefined();
    expect(bars.map(({ startUs, endUs }) => [startUs, endUs])).toEqual([
      [us('2024-07-02T13:30:00Z'), us('2024-07-02T20:00:00Z')],
      [us('2024-07-03T13:30:00Z'), us('2024-07-03T17:00:00Z')],
    ]);
  });

  it('may be empty, and is told where it is no page', () => {
    const span = { timeframe: '1m', fromUs: timeUs(0), toUs: timeUs(1), calendar } as const;
    expect(readBarsPage(span)('{"bars":{},"next_page_token":null}').bars).toEqual([]);
    expect(() => readBarsPage(span)(JSON.stringify({ bars: { A: [row('x')] } }))).toThrow(
      /not a time/,
    );
    const noPrice = '{"bars":{"A":[{"t":"1970-01-01T00:00:00Z","o":null}]}}';
    expect(() => readBarsPage(span)(noPrice)).toThrow();
  });
});

describe('a page of corporate actions', () => {
  it('is splits and dividends by date; new stock is a split', () => {
    const dates = { ex_date: '2024-06-10', process_date: '2024-06-10' };
    const page = {
      corporate_actions: {
        forward_splits: [{ ...dates, symbol: 'NVDA', new_rate: 10, old_rate: 1 }],
        reverse_splits: [
          { ...dates, ex_date: '2024-06-11', symbol: 'X', new_rate: 1, old_rate: 12 },
        ],
        stock_dividends: [{ ex_date: '2024-06-09', symbol: 'Y', rate: 0.05 }],
        cash_dividends: [
          { ...dates, symbol: 'NVDA', rate: 0.01, payable_date: '2024-06-28', special: false },
        ],
        spin_offs: [{ whatever: 1 }],
      },
      next_page_token: null,
    };
    expect(readActionsPage(JSON.stringify(page)).actions).toEqual([
      { kind: 'split', symbol: 'Y', exDate: '2024-06-09', newUnits: 21, oldUnits: 20 },
      { kind: 'split', symbol: 'NVDA', exDate: '2024-06-10', newUnits: 10, oldUnits: 1 },
      {
        kind: 'dividend',
        symbol: 'NVDA',
        exDate: '2024-06-10',
        perUnitNanos: 10_000_000,
        payDate: '2024-06-28',
      },
      { kind: 'split', symbol: 'X', exDate: '2024-06-11', newUnits: 1, oldUnits: 12 },
    ]);
  });

  it('is refused where a split has no rate', () => {
    const page = {
      corporate_actions: { forward_splits: [{ symbol: 'A', ex_date: '2024-01-02' }] },
    };
    expect(() => readActionsPage(JSON.stringify(page))).toThrow(/new_rate/);
  });
});

describe('options', () => {
  it('are read from their symbols', () => {
    expect(readOccSymbol('AAPL260116C00150500')).toEqual({
      underlying: 'AAPL',
      right: 'call',
      expiration: '2026-01-16',
      strikeNanos: 150_500_000_000,
    });
    expect(readOccSymbol('AAPL')).toBeUndefined();
  });

  it('of a chain have what the vendor knows, and nothing else', () => {
    const t = '2024-01-02T15:00:00.5Z';
    const page = {
      snapshots: {
        QQQ240119P00400000: {
          latestQuote: { t, bp: 1.01, bs: 5, ap: 1.05, as: 7, ax: 'C', bx: 'C', c: ' ' },
          latestTrade: { t, p: 1.03, s: 2, x: 'C', c: 'a' },
          greeks: { delta: -0.4, gamma: 0.02, theta: -0.1, vega: 0.3, rho: 0 },
          impliedVolatility: 0.21,
        },
        QQQ240119C00400000: {},
        odd: {},
      },
    };
    const { options } = readChainPage(JSON.stringify(page), 'QQQ');
    expect(options).toHaveLength(2);
    expect(options[0]?.quote).toMatchObject({ bidNanos: 1_010_000_000, askSize: 7 });
    expect(options[0]?.lastTrade).toMatchObject({ priceNanos: 1_030_000_000, conditions: ['a'] });
    expect(options[0]?.greeks?.delta).toBe(-0.4);
    expect(Object.keys(options[1] ?? {})).toEqual(['contract']);
  });

  it('are listed with their terms', () => {
    const contract = {
      symbol: 'QQQ1240119C00400000',
      underlying_symbol: 'QQQ',
      type: 'call',
      style: 'american',
      expiration_date: '2024-01-19',
      strike_price: '400',
      size: '10',
    };
    const { contracts } = readContractsPage(JSON.stringify({ option_contracts: [contract] }));
    expect(contracts[0]).toMatchObject({ strikeNanos: 400_000_000_000, multiplier: 10 });
  });
});

it('ids beyond 2^53 stay as they are written', () => {
  expect(parseWithIds('{"i":9223372036854775807,"p":1.5}')).toEqual({
    i: '9223372036854775807',
    p: 1.5,
  });
});
