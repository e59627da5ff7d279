import { leaseKey } from '@capstan/contracts';
import { type Bar, type MarketEvent, type MarketQuote, priceNanos } from '@capstan/domain';
import type { ScriptedEvent } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { encodePlayback, newPlayback } from '../playback.ts';
import type { StreamGuest } from './live-item.ts';
import { decodeProgress, encodeProgress } from './live-progress.ts';
import { at, botOf, LiveWorld } from './live-world.fixture.ts';
import { barEvent, minuteBar } from './market-script.fixture.ts';

const bar = (symbol: string, minute: number) => minuteBar(symbol, at(minute), 100 + (minute % 50));
const bars = (symbol: string, from: number, to: number): readonly Bar[] =>
  Array.from({ length: to - from + 1 }, (_, index) => bar(symbol, from + index));

/** Each bar is told a second after its end. */
const told = (all: readonly Bar[], lateUs = 1_000_000): readonly ScriptedEvent[] =>
  all.map((one) => ({ atUs: one.endUs + lateUs, event: barEvent(one) }));

const range = (from: number, to: number, symbols: string) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index} ${symbols}`.trim());

describe('a live feed', () => {
  it('journals the past, says that it is open, and publishes each minute as its bars come', async () => {
    const history = [...bars('AAA', -3_990, -3_931), ...bars('AAA', 1, 60)];
    const world = new LiveWorld(
      { history, events: told(history) },
      { rules: { historySessions: 1 } },
    );
    await world.to(20, 30);
    expect(world.slices()).toEqual(['20']);
    const past = await world.journaled('AAA');
    expect([past[0]?.endUs, past.at(-1)?.endUs]).toEqual([at(-3_990), at(20)]);
    await world.to(23, 2);
    expect(world.slices()).toEqual(['20', ...range(21, 23, 'AAA')]);
    expect(world.status).toMatchObject({
      progress: { published: 3, known: ['AAA'] },
      state: { connected: true, stale: false, problem: '' },
    });
  });

  it('goes on after a restart with what it had not published, in order and once', async () => {
    const history = bars('AAA', 1, 60);
    const world = new LiveWorld({ history, events: told(history) });
    await world.to(23, 10);
    await world.restart();
    await world.clock.advance(400_000);
    const ends = world.slices();
    expect(ends.slice(1)).toEqual(range(21, 20 + ends.length - 1, 'AAA'));
    expect(ends.length).toBeGreaterThan(9);
  });

  it('closes minutes without trades too, up to the close of the session, and is silent after it', async () => {
    const world = new LiveWorld(
      { history: bars('AAA', 380, 385), events: told(bars('AAA', 380, 385)) },
      { startUs: at(383, 10) },
    );
    await world.to(420);
    expect(world.slices()).toEqual(['383', '384 AAA', '385 AAA', ...range(386, 390, '')]);
    expect(world.status?.state?.stale).toBe(false);
  });

  it('takes a gap of the stream from history before it goes on', async () => {
    const history = bars('AAA', 1, 60);
    const world = new LiveWorld({
      ...{ history, events: told(history) },
      broken: [{ fromUs: at(22, 30), toUs: at(25, 30) }],
    });
    await world.to(22, 50);
    expect(world.status?.state?.connected).toBe(false);
    await world.to(28, 30);
    expect(world.slices()).toEqual(['20', ...range(21, 28, 'AAA')]);
    expect(world.bars()).toHaveLength(8);
  });

  it('takes a minute of which a broken stream has told a part from history as a whole', async () => {
    const history = [...bars('AAA', 1, 60), ...bars('BBB', 1, 60)];
    const events = [...told(bars('AAA', 1, 60), 500_000), ...told(bars('BBB', 1, 60), 1_500_000)];
    const world = new LiveWorld(
      { history, events, broken: [{ fromUs: at(22, 1), toUs: at(22, 30) }] },
      { symbols: ['AAA', 'BBB'] },
    );
    await world.to(23, 30);
    expect(world.slices().slice(1)).toEqual(range(21, 23, 'AAA,BBB'));
  });

  it('reads what came while its process stood still before it closes the minute', async () => {
    const history = [...bars('AAA', 1, 60), ...bars('BBB', 1, 60)];
    const events = [...told(bars('AAA', 1, 60), 3_600_000), ...told(bars('BBB', 1, 60))];
    const frozen = { fromUs: at(22, 3.5), toUs: at(22, 5) };
    const world = new LiveWorld({ history, events }, { symbols: ['AAA', 'BBB'], frozen });
    await world.to(23, 30);
    expect(world.slices().slice(1)).toEqual(range(21, 23, 'AAA,BBB'));
  });

  it('asks history once for all that it missed while its machine was asleep', async () => {
    const history = bars('AAA', 1, 120);
    const asleep = { fromUs: at(22, 30), toUs: at(82, 30) };
    const script = { history, events: told(history), silent: [asleep] };
    const world = new LiveWorld(script, { asleep });
    await world.to(22, 20);
    const before = world.venue.asked.history;
    // Within the time in which the vendor is asked what time it is.
    await world.to(83, 10);
    expect(world.slices()).toEqual(['20', ...range(21, 83, 'AAA')]);
    expect(world.venue.asked.history - before).toBeLessThanOrEqual(2);
    await world.to(86, 10);
    expect(world.slices().slice(-3)).toEqual(range(84, 86, 'AAA'));
    expect(world.messagesOf('taken up anew')).toMatchObject([
      { fields: { why: 'the machine was asleep for 3600 s' } },
    ]);
  });

  it('misses nothing while its machine is asleep in the night', async () => {
    const history = bars('AAA', 380, 390);
    const asleep = { fromUs: at(395), toUs: at(420) };
    const script = { history, events: told(history) };
    const world = new LiveWorld(script, { startUs: at(383, 10), asleep });
    await world.to(430);
    expect(world.slices().at(-1)).toBe('390 AAA');
    expect(world.messagesOf('taken up anew')).toEqual([]);
  });

  it('believes nothing that history said of others while a symbol was being taken on', async () => {
    const history = [...bars('AAA', 1, 60), ...bars('BBB', 1, 60)];
    // Some of the questions go out just before the symbol is there, and are answered just after it.
    for (let settleUs = 4_980_000; settleUs <= 5_060_000; settleUs += 20_000) {
      const script = { history, events: [], broken: [{ fromUs: at(21, 30), toUs: at(60) }] };
      const world = new LiveWorld(script, { rules: { settleUs } });
      await world.to(23, 2);
      await world.writeBots(botOf('trend', ['BBB'], 'running'));
      await world.to(24, 30);
      expect(world.slices().at(-1)).toBe('24 AAA,BBB');
      // In its slice, or of its past.
      const bar23 = (await world.journaled('BBB')).filter(({ endUs }) => endUs === at(23));
      expect(bar23).toMatchObject([{ revision: 0 }]);
    }
  });

  it('goes on by history where a stream stays connected and says nothing, and takes it up anew', async () => {
    const history = bars('AAA', 1, 60);
    const world = new LiveWorld({
      ...{ history, events: told(history) },
      silent: [{ fromUs: at(22, 30), toUs: at(60) }],
    });
    await world.to(30, 30);
    expect(world.slices()).toEqual(['20', ...range(21, 30, 'AAA')]);
    expect(world.messagesOf('taken up anew').length).toBeGreaterThan(0);
    expect(world.venue.asked.streams).toBeGreaterThan(1);
  });

  it('publishes a bar that missed its slice, and one that is corrected, as further revisions', async () => {
    const history = [...bars('AAA', 1, 60), ...bars('BBB', 1, 60)];
    const events = told(history.filter((one) => one.symbol !== 'BBB' || one.endUs !== at(22)));
    const changed = { ...bar('AAA', 22), volume: 7, revision: 1 };
    const more = [
      { atUs: at(22, 30), event: barEvent(bar('BBB', 22)) },
      { atUs: at(22, 35), event: barEvent(changed) },
      { atUs: at(22, 36), event: barEvent(changed) },
      { atUs: at(22, 50), event: barEvent({ ...changed, volume: 9 }) },
    ];
    const world = new LiveWorld(
      { history, events: [...events, ...more] },
      { symbols: ['AAA', 'BBB'] },
    );
    await world.to(24, 30);
    expect(world.slices().slice(2, 4)).toEqual(['22 AAA', '23 AAA,BBB']);
    const of = async (symbol: string) =>
      (await world.journaled(symbol))
        .filter(({ endUs }) => endUs === at(22))
        .map(({ revision, volume }) => [revision, volume]);
    expect(await of('AAA')).toEqual([
      [0, 100],
      [1, 7],
      [2, 9],
    ]);
    expect(await of('BBB')).toEqual([[1, 100]]);
    expect(world.bars().filter(({ revision }) => revision > 0)).toHaveLength(3);
  });

  it('finds in history what a failing stream has told a part of, and publishes it as a correction', async () => {
    const history = [...bars('AAA', 1, 60), ...bars('BBB', 1, 60)];
    const script = {
      ...{ history, events: [...told(bars('AAA', 1, 60)), ...told(bars('BBB', 1, 60), 1_500_000)] },
      silent: [{ fromUs: at(22, 1.2), toUs: at(26) }],
    };
    const world = new LiveWorld(script, { symbols: ['AAA', 'BBB'] });
    await world.to(24, 30);
    expect(world.slices().slice(1)).toEqual(['21 AAA,BBB', '22 AAA', '23 AAA,BBB', '24 AAA,BBB']);
    const late = (await world.journaled('BBB')).filter(({ endUs }) => endUs === at(22));
    expect(late).toMatchObject([{ revision: 1 }]);
  });

  it('has the symbols of its bots as they come and go, each with its past first', async () => {
    const history = [...bars('AAA', -3_990, 60), ...bars('BBB', -3_990, 60)];
    const world = new LiveWorld(
      { history, events: told(history) },
      { rules: { historySessions: 1 } },
    );
    await world.to(21, 30);
    await world.writeBots(botOf('trend', ['BBB'], 'running'));
    await world.to(24, 30);
    expect(world.slices().slice(1)).toEqual(['21 AAA', ...range(22, 24, 'AAA,BBB')]);
    const past = await world.journaled('BBB');
    expect([past[0]?.endUs, past.at(-1)?.endUs]).toEqual([at(-3_990), at(24)]);
    await world.writeBots(botOf('trend', ['BBB'], 'stopped'));
    await world.to(27, 30);
    expect(world.slices().slice(-2)).toEqual(['26 AAA', '27 AAA']);
    expect(world.status?.progress.known).toEqual(['AAA']);
    // What it missed meanwhile is fetched when it comes back.
    await world.writeBots(botOf('trend', ['BBB'], 'running'));
    await world.to(30, 30);
    const ends = (await world.journaled('BBB')).map(({ endUs }) => endUs);
    expect(ends.slice(-8)).toEqual([23, 24, 25, 26, 27, 28, 29, 30].map((minute) => at(minute)));
  });

  it('says which bot asks for a symbol that the vendor does not know, and goes on with the others', async () => {
    const history = bars('AAA', 1, 60);
    const world = new LiveWorld({ history, events: told(history) });
    await world.writeBots(botOf('typo', ['AAPLE'], 'running'));
    await world.to(23, 10);
    expect(world.slices().at(-1)).toBe('23 AAA');
    expect(world.status?.refused).toEqual([expect.stringContaining("bot typo asks for 'AAPLE'")]);
    expect(world.messagesOf('a symbol has no bars')).toHaveLength(1);
    await world.writeBots(botOf('typo', ['AAA'], 'running'));
    await world.to(24, 10);
    expect(world.status?.refused).toEqual([]);
  });

  it('waits for a vendor that cannot be reached, and then leaves nothing out', async () => {
    const history = bars('AAA', 1, 60);
    const world = new LiveWorld({
      ...{ history, events: told(history) },
      away: [{ fromUs: at(22, 30), toUs: at(27) }],
      silent: [{ fromUs: at(22, 30), toUs: at(27) }],
    });
    await world.to(26, 50);
    expect(world.slices().at(-1)).toBe('22 AAA');
    expect(world.status?.state?.problem).toContain('cannot be reached');
    expect(world.status?.state?.stale).toBe(true);
    await world.to(30, 10);
    expect(world.slices()).toEqual(['20', ...range(21, 30, 'AAA')]);
    expect(world.status?.state).toMatchObject({ problem: '', stale: false });
  });

  it('says from the beginning why it does not get on', async () => {
    const history = bars('AAA', 1, 60);
    const away = [{ fromUs: at(0), toUs: at(22) }];
    const world = new LiveWorld({ history, events: told(history), away });
    await world.to(20, 30);
    expect(world.status?.state?.problem).toContain('cannot be reached');
    await world.to(24, 30);
    expect(world.status?.state?.problem).toBe('');
    expect(world.slices().at(-1)).toBe('24 AAA');
  });

  it('tells risk how far our clock is off the vendor’s, and what is halted', async () => {
    const history = bars('AAA', 1, 60);
    const halt: MarketEvent = { kind: 'halt', symbol: 'AAA', halted: true };
    const world = new LiveWorld({
      ...{ history, events: [...told(history), { atUs: at(21, 5), event: halt }] },
      clockAheadUs: 12_000_000,
    });
    await world.to(22, 30);
    const entry = await world.kv.get('switches', leaseKey('conditions/feed/live'));
    const { clockOffsetUs, halted } = JSON.parse(new TextDecoder().decode(entry?.value));
    expect(halted).toEqual(['AAA']);
    expect(Math.abs(clockOffsetUs - 12_000_000)).toBeLessThan(200_000);
    // Minutes end by the vendor's clock.
    expect(world.slices().at(-1)).toBe('22 AAA');
  });

  it.each([
    ['the stream', []],
    ['history', [{ fromUs: at(21, 30), toUs: at(24, 30) }]],
  ])(
    'takes nothing for halted that %s tells to trade, though the word of it was lost',
    async (_of, broken) => {
      const history = bars('AAA', 1, 60);
      const halt: MarketEvent = { kind: 'halt', symbol: 'AAA', halted: true };
      const events = [...told(history), { atUs: at(21, 5), event: halt }];
      const world = new LiveWorld({ history, events, broken });
      await world.to(21, 20);
      expect(world.status?.state?.halted).toEqual(['AAA']);
      await world.to(24, 50);
      expect(world.status?.state?.halted).toEqual([]);
    },
  );

  it('builds bars of trades, leaves out a minute that it heard a part of, and revises what comes late', async () => {
    const trade = (minute: number, second: number, price: number, id: string): ScriptedEvent => ({
      atUs: at(minute, second + 0.2),
      event: {
        kind: 'trade',
        trade: {
          ...{ symbol: 'AAA', atUs: at(minute, second), priceNanos: priceNanos(price * 1e9) },
          ...{ size: 10, tradeId: id, exchange: 'V', conditions: [] },
        },
      },
    });
    const late = trade(22, 50, 9, 'late');
    const events = [
      ...[trade(20, 40, 50, 'a'), trade(21, 10, 51, 'b'), trade(21, 50, 49, 'c')],
      ...[trade(22, 20, 48, 'd'), { ...late, atUs: at(23, 20) }, trade(23, 30, 47, 'e')],
    ];
    const history = bars('AAA', 1, 60);
    const world = new LiveWorld({ history, events }, { rules: { from: 'trades' } });
    await world.to(24, 30);
    expect(world.slices()).toEqual(['20', ...range(21, 24, 'AAA')]);
    const numbers = world
      .bars()
      .map(({ endUs, revision, openNanos, lowNanos, volume }) =>
        [(endUs - at(0)) / 60_000_000, revision, openNanos / 1e9, lowNanos / 1e9, volume].join(' '),
      );
    // The minute in which it connected is history's.
    expect(numbers).toEqual([
      '21 0 121 120 100',
      '22 0 51 49 20',
      '23 0 48 48 10',
      '23 1 48 9 20',
      '24 0 47 47 10',
    ]);
  });

  it('serves a guest by the same connection, which asks for other things as it goes', async () => {
    const heard: string[] = [];
    let quotes: readonly string[] = ['O1'];
    let changed = () => {};
    const guest: StreamGuest = {
      get wish() {
        return { bars: ['AAA'], trades: [], quotes };
      },
      onWish: (tell) => {
        changed = tell;
      },
      hear: (event) => {
        if (event.kind === 'quote') heard.push(event.quote.symbol);
        if (heard.length === 2 && quotes[0] === 'O1') {
          quotes = ['O2'];
          changed();
        }
      },
    };
    const quote = (symbol: string, minute: number, second: number): ScriptedEvent => {
      const [bidNanos, askNanos] = [priceNanos(1e9), priceNanos(2e9)];
      const sides = { bidNanos, bidSize: 1, askNanos, askSize: 1 };
      const atUs = at(minute, second);
      return { atUs, event: { kind: 'quote', quote: { symbol, atUs, ...sides } } };
    };
    const told2 = [21, 22, 23].flatMap((minute) => [
      quote('O1', minute, 20),
      quote('O2', minute, 20),
    ]);
    const history = bars('AAA', 1, 60);
    const published: string[] = [];
    const onQuote = ({ symbol }: MarketQuote) => void published.push(symbol);
    const world = new LiveWorld(
      { history, events: [...told(history), ...told2] },
      { rules: { guest, onQuote } },
    );
    await world.to(24, 30);
    expect(heard).toEqual(['O1', 'O1', 'O2']);
    expect(published).toEqual([]);
    expect(world.slices()).toEqual(['20', ...range(21, 24, 'AAA')]);
    expect(world.venue.asked.streams).toBe(1);
  });

  it('does not go on from what a feed of its name has played before', () => {
    const code = expect.objectContaining({ code: 'MARKET_DATA.STATE' });
    expect(() => decodeProgress(encodePlayback(newPlayback(['paper'])))).toThrow(code);
    const progress = { closedUs: at(1), opened: true, published: 3, known: ['AAA'] };
    expect(decodeProgress(encodeProgress(progress))).toEqual(progress);
  });
});
