import { type SizingRule, timeUs } from '@capstan/domain';
import { expect, it } from 'vitest';
import { newBot, reconfigured } from './bot-config.ts';
import { CONFIG, SignalWorld } from './signal-world.fixture.ts';

const BY_ATR: SizingRule = {
  kind: 'atrRisk',
  riskFraction: 0.01,
  atrBars: 2,
  atrMultiple: 2,
  maxFraction: 1,
};

/** What the signals carried, by minute, symbol and direction. */
const carried = (world: SignalWorld) =>
  world
    .slices()
    .flatMap(({ signals }) => signals)
    .map(({ symbol, direction, atrNanos }) => [symbol, direction, atrNanos]);

it('says with each entry what its sizing needs of the bars, also after a new start', async () => {
  const world = new SignalWorld({ sizing: BY_ATR, symbols: ['SPY'] });
  await world.past({ SPY: 90 }, { SPY: 92 });
  await world.open(2);
  await world.until('the hello', () => world.slices().length > 0);
  await world.step(3, { SPY: 110 });
  await world.restart();
  await world.step(4, { SPY: 95 });
  await world.step(5, { SPY: 105 });
  // Ranges 0, 2, 18, 15, 10.
  expect(carried(world)).toEqual([
    ['SPY', 'long', 10_000_000_000],
    ['SPY', 'flat', undefined],
    ['SPY', 'long', 12_500_000_000],
  ]);
});

it('says nothing of it before it has seen enough bars', async () => {
  const world = new SignalWorld({ sizing: BY_ATR, symbols: ['SPY'] });
  await world.open();
  await world.until('the hello', () => world.slices().length > 0);
  await world.step(1, { SPY: 110 });
  expect(carried(world)).toEqual([['SPY', 'long', undefined]]);
});

it('is the same bot where the journal gives the keys of its sizing back in another order', () => {
  const nowUs = timeUs(1);
  const stored = newBot({ ...CONFIG, sizing: BY_ATR }, nowUs);
  const turned = Object.fromEntries(Object.entries(BY_ATR).reverse()) as SizingRule;
  const again = reconfigured({ ...stored, sizing: turned }, { ...CONFIG, sizing: BY_ATR }, nowUs);
  expect(again.configRevision).toBe(stored.configRevision);
  const other = { ...BY_ATR, atrBars: 3 };
  const changed = reconfigured(stored, { ...CONFIG, sizing: other }, nowUs);
  expect(changed.configRevision).toBe(stored.configRevision + 1);
});
