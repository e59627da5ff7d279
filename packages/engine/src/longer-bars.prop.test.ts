import { type BarSlice, US_PER_DAY } from '@capstan/domain';
import { ema, sessionVwap, sma } from '@capstan/indicators';
import { defineStrategy, ofBars, ofField, ofSymbol, resolveParameters } from '@capstan/strategy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BotCore, type BotCoreOptions } from './bot-core.ts';
import { resampleColumns } from './resample/resample-columns.ts';
import { columnsOfSeries } from './run/graph-of-series.ts';
import type { BacktestSeries } from './run/series-columns.ts';
import { signalsOf } from './run/signals.ts';
import { calendarOf, rawBars, seriesOf, slicesOf } from './run/test-run-world.ts';

const calendar = calendarOf('XNYS');
const EMIT = { emit: true };

/** Reads its own bars of four lengths, and those of CCC of two. */
const strategy = defineStrategy({
  name: 'spans',
  title: 'Spans',
  description: 'Compares lengths.',
  params: {},
  indicators: () => ({
    minute: ofField(sma, { period: 2 }, 'close'),
    five: ofField(ema, { period: 2 }, 'close', '5m'),
    quarter: ofBars(sessionVwap, {}, '15m'),
    day: ofField(sma, { period: 1 }, 'high', '1d'),
    other: ofSymbol('CCC', ofField(sma, { period: 1 }, 'low', '5m')),
    volume: ofSymbol('CCC', ofField(sma, { period: 1 }, 'volume', '30m')),
  }),
  initialState: { asked: 0 },
  update: (_values, { asked }) => ({ asked: asked + 1 }),
  decide: (values, { asked }) => {
    const isLong = values.minute + values.five > values.quarter + values.other;
    const reason = `${asked} ${Object.values(values).join(' ')}`;
    return { direction: isLong ? 'long' : 'flat', strength: isLong ? 1 : 0, reason };
  },
});

const bot = () =>
  new BotCore({
    ...{ runId: 'run', botId: 'bot', accountId: 'account', configRevision: 1, feed: 'feed' },
    ...{
      strategy,
      params: {},
      symbols: ['AAA', 'CCC'],
      timeframe: '1m',
      calendarOf: () => calendar,
    },
  });

const world = fc.tuple(rawBars, rawBars).map(([first, second]) => {
  const series = [seriesOf('AAA', first), seriesOf('CCC', second)].map(withLonger);
  return { series, slices: slicesOf(series, []) };
});

function withLonger({ symbol, bars }: BacktestSeries): BacktestSeries {
  const higher = new Map(
    (['5m', '15m', '30m', '1d'] as const).map((timeframe) => [
      timeframe,
      resampleColumns(bars, { timeframe, calendar }).bars,
    ]),
  );
  return { symbol, bars, higher };
}

/** What a backtest says, over the columns that it builds. */
function overColumns(series: readonly BacktestSeries[]) {
  const params = resolveParameters(strategy, {});
  const references = new Map(
    series.map(({ symbol, bars, higher = new Map() }) => [
      symbol,
      { symbol, calendar: 'XNYS', bars: new Map([['1m', bars] as const, ...higher]) },
    ]),
  );
  return series.flatMap((one) => {
    const columns = columnsOfSeries({
      ...{ graph: strategy.indicators(params), base: '1m', series: { ...one, references } },
      ...{ calendar, calendarOf, indicatorsSee: 'splits', options: {} },
    });
    const { symbol, bars } = one;
    const signals = signalsOf({ ...{ symbol, strategy, params, timeframe: '1m', bars, columns } });
    return Array.from({ length: signals.count }, (_, at) => {
      const { direction, reason } = signals.targetOf(at);
      return [bars.endUs[signals.row[at] ?? -1], symbol, direction, reason];
    });
  });
}

const said = (core: BotCore, slices: readonly BarSlice[]) =>
  slices
    .flatMap((slice) => core.step(slice, EMIT).signals)
    .map(({ barEndUs, symbol, direction, reason }) => [barEndUs, symbol, direction, reason]);

const bySymbol = <T>(all: readonly (readonly T[])[]) =>
  ['AAA', 'CCC'].flatMap((symbol) => all.filter((one) => one[1] === symbol));

describe('longer bars of a bot that is told one-minute bars', () => {
  it('are those that a backtest builds, to the bit: the same decisions', () => {
    let decided = 0;
    fc.assert(
      fc.property(world, ({ series, slices }) => {
        const wanted = overColumns(series);
        decided += wanted.length;
        expect(bySymbol(said(bot(), slices))).toEqual(bySymbol(wanted));
      }),
    );
    expect(decided).toBeGreaterThan(100);
  });

  it('go on from a checkpoint in the middle of a bar', () => {
    fc.assert(
      fc.property(world, fc.nat(60), ({ slices }, cut) => {
        const whole = bot();
        const first = bot();
        const before = said(first, slices.slice(0, cut));
        const second = bot();
        second.restore(first.snapshot());
        expect([...before, ...said(second, slices.slice(cut))]).toEqual(said(whole, slices));
        expect(second.snapshot()).toBe(whole.snapshot());
      }),
    );
  });

  it('of a session that is over are known though nothing trades at its close', () => {
    const core = bot();
    const { slices } = fc.sample(world, { seed: 7, numRuns: 1 })[0] ?? { slices: [] };
    for (const slice of slices) core.step(slice, EMIT);
    const last = slices.at(-1)?.endUs ?? 0;
    const { longer } = JSON.parse(core.snapshot()) as { longer: Record<string, { open: unknown }> };
    expect(longer['1d AAA']?.open).not.toBeNull();
    core.step({ feed: 'feed', endUs: (last + US_PER_DAY) as BarSlice['endUs'], bars: [] }, EMIT);
    const later = JSON.parse(core.snapshot()) as typeof JSON & { longer: typeof longer };
    expect(later.longer['1d AAA']?.open).toBeNull();
  });

  it('need calendars, and one-minute bars', () => {
    const daily = defineStrategy({
      ...strategy,
      name: 'daily',
      indicators: () => ({ day: ofField(sma, { period: 1 }, 'close', '1d') }),
      decide: () => undefined,
    });
    const made = (more: Partial<BotCoreOptions>) => () =>
      new BotCore({
        ...{ runId: 'run', botId: 'bot', accountId: 'account', configRevision: 1, feed: 'feed' },
        ...{ strategy: daily, params: {}, symbols: ['AAA'], timeframe: '1m', ...more },
      });
    expect(made({})).toThrow('strategy daily reads longer bars, and no calendar was given');
    const hourly = { timeframe: '1h', calendarOf: () => calendar } as const;
    expect(made(hourly)).toThrow('longer bars are built of 1m bars, not of 1h');
    expect(made({ ...hourly, longerBars: 'given' })).not.toThrow();
  });
});
