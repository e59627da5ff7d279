import { encodeBar, marketService, subjects } from '@capstan/contracts';
import { timeUs } from '@capstan/domain';
import type { BarRecord } from '@capstan/ports';
import { drained, MemoryBus, MemoryStore, VirtualClock } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { at, barOf, SETTINGS } from './feed-world.fixture.ts';
import { newPlayback } from './playback.ts';
import { type FeedStatus, MarketDataService } from './service.ts';

const record = (minute: number, symbol: string): BarRecord => ({
  ...barOf(minute, symbol),
  runId: 'run',
  feed: 'demo',
  venue: 'TEST',
});
const ask = marketService.GetBarsRequest.create({ feed: 'demo' });

async function world() {
  const clock = new VirtualClock(timeUs(0));
  const store = new MemoryStore();
  const bus = new MemoryBus(clock);
  const fence = { key: 'feed/demo', epochUs: timeUs(1), token: 1 };
  await store.takeOwnership(fence);
  const bars = [1, 2, 3].flatMap((minute) => [record(minute, 'QQQ'), record(minute, 'SPY')]);
  await store.commit({ fence, bars });
  const status: FeedStatus = {
    settings: SETTINGS,
    symbols: ['QQQ', 'SPY'],
    playback: newPlayback(['paper']),
  };
  const other = { ...status, settings: { ...SETTINGS, feed: 'other' }, playback: undefined };
  const feeds = new Map([
    ['demo', status],
    ['other', other],
  ]);
  return { bus, service: new MarketDataService({ store, bus }, feeds) };
}

describe('MarketDataService', () => {
  it('gives the journaled bars of the symbols and times asked for', async () => {
    const { service } = await world();
    expect((await service.getBars(ask)).bars).toHaveLength(6);
    const some = { ...ask, symbols: ['SPY'], afterUs: BigInt(at(1)), throughUs: BigInt(at(2)) };
    expect((await service.getBars(some)).bars).toMatchObject([
      { symbol: 'SPY', endUs: BigInt(at(2)) },
    ]);
    const last = await service.getBars({ ...ask, limit: 1 });
    expect(last.bars).toMatchObject([{ symbol: 'SPY', endUs: BigInt(at(3)) }]);
  });

  it('lists its feeds, and whom they wait for where it plays them', async () => {
    const { service } = await world();
    expect((await service.listFeeds()).feeds).toMatchObject([
      { feed: 'demo', venue: 'TEST', waitingFor: ['paper'], finished: false },
      { feed: 'other', waitingFor: [], lastSliceEndUs: 0n },
    ]);
  });

  it('lists of a live feed how it is, the symbols of its bots, and what is wrong', async () => {
    const [store, bus] = [new MemoryStore(), new MemoryBus(new VirtualClock(timeUs(0)))];
    const settings = { feed: 'live', venue: 'ALPACA', runId: 'run' };
    const state = {
      ...{ connected: true, stale: true, clockApartUs: 300_000, halted: [], unknown: {} },
      problem: 'the key is refused.',
    };
    const progress = { closedUs: at(3), opened: true, published: 3, known: ['QQQ'] };
    const live = { progress, state, refused: ["bot x asks for 'Y': no."] };
    const status: FeedStatus = {
      settings,
      isLive: true,
      symbols: ['SPY'],
      playback: undefined,
      live,
    };
    const away = { ...status, settings: { ...settings, feed: 'away' }, live: undefined };
    const service = new MarketDataService(
      { store, bus },
      new Map([
        ['live', status],
        ['away', away],
      ]),
    );
    expect((await service.listFeeds()).feeds).toEqual([
      {
        ...{ ...settings, symbols: ['QQQ', 'SPY'], lastSliceEndUs: BigInt(at(3)) },
        ...{ slicesPublished: 3n, finished: false, waitingFor: [], live: true, connected: true },
        ...{ stale: true, clockOffsetUs: 300_000n },
        problem: "the key is refused. bot x asks for 'Y': no.",
      },
      expect.objectContaining({ feed: 'away', live: true, connected: false, problem: '' }),
    ]);
  });

  it('streams the past and then what comes, each bar once, until it is told to stop', async () => {
    const { bus, service } = await world();
    const stop = new AbortController();
    const seen: string[] = [];
    const request = marketService.StreamBarsRequest.create({
      feed: 'demo',
      symbols: ['SPY'],
      afterUs: BigInt(at(1)),
    });
    const reading = (async () => {
      for await (const { bar } of service.streamBars(request, { signal: stop.signal }))
        seen.push(`${bar?.symbol} ${bar?.endUs}`);
    })();
    await drained();
    const publish = (bar: BarRecord) =>
      bus.publish([
        {
          subject: subjects.bar('TEST', bar.symbol, '1m'),
          data: encodeBar(bar),
          headers: {},
          messageId: `${bar.feed} ${bar.symbol} ${bar.endUs}`,
        },
      ]);
    for (const minute of [3, 4]) {
      await publish(record(minute, 'SPY'));
      await publish(record(minute, 'QQQ'));
      await publish({ ...record(minute, 'SPY'), feed: 'other' });
    }
    await drained();
    stop.abort();
    await reading;
    expect(seen).toEqual([2, 3, 4].map((minute) => `SPY ${at(minute)}`));
  });

  it('says which feeds there are to who asks for another', async () => {
    const { service } = await world();
    await expect(service.getBars({ ...ask, feed: 'nope' })).rejects.toMatchObject({
      code: 'MARKET_DATA.FEED',
      fix: 'Known: demo, other.',
    });
  });
});
