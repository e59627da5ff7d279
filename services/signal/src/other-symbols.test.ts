import { describe, expect, it } from 'vitest';
import { SignalWorld } from './signal-world.fixture.ts';

const FILTER = {
  strategy: 'market-filter',
  params: { length: 2, market: 'SPY', market_length: 2 },
  symbols: ['QQQ'],
};

/** Bars at which the market turns twice; QQQ rises all the time and has none in minute 5. */
const PRICES = [
  { QQQ: 100, SPY: 50 },
  { QQQ: 101, SPY: 49 },
  { QQQ: 102, SPY: 51 },
  { QQQ: 103, SPY: 50 },
  { SPY: 60 },
  { QQQ: 104 },
  { QQQ: 105, SPY: 40 },
];

describe('a bot whose strategy reads another symbol', () => {
  it('hears its bars and decides on its own, and marks what it trades alone', async () => {
    const world = new SignalWorld(FILTER);
    await world.open();
    await world.until('hello', () => world.said().length > 0);
    for (const [index, price] of PRICES.entries()) await world.step(index + 1, price);
    expect(world.said().slice(1)).toEqual([
      '1 running',
      '2 running QQQ flat',
      '3 running QQQ long',
      '4 running QQQ flat',
      '5 running',
      '6 running QQQ long',
      '7 running QQQ flat',
    ]);
    const marked = world.slices().flatMap(({ marks }) => marks.map(({ symbol }) => symbol));
    expect(new Set(marked)).toEqual(new Set(['QQQ']));
  });

  it('warms up by its bars, and goes on from a checkpoint as if it had never stopped', async () => {
    const world = new SignalWorld(FILTER);
    await world.past(...PRICES.slice(0, 2));
    await world.open();
    await world.until('hello', () => world.said().length > 0);
    await world.step(3, PRICES[2] ?? {});
    await world.restart();
    await world.step(4, PRICES[3] ?? {});
    await world.slice(5, PRICES[4] ?? {});
    await world.heard(5);
    await world.restart();
    await world.step(6, PRICES[5] ?? {});
    expect(world.said().slice(1)).toEqual([
      '3 running QQQ long',
      '4 running QQQ flat',
      '5 running',
      '6 running QQQ long',
    ]);
  });

  it('builds longer bars of what it hears, over restarts', async () => {
    const params = { span: '5m' };
    const world = new SignalWorld({ strategy: 'spans', params, symbols: ['QQQ'] });
    await world.open();
    await world.until('hello', () => world.said().length > 0);
    for (let minute = 1; minute <= 12; minute += 1) {
      await world.step(minute, { QQQ: 100 + minute, SPY: minute <= 6 ? 50 : 250 });
      if (minute === 3 || minute === 8) await world.restart();
    }
    expect(
      world
        .said()
        .slice(1)
        .filter((line) => line.includes('QQQ')),
    ).toEqual(['5 running QQQ long', '10 running QQQ flat']);
  });

  it('waits for a bar of it that comes after its closing', async () => {
    const world = new SignalWorld(FILTER);
    await world.open();
    await world.until('hello', () => world.said().length > 0);
    await world.step(1, PRICES[0] ?? {});
    await world.step(2, PRICES[1] ?? {});
    const bars = await world.journal(3, PRICES[2] ?? {});
    await world.close(3, ['QQQ', 'SPY']);
    for (const bar of bars.filter(({ symbol }) => symbol === 'QQQ')) await world.publishBar(bar);
    await world.settle();
    expect(world.said().at(-1)).toBe('2 running QQQ flat');
    for (const bar of bars.filter(({ symbol }) => symbol === 'SPY')) await world.publishBar(bar);
    await world.heard(3);
    expect(world.said().at(-1)).toBe('3 running QQQ long');
  });
});
