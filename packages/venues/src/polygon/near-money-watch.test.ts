import type { PriceNanos } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import type { NearMoneyUpdate } from '../market/near-money-tracker.ts';
import { NearMoneyWatch } from '../market/near-money-watch.ts';
import { UnderlyingMinutes } from '../market/underlying-values.ts';
import { type Bench, bench, NYSE, quickClock, textLog } from './polygon.test-support.ts';

const open = ({ data, emulator }: Bench) =>
  NearMoneyWatch.open(
    {
      venue: data,
      clock: quickClock(() => emulator.control.nowUs),
      calendar: NYSE,
      log: textLog().log,
    },
    { strikes: 2 },
  );

/** What the whole of the market says by now, taken in its order. */
function valuesNow({ emulator }: Bench) {
  const minutes = new UnderlyingMinutes(NYSE);
  const { nowUs } = emulator.control;
  for (const bar of emulator.world.minutes('QQQ', 0, nowUs)) minutes.take(bar);
  return minutes.values;
}

async function until(
  watch: NearMoneyWatch,
  wanted: (update: NearMoneyUpdate) => boolean,
): Promise<readonly NearMoneyUpdate[]> {
  const got: NearMoneyUpdate[] = [];
  while (!got.some(wanted)) got.push(...(await watch.next()));
  return got;
}

const atEnd = (endUs: number) => (update: NearMoneyUpdate) =>
  update.kind === 'underlying' && update.values.endUs === endUs;

describe('the watch of options around the money', () => {
  it('begins with the session so far, then tells quotes of the chosen options and the values', async () => {
    await using one = await bench();
    const { control, world } = one.emulator;
    const watch = await open(one);
    const first = await watch.next();
    expect(first).toContainEqual({ kind: 'underlying', underlying: 'QQQ', values: valuesNow(one) });
    const chosen = first.find((update) => update.kind === 'chosen');
    expect(chosen?.choice.expiration).toBe('2026-01-06');
    expect(chosen?.choice.contracts).toHaveLength(10);
    const spot = (world.priceAt('QQQ', control.nowUs) ?? 0) as PriceNanos;
    expect(Math.abs((chosen?.choice.centreNanos ?? 0) - spot)).toBeLessThanOrEqual(5e8);
    const contracts = new Set(chosen?.choice.contracts.map(({ symbol }) => symbol));
    const channels = [...contracts].map((symbol) => `Q.O:${symbol}`).sort();
    expect(control.stream('options').channels()).toEqual(channels);
    control.advance(1);
    const seen = new Set<string>();
    let values: unknown;
    while (seen.size < contracts.size || values === undefined) {
      for (const update of await watch.next()) {
        if (update.kind === 'quote') seen.add(update.contract.symbol);
        if (update.kind === 'underlying') values = update.values;
      }
    }
    expect([...seen].sort()).toEqual([...contracts].sort());
    expect(values).toEqual(valuesNow(one));
    await watch.close();
  });

  it('follows the price: what is listened to is around the money as it is', async () => {
    await using one = await bench();
    const { control, world } = one.emulator;
    const watch = await open(one);
    await watch.next();
    const before = control.stream('options').channels();
    // Far enough that the price is somewhere else.
    control.advance(200);
    await until(watch, (update) => update.kind === 'chosen' && atRest(update));
    function atRest({ choice }: Extract<NearMoneyUpdate, { kind: 'chosen' }>): boolean {
      const spot = world.priceAt('QQQ', control.nowUs) ?? 0;
      return Math.abs(choice.centreNanos - spot) <= 750_000_000;
    }
    expect(control.stream('options').channels()).not.toEqual(before);
    expect(control.stream('options').channels()).toHaveLength(10);
    await watch.close();
  });

  it('has lost nothing after a break', async () => {
    await using one = await bench();
    const { control } = one.emulator;
    const watch = await open(one);
    await watch.next();
    control.stream('stocks').isDown = true;
    control.stream('stocks').drop();
    control.advance(5);
    control.stream('stocks').isDown = false;
    const told = await until(watch, atEnd(control.nowUs));
    const last = told.findLast((update) => update.kind === 'underlying');
    expect(last?.values).toEqual(valuesNow(one));
    await watch.close();
    expect(await watch.next()).toEqual([]);
  });
});
