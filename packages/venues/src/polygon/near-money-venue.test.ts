import type { MarketEvent, PriceNanos } from '@capstan/domain';
import type { MarketStream, StreamWish } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import type { NearMoneyUpdate } from '../market/near-money-tracker.ts';
import { NearMoneyVenue } from '../market/near-money-venue.ts';
import { UnderlyingMinutes } from '../market/underlying-values.ts';
import { type Bench, bench, NYSE, quickClock, textLog } from './polygon.test-support.ts';

const OWN: StreamWish = { bars: ['BRK.B'], trades: [], quotes: ['BRK.B'] };

/** A stream of its own, with the options around the money of QQQ beside. */
async function open({ data, emulator }: Bench) {
  const told: NearMoneyUpdate[] = [];
  const { log, lines } = textLog();
  const venue = new NearMoneyVenue(
    { venue: data, clock: quickClock(() => emulator.control.nowUs), calendar: NYSE, log },
    { strikes: 2 },
    (update) => told.push(update),
  );
  const stream = await venue.subscribe(OWN);
  return { told, lines, stream };
}

/** What the whole of the market says by now, taken in its order. */
function valuesNow({ emulator }: Bench) {
  const minutes = new UnderlyingMinutes(NYSE);
  const { nowUs } = emulator.control;
  for (const bar of emulator.world.minutes('QQQ', 0, nowUs)) minutes.take(bar);
  return minutes.values;
}

const chosenIn = (told: readonly NearMoneyUpdate[]) =>
  told.findLast((update) => update.kind === 'chosen')?.choice;
const valuesIn = (told: readonly NearMoneyUpdate[]) =>
  told.findLast((update) => update.kind === 'underlying')?.values;

/** Reads on until something is so. @returns what the stream gave. */
async function until(stream: MarketStream, isSo: () => boolean): Promise<readonly MarketEvent[]> {
  const events: MarketEvent[] = [];
  while (!isSo()) events.push(...(await stream.next()));
  return events;
}

/** Reads on until an event of a kind has come. */
async function came(stream: MarketStream, kind: MarketEvent['kind']): Promise<void> {
  while (!(await stream.next()).some((event) => event.kind === kind));
}

describe('options around the money, beside what a stream brings', () => {
  it('begin with the session so far; then quotes and values are told, and the stream has its own alone', async () => {
    await using one = await bench();
    const { control, world } = one.emulator;
    const { told, stream } = await open(one);
    expect(valuesIn(told)).toEqual(valuesNow(one));
    const choice = chosenIn(told);
    expect(choice?.expiration).toBe('2026-01-06');
    expect(choice?.contracts).toHaveLength(10);
    const spot = (world.priceAt('QQQ', control.nowUs) ?? 0) as PriceNanos;
    expect(Math.abs((choice?.centreNanos ?? 0) - spot)).toBeLessThanOrEqual(5e8);
    const symbols = choice?.contracts.map(({ symbol }) => symbol) ?? [];
    const channels = symbols.map((symbol) => `Q.O:${symbol}`).sort();
    expect(control.stream('options').channels()).toEqual(channels);
    expect(control.stream('stocks').channels()).toEqual(['AM.BRK.B', 'AM.QQQ', 'Q.BRK.B', 'T.QQQ']);
    control.advance(1);
    const quoted = new Set<string>();
    const events = await until(stream, () => {
      for (const update of told) if (update.kind === 'quote') quoted.add(update.contract.symbol);
      return quoted.size === symbols.length && valuesIn(told)?.endUs === control.nowUs;
    });
    expect([...quoted].sort()).toEqual([...symbols].sort());
    expect(valuesIn(told)).toEqual(valuesNow(one));
    const kinds = new Set(
      events.map((event) => {
        if (event.kind === 'bar') return `bar ${event.bar.symbol}`;
        return event.kind === 'quote' ? `quote ${event.quote.symbol}` : event.kind;
      }),
    );
    for (const kind of kinds) expect(['connected', 'bar BRK.B', 'quote BRK.B']).toContain(kind);
    await stream.close();
    expect(await stream.next()).toEqual([]);
  });

  it('follow the price: what is listened to is around the money as it is', async () => {
    await using one = await bench();
    const { control, world } = one.emulator;
    const { told, stream } = await open(one);
    const before = control.stream('options').channels();
    // Far enough that the price is somewhere else.
    control.advance(200);
    await until(stream, () => {
      const spot = world.priceAt('QQQ', control.nowUs) ?? 0;
      return Math.abs((chosenIn(told)?.centreNanos ?? 0) - spot) <= 750_000_000;
    });
    expect(control.stream('options').channels()).not.toEqual(before);
    expect(control.stream('options').channels()).toHaveLength(10);
    // What the feed wants changes without them.
    await stream.want({ ...OWN, quotes: [] });
    expect(control.stream('options').channels()).toHaveLength(10);
    expect(control.stream('stocks').channels()).toEqual(['AM.BRK.B', 'AM.QQQ', 'T.QQQ']);
  });

  it('have lost nothing after a break', async () => {
    await using one = await bench();
    const { control } = one.emulator;
    const { told, stream } = await open(one);
    await came(stream, 'connected');
    control.stream('stocks').isDown = true;
    control.stream('stocks').drop();
    await came(stream, 'disconnected');
    control.advance(5);
    expect(valuesIn(told)?.endUs).toBeLessThan(control.nowUs);
    control.stream('stocks').isDown = false;
    await came(stream, 'connected');
    expect(valuesIn(told)?.endUs).toBe(control.nowUs);
    expect(valuesIn(told)).toEqual(valuesNow(one));
  });

  it('are done without where the plan does not hold them: the stream goes on', async () => {
    await using one = await bench();
    const { control } = one.emulator;
    control.refuseChannels(['Q.O:']);
    const { lines, stream } = await open(one);
    expect(lines.join()).toContain('options around the money are not followed');
    expect(control.stream('stocks').channels()).toEqual(['AM.BRK.B', 'Q.BRK.B']);
    control.advance(1);
    const events: MarketEvent[] = [];
    while (!events.some(({ kind }) => kind === 'bar')) events.push(...(await stream.next()));
    expect(events.at(-1)).toMatchObject({ bar: { symbol: 'BRK.B' } });
  });
});
