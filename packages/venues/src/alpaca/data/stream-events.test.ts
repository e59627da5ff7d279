import { timeUs, US_PER_MINUTE } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { REVISIONS_KEPT_MINUTES } from './limits.ts';
import { StreamEvents } from './stream-events.ts';

const at = '2026-01-05T15:00:00.123456789Z';
const AT_US = timeUs(Date.parse('2026-01-05T15:00:00Z') * 1_000 + 123_456);
const timestamp = new Date(0);
const bar = (minute: number, close = 10.5, symbol = 'A') => ({
  symbol,
  ...{ open: 10, high: 11, low: 9.99, close, volume: 100.7, timestamp },
  timestampRaw: `${new Date(Date.parse('2026-01-05T15:00:00Z') + minute * 60_000).toISOString().slice(0, 19)}.000000000Z`,
});
const told = { symbol: 'A', timestamp, timestampRaw: at };

describe('what the stream tells', () => {
  it('is a bar, and with each correction its next revision', () => {
    const events = new StreamEvents();
    expect(events.bar(bar(0))).toMatchObject({
      kind: 'bar',
      bar: { revision: 0, closeNanos: 10_500_000_000, volume: 100, timeframe: '1m' },
    });
    const revisions = [
      events.updatedBar(bar(0, 10.6)),
      events.updatedBar(bar(0, 10.7)),
      events.updatedBar(bar(1)),
      events.updatedBar(bar(0, 10.6, 'B')),
    ].map((event) => (event.kind === 'bar' ? event.bar.revision : undefined));
    expect(revisions).toEqual([1, 2, 1, 1]);
  });

  it('forgets how often an old bar was corrected', () => {
    const events = new StreamEvents();
    events.updatedBar(bar(0));
    events.updatedBar(bar(REVISIONS_KEPT_MINUTES + 1));
    expect(events.updatedBar(bar(0))).toMatchObject({ bar: { revision: 1 } });
    const first = events.bar(bar(0));
    const next = events.bar(bar(1));
    const span = [first, next].map((event) => (event.kind === 'bar' ? event.bar.startUs : 0));
    expect((span[1] ?? 0) - (span[0] ?? 0)).toBe(US_PER_MINUTE);
  });

  it('is a trade by its whole id, and what it was told wrongly did not happen', () => {
    const events = new StreamEvents();
    const trade = { ...told, id: 2 ** 63, idRaw: '9223372036854775807', price: 0.1234, size: 3 };
    expect(events.trade({ ...trade, exchange: 'V', conditions: ['@'] })).toEqual({
      kind: 'trade',
      trade: {
        ...{ symbol: 'A', atUs: AT_US, priceNanos: 123_400_000, size: 3, exchange: 'V' },
        ...{ tradeId: '9223372036854775807', conditions: ['@'] },
      },
    });
    const corrected = events.correction({
      ...told,
      ...{ originalId: 7, originalPrice: 10, originalSize: 1, originalConditions: [] },
      ...{ correctedId: 8, correctedPrice: 11, correctedSize: 2, correctedConditions: ['F'] },
    });
    expect(corrected).toEqual([
      { kind: 'tradeCancelled', symbol: 'A', tradeId: '7' },
      {
        kind: 'trade',
        trade: {
          ...{ symbol: 'A', atUs: AT_US, priceNanos: 11e9, size: 2, tradeId: '8', exchange: '' },
          conditions: ['F'],
        },
      },
    ]);
    const cancelled = events.cancelled({ ...told, id: 7, exchange: 'V', price: 10, size: 1 });
    expect(cancelled).toEqual({ kind: 'tradeCancelled', symbol: 'A', tradeId: '7' });
  });

  it('is a quote, of which a side may be missing', () => {
    const quote = { ...told, bidPrice: 10.01, bidSize: 4, conditions: [] };
    expect(new StreamEvents().quote({ ...quote, askPrice: 0, askSize: 0 })).toMatchObject({
      quote: { bidNanos: 10_010_000_000, bidSize: 4, askNanos: 0, askSize: 0 },
    });
  });

  it.each([
    ['H', true],
    ['P', true],
    ['2', true],
    ['T', false],
    ['3', false],
    ['Q', undefined],
    ['5', undefined],
  ])('is of the status %s whether trading stops', (statusCode, halted) => {
    const event = new StreamEvents().status({ ...told, statusCode });
    expect(event).toEqual(halted === undefined ? undefined : { kind: 'halt', symbol: 'A', halted });
  });

  it('without a time is no event', () => {
    const { timestampRaw: _, ...timeless } = bar(0);
    expect(() => new StreamEvents().bar(timeless)).toThrow(/without a time/);
  });
});
