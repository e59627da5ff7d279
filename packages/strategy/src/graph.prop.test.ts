import { type Bar, timeUs } from '@capstan/domain';
import { atr, ema, sma } from '@capstan/indicators';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IndicatorGraph, ofBars, ofField, ofNode } from './graph.ts';
import { graphColumns } from './graph-columns.ts';
import { type GraphState, GraphStream } from './graph-stream.ts';
import { columnsOf, flatBar } from './test-bars.ts';

const graph: IndicatorGraph = {
  fast: ofField(sma, { period: 2 }, 'close'),
  high: ofField(sma, { period: 3 }, 'high'),
  open: ofField(ema, { period: 2 }, 'open'),
  low: ofField(sma, { period: 1 }, 'low'),
  volume: ofField(sma, { period: 2 }, 'volume'),
  range: ofBars(atr, { period: 3 }),
  chain: ofNode(ema, { period: 3 }, ofField(sma, { period: 2 }, 'close')),
  five: ofField(sma, { period: 2 }, 'close', '5m'),
};

/** One-minute bars with holes; at every fifth minute that has a bar, a five-minute bar too. */
const history = fc
  .array(fc.option(fc.integer({ min: 100, max: 999 }), { freq: 5 }), { maxLength: 60 })
  .map((cents) => {
    const bars: Bar[] = [];
    cents.forEach((price, index) => {
      const minute = index + 1;
      if (minute % 5 === 0) {
        const startUs = timeUs((minute - 5) * 60_000_000);
        bars.push(flatBar(minute, price ?? 500, { timeframe: '5m', startUs }));
      }
      if (price !== null) bars.push(flatBar(minute, price, { volume: price }));
    });
    return bars;
  });

describe('a graph', () => {
  it('has the same bits in columns as in a stream, higher timeframes aligned', () => {
    fc.assert(
      fc.property(history, (bars) => {
        const stream = new GraphStream(graph, '1m');
        const streamed: (Readonly<Record<string, number>> | undefined)[] = [];
        for (const bar of bars) {
          stream.step(bar.timeframe, bar);
          if (bar.timeframe === '1m') streamed.push(stream.values());
        }
        const columns = graphColumns(graph, {
          base: '1m',
          bars: new Map([
            ['1m', columnsOf(bars, '1m')],
            ['5m', columnsOf(bars, '5m')],
          ]),
          cache: new Map(),
        });
        streamed.forEach((values, row) => {
          const here = Object.entries(columns).map(([name, column]) => [name, column[row]]);
          const complete = here.every(([, value]) => !Number.isNaN(value));
          expect(complete).toBe(values !== undefined);
          if (values !== undefined) expect(Object.fromEntries(here)).toEqual(values);
        });
      }),
    );
  });

  it('continues from a snapshot bit for bit', () => {
    fc.assert(
      fc.property(history, fc.nat(60), (bars, cut) => {
        const whole = new GraphStream(graph, '1m');
        let resumed = new GraphStream(graph, '1m');
        bars.forEach((bar, index) => {
          if (index === cut) {
            const state = JSON.parse(JSON.stringify(resumed.snapshot())) as GraphState;
            resumed = new GraphStream(graph, '1m');
            resumed.restore(state);
          }
          whole.step(bar.timeframe, bar);
          resumed.step(bar.timeframe, bar);
          expect(resumed.values()).toEqual(whole.values());
        });
        expect(resumed.snapshot()).toEqual(whole.snapshot());
      }),
    );
  });

  it('computes a node once for all runs that share a cache', () => {
    const bars = [1, 2, 3].map((minute) => flatBar(minute, 100 * minute));
    const cache = new Map<string, Float64Array>();
    const input = {
      base: '1m' as const,
      bars: new Map([['1m', columnsOf(bars, '1m')]] as const),
      cache,
    };
    const first = graphColumns({ a: ofField(sma, { period: 2 }, 'close') }, input);
    const second = graphColumns({ b: ofField(sma, { period: 2 }, 'close') }, input);
    expect(second.b).toBe(first.a);
    expect([...cache.keys()]).toEqual(['sma(period=2,close)@1m']);
    const hourly = { c: ofField(sma, { period: 2 }, 'close', '1h') };
    expect(() => graphColumns(hourly, input)).toThrow('no columns of 1h bars were given');
  });
});
