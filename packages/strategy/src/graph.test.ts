import { atr, ema, sessionVwap, sma, trueRange } from '@capstan/indicators';
import { describe, expect, it } from 'vitest';
import {
  graphNeedsSession,
  graphPart,
  graphReferences,
  graphTimeframes,
  graphWarmup,
  nodeKey,
  nodeWarmup,
  ofBars,
  ofField,
  ofNode,
  ofSymbol,
} from './graph.ts';
import { GraphStream } from './graph-stream.ts';
import { flatBar } from './test-bars.ts';
import { failureOf } from './test-code-of.ts';

const closes = ofField(sma, { period: 3 }, 'close');
const smoothed = ofNode(ema, { period: 4 }, closes);

describe('nodes', () => {
  it('are named by what they compute', () => {
    expect(nodeKey(closes, '1m')).toBe('sma(period=3,close)@1m');
    expect(nodeKey(smoothed, '1m')).toBe('ema(period=4,sma(period=3,close)@1m)@1m');
    expect(nodeKey(ofBars(trueRange, {}, '5m'), '1m')).toBe('true-range(bar)@5m');
  });

  it('need the bars of what they read and their own', () => {
    expect(nodeWarmup(closes)).toBe(3);
    expect(nodeWarmup(smoothed)).toBe(6);
    expect(nodeWarmup(ofBars(atr, { period: 14 }))).toBe(14);
  });

  it('refuse parameters that the indicator refuses', () => {
    expect(failureOf(() => ofField(sma, { period: 0 }, 'close'))).toContain('INDICATOR.PARAMETER');
    expect(failureOf(() => ofNode(sma, { period: 0 }, closes))).toContain('INDICATOR.PARAMETER');
    expect(failureOf(() => ofBars(atr, { period: -1 }))).toContain('INDICATOR.PARAMETER');
  });
});

describe('graphWarmup', () => {
  it('is the most that a node needs, in bars of the bot', () => {
    expect(graphWarmup({}, '1m')).toBe(1);
    expect(graphWarmup({ closes, smoothed }, '5m')).toBe(6);
    expect(graphWarmup({ hours: ofField(sma, { period: 2 }, 'close', '1h') }, '5m')).toBe(24);
    expect(graphWarmup({ days: ofField(sma, { period: 2 }, 'close', '1d') }, '1h')).toBe(48);
  });

  it('refuses an input finer than the bot', () => {
    const fine = { fine: ofField(sma, { period: 2 }, 'close', '1m') };
    expect(failureOf(() => graphWarmup(fine, '1d'))).toContain('finer than');
  });
});

describe('graph', () => {
  it('knows its timeframes, the longest first', () => {
    const hourly = ofNode(ema, { period: 2 }, ofBars(trueRange, {}, '1h'));
    expect(graphTimeframes({ closes, hourly }, '5m')).toEqual(['1h', '5m']);
  });

  it('knows whether a node needs the session', () => {
    const vwap = ofBars(sessionVwap, {});
    expect(graphNeedsSession({ closes, smoothed })).toBe(false);
    expect(graphNeedsSession({ closes, over: ofNode(sma, { period: 2 }, vwap) })).toBe(true);
  });
});

describe('ofSymbol', () => {
  const market = ofSymbol('SPY', closes);
  const slow = ofNode(
    sma,
    { period: 2 },
    ofSymbol('SPY', ofField(sma, { period: 3 }, 'close', '1h')),
  );
  const graph = { closes, market, slow, other: ofSymbol('QQQ', ofBars(trueRange, {}, '5m')) };

  it('says which symbols a graph reads beside its own, with their timeframes', () => {
    expect([...graphReferences(graph, '5m')]).toEqual([
      ['QQQ', ['5m']],
      ['SPY', ['1h', '5m']],
    ]);
    expect(graphReferences({ closes }, '5m').size).toBe(0);
    expect(graphTimeframes(graph, '5m')).toEqual(['5m']);
    expect(graphWarmup(graph, '5m')).toBe(4 * 12);
  });

  it('parts a graph by the symbol that is read; nodes of a node read what it reads', () => {
    expect(graphPart(graph, undefined)).toEqual({ closes });
    expect(Object.keys(graphPart(graph, 'SPY'))).toEqual(['market', 'slow']);
    expect(graphPart(graph, 'SPY').market).toEqual(closes);
    expect(graphPart(graph, 'AAPL')).toEqual({});
  });

  it('refuses an indicator over two symbols, and a graph that was not parted', () => {
    expect(failureOf(() => ofSymbol('QQQ', slow))).toContain('reads SPY and is to read QQQ too');
    expect(ofSymbol('SPY', slow)).toEqual(slow);
    expect(failureOf(() => new GraphStream(graph, '5m'))).toContain("'market' reads SPY");
  });
});

describe('GraphStream', () => {
  it('gives values once all are there, and reads every field', () => {
    const one = { period: 1 };
    const stream = new GraphStream(
      {
        open: ofField(sma, one, 'open'),
        high: ofField(sma, one, 'high'),
        low: ofField(sma, one, 'low'),
        volume: ofField(sma, one, 'volume'),
        two: ofField(sma, { period: 2 }, 'close'),
      },
      '1m',
    );
    stream.step('1m', flatBar(1, 100));
    expect(stream.values()).toBeUndefined();
    const prices = { openNanos: 2, highNanos: 4, lowNanos: 1, closeNanos: 3, volume: 7 };
    stream.step('1m', prices);
    expect(stream.values()).toEqual({ open: 2, high: 4, low: 1, volume: 7, two: 500_000_001.5 });
  });

  it('shares the kernel of nodes that mean the same', () => {
    const again = ofField(sma, { period: 3 }, 'close');
    const stream = new GraphStream({ closes, again, smoothed }, '1m');
    expect(Object.keys(stream.snapshot())).toEqual([
      'sma(period=3,close)@1m',
      'ema(period=4,sma(period=3,close)@1m)@1m',
    ]);
  });

  it('refuses the state of another graph', () => {
    const state = new GraphStream({ closes }, '1m').snapshot();
    expect(failureOf(() => new GraphStream({ smoothed }, '1m').restore(state))).toContain(
      'STRATEGY.CHECKPOINT',
    );
  });
});
