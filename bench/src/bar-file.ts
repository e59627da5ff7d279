import { writeFile } from 'node:fs/promises';

/** A market that a bench plays: bars of one minute, as a file, whose prices make every trading symbol trade on every bar of its own. */
export interface BarPlan {
  readonly symbols: readonly string[];
  readonly slices: number;
  /** Symbols with a bar in a slice: all of them, or one after another. */
  readonly bars: 'all at once' | 'one by one';
}

/** A Monday, away from every midnight. */
const FIRST_BAR_US = Date.UTC(2026, 2, 2, 15) * 1_000;
const MINUTE_US = 60_000_000;

/** Returns how many slices of a plan end at or before a time. */
export function slicesThrough(plan: BarPlan, endUs: number): number {
  const passed = Math.floor((endUs - FIRST_BAR_US) / MINUTE_US);
  return Math.min(plan.slices, Math.max(0, passed));
}

/** Returns the names of so many symbols, in order. */
export function symbolNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `S${String(index).padStart(3, '0')}`);
}

/** Writes the bars of a plan. Prices go up and down in turn, bar by bar of a symbol. */
export async function writeBars(path: string, plan: BarPlan): Promise<void> {
  const lines = ['symbol,ts_utc_us,open,high,low,close,volume'];
  for (let slice = 0; slice < plan.slices; slice += 1) {
    const startUs = FIRST_BAR_US + slice * MINUTE_US;
    const line = (symbol: string, turn: number): void => {
      const [open, close] = turn % 2 === 0 ? ['101.00', '100.00'] : ['100.00', '101.00'];
      lines.push(`${symbol},${startUs},${open},101.10,99.90,${close},1000000`);
    };
    if (plan.bars === 'all at once') {
      for (const symbol of plan.symbols) line(symbol, slice);
    } else {
      const symbol = plan.symbols[slice % plan.symbols.length];
      if (symbol !== undefined) line(symbol, Math.floor(slice / plan.symbols.length));
    }
  }
  await writeFile(path, `${lines.join('\n')}\n`);
}
