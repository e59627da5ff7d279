import { BUILT_IN_INDICATORS } from './built-ins.ts';
import { fillBarColumn, fillFromBars, fillFromValues, fillValueColumn } from './fill.ts';
import type { Indicator } from './indicator.ts';
import { toColumns } from './test-bars.ts';
import { seriesOfBars } from './test-series.ts';

/**
 * Prints what a value of each indicator costs, in nanoseconds: by the column, by the column over numbers that are not
 * whole, and by one step of the kernel after the other. The best of a few passes over a million bars.
 */

const ROWS = 1_000_000;
const PASSES = 7;

const GIVEN: Readonly<Record<string, number>> = {
  anchorUs: 60_000_000,
  fast: 12,
  multiple: 2,
  period: 20,
  rangePeriod: 10,
  signal: 9,
  slow: 26,
  smoothing: 3,
};

const bars = toColumns(seriesOfBars(ROWS));
const fractions = bars.closeNanos.map((price) => price / 7);
const output = new Float64Array(ROWS);

function nanosecondsOf(pass: () => void): string {
  let best = Number.POSITIVE_INFINITY;
  for (let count = 0; count < PASSES; count += 1) {
    const before = performance.now();
    pass();
    best = Math.min(best, performance.now() - before);
  }
  return ((best * 1e6) / ROWS).toFixed(1).padStart(10);
}

function measure(indicator: Indicator): string {
  const names = Object.keys(indicator.parameters);
  const parameters = Object.fromEntries(names.map((name) => [name, GIVEN[name] ?? 1]));
  if (indicator.input === 'bar') {
    const column = nanosecondsOf(() => fillBarColumn({ indicator, parameters }, bars, output));
    const steps = nanosecondsOf(() => fillFromBars(indicator.create(parameters), bars, output));
    return `${column}${''.padStart(10)}${steps}`;
  }
  const applied = { indicator, parameters };
  const { closeNanos } = bars;
  const column = nanosecondsOf(() => fillValueColumn(applied, closeNanos, output));
  const ofFractions = nanosecondsOf(() => fillValueColumn(applied, fractions, output));
  const steps = nanosecondsOf(() =>
    fillFromValues(indicator.create(parameters), closeNanos, output),
  );
  return `${column}${ofFractions}${steps}`;
}

console.log(`${'ns a value'.padEnd(22)}    column fractions    kernel`);
for (const indicator of BUILT_IN_INDICATORS) {
  console.log(`${indicator.name.padEnd(22)}${measure(indicator)}`);
}
