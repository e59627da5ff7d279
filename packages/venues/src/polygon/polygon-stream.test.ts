import { type MarketEvent, US_PER_MINUTE, US_PER_SECOND } from '@capstan/domain';
import type { StreamWish } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import { bench, CANARY, NOW_US, until } from './polygon.test-support.ts';

const WISH: StreamWish = { bars: ['QQQ', 'BRK.B'], trades: ['QQQ'], quotes: ['BRK.B'] };
const NONE: StreamWish = { bars: [], trades: [], quotes: [] };

const isBar = (event: MarketEvent) => event.kind === 'bar';
const isKind = (kind: MarketEvent['kind']) => (event: MarketEvent) => event.kind === kind;
const barsOf = (events: readonly MarketEvent[]) =>
  events.flatMap((event) => (event.kind === 'bar' ? [event.bar] : []));

describe("Polygon's streams", () => {
  it('bring what is wanted and nothing else, as the market has it', async () => {
    await using one = await bench();
    const { emulator, data } = one;
    const stream = await data.subscribe(WISH);
    expect(emulator.control.stream('stocks').channels()).toEqual([
      'AM.BRK.B',
      'AM.QQQ',
      'Q.BRK.B',
      'T.QQQ',
    ]);
    emulator.control.advance(1);
    const events = await until(stream, isBar);
    expect(events[0]).toEqual({ kind: 'connected' });
    const span = [NOW_US, NOW_US + US_PER_MINUTE] as const;
    const { world } = emulator;
    expect(barsOf(events)).toEqual(
      [...world.minutes('QQQ', ...span), ...world.minutes('BRK.B', ...span)].sort(bySymbol),
    );
    const trades = events.flatMap((event) => (event.kind === 'trade' ? [event.trade] : []));
    expect(trades).toEqual(world.trades('QQQ', ...span).map(({ sequence: _, ...trade }) => trade));
    const quotes = events.flatMap((event) => (event.kind === 'quote' ? [event.quote] : []));
    expect(quotes).toEqual(world.quotes('BRK.B', ...span).map(({ sequence: _, ...rest }) => rest));
  });

  it('bring bars of one second, of stocks and of options, that agree with the bars of their minute', async () => {
    await using one = await bench();
    const { control, world } = one.emulator;
    const [option = ''] = world.tradedOptions('QQQ', '2026-01-06').map(({ symbol }) => symbol);
    const symbols = ['QQQ', option];
    const stream = await one.data.subscribe({ ...NONE, bars: symbols, seconds: symbols });
    expect(control.stream('stocks').channels()).toEqual(['A.QQQ', 'AM.QQQ']);
    expect(control.stream('options').channels()).toEqual([`A.O:${option}`, `AM.O:${option}`]);
    control.advance(1);
    const events: MarketEvent[] = [];
    while (barsOf(events).length < symbols.length) events.push(...(await stream.next()));
    for (const bar of barsOf(events)) {
      const seconds = events.flatMap((event) =>
        event.kind === 'second' && event.second.symbol === bar.symbol ? [event.second] : [],
      );
      expect(seconds.map(({ startUs }) => startUs - bar.startUs)).toEqual(
        [2, 17, 33, 58].map((second) => second * US_PER_SECOND),
      );
      expect([seconds[0]?.openNanos, seconds.at(-1)?.closeNanos]).toEqual([
        bar.openNanos,
        bar.closeNanos,
      ]);
      expect(seconds.reduce((sum, { volume }) => sum + volume, 0)).toBe(bar.volume);
    }
  });

  it('change with the wish, and each cluster is connected while something of it is wanted', async () => {
    await using one = await bench();
    const { control } = one.emulator;
    const stream = await one.data.subscribe({ ...NONE, bars: ['QQQ'] });
    const option = one.emulator.world.optionsOn('QQQ', '2026-01-06')[4]?.symbol ?? '';
    await stream.want({ bars: ['BRK.B', 'I:NDX'], trades: [], quotes: [option] });
    expect(control.stream('stocks').channels()).toEqual(['AM.BRK.B']);
    expect(control.stream('indices').channels()).toEqual(['AM.I:NDX']);
    expect(control.stream('options').channels()).toEqual([`Q.O:${option}`]);
    control.advance(1);
    const seen = new Set<string>();
    while (seen.size < 3) {
      for (const event of await stream.next()) {
        if (event.kind === 'bar') seen.add(event.bar.symbol);
        if (event.kind === 'quote') seen.add(event.quote.symbol);
      }
    }
    expect([...seen].sort()).toEqual(['BRK.B', 'I:NDX', option].sort());
    expect(control.stream('stocks').logins).toBe(1);
  });

  it('come back by themselves with all channels, and say that something may be lost', async () => {
    await using one = await bench();
    const { control, world } = one.emulator;
    const stream = await one.data.subscribe(WISH);
    await until(stream, isKind('connected'));
    control.stream('stocks').isDown = true;
    control.stream('stocks').drop();
    const lost = await until(stream, isKind('disconnected'));
    expect(lost).toEqual([{ kind: 'disconnected', reason: expect.stringContaining('1006') }]);
    control.advance(3);
    control.stream('stocks').isDown = false;
    await until(stream, isKind('connected'));
    control.advance(1);
    const bars = barsOf(await until(stream, isBar));
    const startUs = NOW_US + 3 * US_PER_MINUTE;
    expect(bars).toEqual(
      ['BRK.B', 'QQQ'].flatMap((one) => world.minutes(one, startUs, startUs + US_PER_MINUTE)),
    );
    expect(control.stream('stocks').logins).toBe(2);
  });

  it('are given up and taken anew where nothing is said though the market is open', async () => {
    await using one = await bench({ silenceMs: 6_000 });
    const { control } = one.emulator;
    const stream = await one.data.subscribe(WISH);
    await until(stream, isKind('connected'));
    control.stream('stocks').isSilent = true;
    const lost = await until(stream, isKind('disconnected'));
    expect(lost[0]).toMatchObject({ reason: expect.stringContaining('nothing was said for') });
    await until(stream, isKind('connected'));
    expect(control.stream('stocks').logins).toBeGreaterThan(1);
  });

  it('end with clear words where another process takes the one connection', async () => {
    await using one = await bench();
    const first = await one.data.subscribe(WISH);
    await until(first, isKind('connected'));
    const second = await one.data.subscribe(WISH);
    await until(second, isKind('connected'));
    const read = async () => {
      for (;;) await first.next();
    };
    await expect(read()).rejects.toMatchObject({
      code: 'MARKET.ENTITLEMENT',
      why: expect.stringContaining('Another process took the one connection'),
    });
    expect(one.emulator.control.stream('stocks').logins).toBe(2);
  });

  it('refuse a key at once, and one that dies later at the next connection', async () => {
    await using one = await bench();
    const { control } = one.emulator;
    const stream = await one.data.subscribe(WISH);
    await until(stream, isKind('connected'));
    control.setKey(CANARY, false);
    await expect(one.data.subscribe(WISH)).rejects.toMatchObject({ code: 'MARKET.CREDENTIALS' });
    control.stream('stocks').drop();
    const read = async () => {
      for (;;) await stream.next();
    };
    const error: unknown = await read().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'MARKET.CREDENTIALS' });
    expect(`${error} ${JSON.stringify(error)} ${one.lines.join()}`).not.toContain(CANARY);
  });

  it('name the channels that the plan does not hold; the others go on', async () => {
    await using one = await bench();
    const { control } = one.emulator;
    const stream = await one.data.subscribe({ ...NONE, bars: ['QQQ'] });
    control.refuseChannels(['Q.']);
    await expect(stream.want(WISH)).rejects.toMatchObject({
      code: 'MARKET.ENTITLEMENT',
      why: expect.stringContaining('Q.BRK.B'),
    });
    expect(control.stream('stocks').channels()).toEqual(['AM.BRK.B', 'AM.QQQ', 'T.QQQ']);
    await stream.want({ ...WISH, quotes: [] });
    control.advance(1);
    expect(barsOf(await until(stream, isBar))).toHaveLength(2);
  });

  it('hand on bars that come late or twice, as the owner of the feed sorts them', async () => {
    await using one = await bench();
    const { control } = one.emulator;
    const stream = await one.data.subscribe({ ...NONE, bars: ['QQQ'] });
    await until(stream, isKind('connected'));
    control.stream('stocks').inject({ kind: 'late' });
    control.advance(2);
    const at = (minute: number) => NOW_US + minute * US_PER_MINUTE;
    const came = await until(
      stream,
      (event) => isBar(event) && event.kind === 'bar' && event.bar.startUs === at(0),
    );
    expect(barsOf(came).map(({ startUs }) => startUs)).toEqual([at(1), at(0)]);
  });

  it('say nothing more once closed', async () => {
    await using one = await bench();
    const stream = await one.data.subscribe(WISH);
    await until(stream, isKind('connected'));
    const waiting = stream.next();
    await stream.close();
    expect(await waiting).toEqual([]);
    expect(await stream.next()).toEqual([]);
  });

  it('that cannot be reached fail at the start', async () => {
    await using one = await bench();
    one.emulator.control.stream('stocks').isDown = true;
    await expect(one.data.subscribe(WISH)).rejects.toMatchObject({ code: 'MARKET.UNAVAILABLE' });
  });
});

const bySymbol = (a: { readonly symbol: string }, b: { readonly symbol: string }): number =>
  a.symbol < b.symbol ? -1 : 1;
