import { describe, expect, it } from 'vitest';
import { feedSection, intervalMsOf, isPlayed, symbolsOf } from './feed-sections.ts';

const LIVE = { kind: 'venue', feed: 'live', provider: 'alpaca' };

describe('a live feed', () => {
  it('needs a name and a provider, whose name its bars have unless told', () => {
    expect(feedSection.parse(LIVE)).toMatchObject({
      ...{ venue: 'ALPACA', from: 'bars', hours: 'regular', symbols: [], stream: 'websocket' },
      ...{ graceMs: 4_000, settleMs: 5_000, staleSeconds: 120, historySessions: 5, quotes: false },
    });
    expect(feedSection.parse({ ...LIVE, venue: 'IEX' })).toMatchObject({ venue: 'IEX' });
  });

  it('follows the clock on the wall, a minute a slice', () => {
    const feed = feedSection.parse({ ...LIVE, symbols: ['SPY'] });
    expect([isPlayed(feed), intervalMsOf(feed), symbolsOf(feed)]).toEqual([false, 60_000, ['SPY']]);
  });

  it.each([
    [{ provider: 'yahoo' }, 'provider'],
    [{ speed: 60 }, 'speed'],
    [{ options: { underlying: 'QQQ' } }, 'options'],
    [{ graceMs: -1 }, 'graceMs'],
    [{ from: 'ticks' }, 'from'],
    [{ from: 'seconds' }, 'alpaca has no bars of one second; polygon does'],
  ])('refuses %j, and names the key', (wrong, key) => {
    const { error } = feedSection.safeParse({ ...LIVE, ...wrong });
    expect(JSON.stringify(error?.issues)).toContain(key);
  });

  it('makes minutes of seconds of a vendor that has them', () => {
    const feed = feedSection.parse({ ...LIVE, provider: 'polygon', from: 'seconds' });
    expect(feed).toMatchObject({ from: 'seconds' });
  });

  it('has options of a vendor that streams them', () => {
    const feed = feedSection.parse({ ...LIVE, provider: 'polygon', options: {} });
    expect(feed).toMatchObject({ venue: 'POLYGON', options: { underlying: 'QQQ', strikes: 5 } });
  });
});
