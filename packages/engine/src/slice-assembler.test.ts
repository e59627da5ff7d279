import { type Bar, priceNanos, type TimeUs, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { SliceAssembler } from './slice-assembler.ts';

const MINUTE = 60_000_000;
const at = (minute: number): TimeUs => timeUs(minute * MINUTE);
const bar = (symbol: string, minute: number): Bar => ({
  symbol,
  timeframe: '1m',
  startUs: at(minute - 1),
  endUs: at(minute),
  revision: 0,
  openNanos: priceNanos(1),
  highNanos: priceNanos(1),
  lowNanos: priceNanos(1),
  closeNanos: priceNanos(1),
  volume: 1,
});
const closing = (minute: number, ...symbols: string[]) => ({
  feed: 'demo',
  endUs: at(minute),
  symbols,
});

describe('SliceAssembler', () => {
  it('gives a slice when it is closed, its bars sorted', () => {
    const assembler = new SliceAssembler();
    expect(assembler.onBar(bar('B', 1))).toEqual([]);
    expect(assembler.onBar(bar('A', 1))).toEqual([]);
    const slices = assembler.onClosed(closing(1, 'A', 'B'));
    expect(slices).toEqual([{ feed: 'demo', endUs: at(1), bars: [bar('A', 1), bar('B', 1)] }]);
    expect(assembler.empty).toBe(true);
  });

  it('waits for a bar that comes after its closing', () => {
    const assembler = new SliceAssembler();
    expect(assembler.onClosed(closing(1, 'A'))).toEqual([]);
    expect(assembler.empty).toBe(false);
    expect(assembler.onBar(bar('A', 1))).toHaveLength(1);
  });

  it('holds a later slice back until the earlier one is whole', () => {
    const assembler = new SliceAssembler();
    assembler.onClosed(closing(1, 'A'));
    assembler.onBar(bar('A', 2));
    expect(assembler.onClosed(closing(2, 'A'))).toEqual([]);
    expect(assembler.onBar(bar('A', 1)).map((slice) => slice.endUs)).toEqual([at(1), at(2)]);
  });

  it('cares only for the symbols wanted', () => {
    const assembler = new SliceAssembler(['A']);
    expect(assembler.onBar(bar('B', 1))).toEqual([]);
    expect(assembler.onClosed(closing(1, 'B'))).toEqual([{ feed: 'demo', endUs: at(1), bars: [] }]);
  });

  it('takes a repeated bar once', () => {
    const assembler = new SliceAssembler();
    assembler.onBar(bar('A', 1));
    assembler.onBar(bar('A', 1));
    expect(assembler.onClosed(closing(1, 'A'))[0]?.bars).toHaveLength(1);
  });
});
