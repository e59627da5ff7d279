import { describe, expect, it } from 'vitest';
import { dateDrawdown, drawdowns, underwater } from './drawdown-table.ts';

const curve = Float64Array.from([90, 95, 100, 120, 96, 108, 120, 119, 130, 65, 78]);
const sessions = {
  dates: ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05'],
  lastRow: Int32Array.from([1, 3, 7, 10]),
};

describe('drawdowns', () => {
  const table = drawdowns(curve, { initial: 100 });

  it('lists the deepest first, with peak, trough and recovery', () => {
    expect(table).toEqual([
      { peakRow: 8, troughRow: 9, recoveryRow: undefined, depthFraction: -0.5 },
      { peakRow: 3, troughRow: 4, recoveryRow: 6, depthFraction: expect.closeTo(-0.2, 12) },
      { peakRow: undefined, troughRow: 0, recoveryRow: 2, depthFraction: expect.closeTo(-0.1, 12) },
      { peakRow: 6, troughRow: 7, recoveryRow: 8, depthFraction: expect.closeTo(-1 / 120, 12) },
    ]);
  });

  it('keeps no more than asked for, and the earlier of equals', () => {
    expect(drawdowns(curve, { initial: 100, rows: 2 })).toEqual(table.slice(0, 2));
    const twins = Float64Array.from([90, 100, 90, 100, 90]);
    expect(drawdowns(twins, { initial: 100, rows: 2 }).map((one) => one.troughRow)).toEqual([0, 2]);
    expect(() => drawdowns(curve, { initial: 100, rows: 0 })).toThrow('rows');
  });

  it('is empty where equity never fell', () => {
    expect(drawdowns(Float64Array.from([100, 100, 101]), { initial: 100 })).toEqual([]);
  });

  it('dates them, and counts sessions from the peak to the recovery or the end', () => {
    expect(table.map((one) => dateDrawdown(one, sessions))).toMatchObject([
      { peakDate: '2024-01-05', troughDate: '2024-01-05', recoveryDate: undefined, sessions: 0 },
      { peakDate: '2024-01-03', recoveryDate: '2024-01-04', sessions: 1, sessionsToTrough: 1 },
      { peakDate: undefined, troughDate: '2024-01-02', sessions: 2, sessionsToTrough: 1 },
      { peakDate: '2024-01-04', recoveryDate: '2024-01-05', sessions: 1, sessionsToTrough: 0 },
    ]);
  });
});

describe('underwater', () => {
  it('says how far below the highest equity each bar is', () => {
    const below = [...underwater(Float64Array.from([90, 110, 99, 110]), 100)];
    expect(below).toEqual([expect.closeTo(-0.1, 12), 0, expect.closeTo(-0.1, 12), 0]);
  });
});
