import { getCalendar } from '@capstan/calendar';
import { type MarketEvent, timeUs, US_PER_MINUTE } from '@capstan/domain';
import { type AlpacaEmulator, EMULATOR_KEYS, startAlpacaEmulator } from '@capstan/emulators';
import type { MarketStream, StreamWish } from '@capstan/ports';
import { MemoryLog, VirtualClock } from '@capstan/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readAlpacaCredentials } from '../credentials.ts';
import type { AlpacaFeed } from './feeds.ts';
import { SILENCE_MS_MAX, TAKEN_MS } from './limits.ts';
import { AlpacaStream } from './stream.ts';

/** 10:00 in New York on a Monday with a session. */
const TEN_US = timeUs(Date.parse('2026-01-05T15:00:00Z') * 1_000);
const wish = (more: Partial<StreamWish>): StreamWish => ({
  ...{ bars: [], trades: [], quotes: [] },
  ...more,
});

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(options: Parameters<typeof startAlpacaEmulator>[0] = {}) {
  const emulator = await startAlpacaEmulator({
    clock: { kind: 'stepped', startUs: TEN_US },
    symbols: ['AAPL', 'MSFT', 'SPY'],
    ...options,
  });
  ends.push(() => emulator.close());
  return emulator;
}

/** A stream on real sockets, on a clock that a test moves. */
async function listen(
  emulator: AlpacaEmulator,
  wanted: StreamWish,
  more: { readonly feed?: AlpacaFeed; readonly secretKey?: string } = {},
) {
  const clock = new VirtualClock(TEN_US);
  const { feed = 'sip', secretKey = EMULATOR_KEYS.secretKey } = more;
  const stream = await AlpacaStream.open(
    { clock, log: new MemoryLog(), calendar: getCalendar('XNYS') },
    {
      dataStreamUrl: emulator.dataStreamUrl,
      feed,
      credentials: readAlpacaCredentials({
        ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
        ALPACA_SECRET_KEY: secretKey,
      }),
    },
    wanted,
  );
  ends.push(() => stream.close());
  return { stream, clock };
}

/** Reads until an event is there. */
async function until(
  stream: MarketStream,
  isThere: (events: readonly MarketEvent[]) => boolean,
): Promise<readonly MarketEvent[]> {
  const events: MarketEvent[] = [];
  while (!isThere(events)) {
    const came = await stream.next();
    if (came.length === 0) throw new Error('the stream was closed');
    events.push(...came);
  }
  return events;
}
const has =
  (kind: MarketEvent['kind'], count = 1) =>
  (events: readonly MarketEvent[]) =>
    events.filter((event) => event.kind === kind).length >= count;
const barsIn = (events: readonly MarketEvent[]) =>
  events.flatMap((event) => (event.kind === 'bar' ? [event.bar] : []));

describe("Alpaca's stream", () => {
  it('brings what is wished and no more, and says that it is there', async () => {
    const emulator = await start();
    const { stream } = await listen(emulator, wish({ bars: ['AAPL'], trades: ['MSFT'] }));
    expect(await stream.next()).toEqual([{ kind: 'connected' }]);
    emulator.control.step({ minutes: 2 });
    const events = await until(stream, has('bar', 2));
    expect(
      barsIn(events).map(({ symbol, startUs, revision }) => [symbol, startUs, revision]),
    ).toEqual([
      ['AAPL', TEN_US, 0],
      ['AAPL', TEN_US + US_PER_MINUTE, 0],
    ]);
    const kinds = new Set(events.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['bar', 'trade']));
  });

  it('changes what it brings once the vendor has confirmed it', async () => {
    const emulator = await start();
    const { stream } = await listen(emulator, wish({ bars: ['AAPL'] }));
    await stream.want(wish({ bars: ['MSFT'], quotes: ['MSFT'] }));
    emulator.control.step({ minutes: 1 });
    const events = await until(stream, has('bar'));
    expect(barsIn(events).map(({ symbol }) => symbol)).toEqual(['MSFT']);
    expect(events.some(({ kind }) => kind === 'quote')).toBe(true);
  });

  it('tells halts', async () => {
    const emulator = await start();
    const { stream } = await listen(emulator, wish({ bars: ['AAPL'] }));
    emulator.control.fault({ kind: 'halted', symbol: 'AAPL' });
    emulator.control.clear('halted');
    const events = await until(stream, has('halt', 2));
    expect(events.filter(({ kind }) => kind === 'halt')).toEqual([
      { kind: 'halt', symbol: 'AAPL', halted: true },
      { kind: 'halt', symbol: 'AAPL', halted: false },
    ]);
  });

  it('is taken up again however often it breaks off', async () => {
    const emulator = await start();
    const { stream, clock } = await listen(emulator, wish({ bars: ['AAPL'] }));
    for (let time = 1; time <= 12; time += 1) {
      await until(stream, has('connected'));
      emulator.control.dropStreams('data');
      await until(stream, has('disconnected'));
      await clock.advance(1_000);
    }
    await until(stream, has('connected'));
    emulator.control.step({ minutes: 1 });
    expect(barsIn(await until(stream, has('bar')))).toHaveLength(1);
  });

  it('does not fight another process for the one connection, and takes it when it is free', async () => {
    const emulator = await start();
    const first = await listen(emulator, wish({ bars: ['AAPL'] }));
    const { stream, clock } = await listen(emulator, wish({ bars: ['AAPL'] }));
    expect(await stream.next()).toEqual([
      { kind: 'disconnected', reason: expect.stringMatching(/another process holds/) },
    ]);
    const connections = (count: number) =>
      vi.waitFor(() => expect(emulator.control.connections().data).toBe(count));
    await connections(1);
    await clock.advance(TAKEN_MS - 1);
    expect(emulator.control.connections().data).toBe(1);
    await first.stream.close();
    await connections(0);
    await clock.advance(1);
    expect(await stream.next()).toEqual([{ kind: 'connected' }]);
  });

  it('that says nothing in a session is opened anew', async () => {
    const emulator = await start();
    const { stream, clock } = await listen(emulator, wish({ bars: ['AAPL'] }));
    await until(stream, has('connected'));
    emulator.control.fault({ kind: 'hangStream' });
    await clock.advance(SILENCE_MS_MAX + 5_000);
    const events = await until(stream, has('disconnected'));
    expect(events).toContainEqual({
      kind: 'disconnected',
      reason: expect.stringMatching(/nothing came for 15\d s of a session/),
    });
    emulator.control.clear();
    await clock.advance(1_000);
    await until(stream, has('connected'));
  });

  it('with wrong keys, or a feed that the plan lacks, is told at once', async () => {
    const paid = await start();
    const wrong = listen(paid, wish({ bars: ['AAPL'] }), { secretKey: 'wrong' });
    await expect(wrong).rejects.toMatchObject({ code: 'MARKET.CREDENTIALS' });
    const free = await start({ plan: 'free' });
    const sip = listen(free, wish({ bars: ['AAPL'] }));
    await expect(sip).rejects.toMatchObject({ code: 'MARKET.ENTITLEMENT' });
    await expect(sip).rejects.toThrow(/feed: iex/);
    const { stream } = await listen(free, wish({ bars: ['AAPL'] }), { feed: 'iex' });
    expect(await stream.next()).toEqual([{ kind: 'connected' }]);
  });

  it('of more symbols than the plan has is refused, and what was there goes on', async () => {
    const symbols = Array.from({ length: 40 }, (_, at) => `S${at}`);
    const free = await start({ plan: 'free', symbols: [...symbols, 'SPY'] });
    const { stream, clock } = await listen(free, wish({ bars: ['S1'] }), { feed: 'iex' });
    const more = stream.want(wish({ bars: ['S1'], quotes: symbols }));
    await expect(more).rejects.toMatchObject({ code: 'MARKET.ENTITLEMENT' });
    await expect(more).rejects.toThrow(/stream: poll/);
    free.control.step({ minutes: 1 });
    await until(stream, has('bar'));
    await stream.want(wish({ bars: ['S1'], quotes: ['S3'] }));
    await expect(stream.want(wish({ quotes: symbols }))).rejects.toThrow(/symbol limit/);
    free.control.dropStreams('data');
    await until(stream, has('disconnected'));
    await clock.advance(1_000);
    await until(stream, has('connected'));
    free.control.step({ minutes: 1 });
    const events = await until(stream, has('bar'));
    const quoted = events.flatMap((event) => (event.kind === 'quote' ? [event.quote.symbol] : []));
    expect(new Set(quoted)).toEqual(new Set(['S3']));
  });

  it('whose key dies ends, once it is opened again', async () => {
    const emulator = await start();
    const { stream, clock } = await listen(emulator, wish({ bars: ['AAPL'] }));
    await until(stream, has('connected'));
    emulator.control.fault({ kind: 'deadKey' });
    emulator.control.dropStreams('data');
    await until(stream, has('disconnected'));
    await clock.advance(1_000);
    await expect(stream.next()).rejects.toMatchObject({ code: 'MARKET.CREDENTIALS' });
  });
});
