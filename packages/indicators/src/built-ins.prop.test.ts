import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUILT_IN_INDICATORS } from './built-ins.ts';
import { fillBarColumn, fillFromBars, fillFromValues, fillValueColumn } from './fill.ts';
import type {
  BarIndicator,
  Indicator,
  IndicatorParameter,
  IndicatorParameters,
  ValueIndicator,
} from './indicator.ts';
import type { IndicatorBar, Kernel } from './kernel.ts';
import type { KernelState } from './kernel-state.ts';
import { arbitraryBar, inTime, toColumns } from './test-bars.ts';

const ROWS_MAX = 120;

const fraction = fc.double({ noNaN: true, min: -1e12, max: 1e12 });
const price = fc.integer({ min: 100, max: 100_000 }).map((cents) => cents * 10_000_000);
const small = fc.constantFrom(-2, -1, -0, 0, 1, 2, 0.5);
const huge = fc.maxSafeInteger();
const deep = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: -1 });
const columns = fc.oneof(
  ...[price, small, fraction, huge, deep, fc.oneof(price, fraction, small)].map((value) =>
    fc.array(value, { maxLength: ROWS_MAX }),
  ),
);
const columnsWithGaps = fc.oneof(
  columns,
  fc
    .tuple(columns, fc.nat(9))
    .map(([values, head]) => [...Array.from({ length: head }, () => Number.NaN), ...values]),
  fc.array(
    fc.oneof({ weight: 5, arbitrary: price }, { weight: 1, arbitrary: fc.constant(Number.NaN) }),
    {
      maxLength: ROWS_MAX,
    },
  ),
  fc.array(fc.oneof(fraction, small, fc.constant(Number.NaN)), { maxLength: ROWS_MAX }),
);
const bars = fc.array(arbitraryBar, { maxLength: ROWS_MAX }).map(inTime);

function parameterOf({ type, min, max }: IndicatorParameter): fc.Arbitrary<number> {
  const most = Math.min(max, min + 12);
  return type === 'integer'
    ? fc.integer({ min, max: most })
    : fc.double({ min, max: most, noNaN: true, noDefaultInfinity: true });
}

/** Values for all parameters: windows short enough to fill. */
function parametersOf({ parameters }: Indicator): fc.Arbitrary<IndicatorParameters> {
  return fc.record(
    Object.fromEntries(
      Object.entries(parameters).map(([name, parameter]) => [name, parameterOf(parameter)]),
    ),
  );
}

const overValues = BUILT_IN_INDICATORS.filter(
  (one): one is ValueIndicator => one.input === 'value',
);
const overBars = BUILT_IN_INDICATORS.filter((one): one is BarIndicator => one.input === 'bar');
const byName = <T extends Indicator>(list: readonly T[]) =>
  list.map((indicator) => [indicator.name, indicator] as const);

function expectSameBits(actual: Float64Array, wanted: readonly number[]): void {
  const row = wanted.findIndex((value, index) => !Object.is(actual[index], value));
  expect({ row, actual: actual[row], wanted: wanted[row] }).toEqual({ row: -1 });
  expect(actual.length).toBe(wanted.length);
}

function checkResume<In>(make: () => Kernel<In>, input: readonly In[], cut: number): void {
  const whole = make();
  const wanted = input.map((value) => whole.next(value));
  const first = make();
  const head = input.slice(0, cut).map((value) => first.next(value));
  const second = make();
  for (const value of input.slice(-3)) second.next(value);
  second.restore(JSON.parse(JSON.stringify(first.snapshot())) as KernelState);
  const tail = input.slice(cut).map((value) => second.next(value));
  expect([...head, ...tail]).toEqual(wanted);
  expect(second.snapshot()).toEqual(whole.snapshot());
  const firstValue = wanted.findIndex((value) => value !== undefined);
  if (firstValue >= 0) expect(firstValue).toBeGreaterThanOrEqual(whole.warmup - 1);
}

describe.each(byName(overValues))('%s', (_, indicator) => {
  const parameters = parametersOf(indicator);

  it('continues from a snapshot bit for bit', () => {
    fc.assert(
      fc.property(columns, parameters, fc.nat(ROWS_MAX), (input, given, cut) =>
        checkResume(() => indicator.create(given), input, cut),
      ),
    );
  });

  it('fills a column with the streamed bits, gaps passed over', () => {
    fc.assert(
      fc.property(columnsWithGaps, parameters, (input, given) => {
        const kernel = indicator.create(given);
        const streamed = input.map((value) =>
          Number.isNaN(value) ? value : (kernel.next(value) ?? Number.NaN),
        );
        const values = Float64Array.from(input);
        const slow = new Float64Array(input.length).fill(7);
        fillFromValues(indicator.create(given), values, slow);
        expectSameBits(slow, streamed);
        const quick = new Float64Array(input.length).fill(7);
        fillValueColumn({ indicator, parameters: given }, values, quick);
        expectSameBits(quick, streamed);
        expect([...values]).toEqual(input);
      }),
    );
  });

  it('refuses an infinity on every path', () => {
    const given = fc.sample(parameters, { numRuns: 1, seed: 1 })[0] ?? {};
    const input = Float64Array.of(1, Number.POSITIVE_INFINITY, 3);
    const output = new Float64Array(3);
    const fill = () => fillValueColumn({ indicator, parameters: given }, input, output);
    expect(fill).toThrow('not a finite number');
  });
});

describe.each(byName(overBars))('%s', (_, indicator) => {
  const parameters = parametersOf(indicator);

  it('continues from a snapshot bit for bit', () => {
    fc.assert(
      fc.property(bars, parameters, fc.nat(ROWS_MAX), (input, given, cut) =>
        checkResume<IndicatorBar>(() => indicator.create(given), input, cut),
      ),
    );
  });

  it('fills a column with the streamed bits', () => {
    fc.assert(
      fc.property(bars, parameters, (input, given) => {
        const kernel = indicator.create(given);
        const streamed = input.map((bar) => kernel.next(bar) ?? Number.NaN);
        const slow = new Float64Array(input.length).fill(7);
        fillFromBars(indicator.create(given), toColumns(input), slow);
        expectSameBits(slow, streamed);
        const quick = new Float64Array(input.length).fill(7);
        fillBarColumn({ indicator, parameters: given }, toColumns(input), quick);
        expectSameBits(quick, streamed);
      }),
    );
  });
});
