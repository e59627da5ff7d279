import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BUILT_IN_INDICATORS } from './built-ins.ts';
import type { Indicator } from './indicator.ts';
import { meanChange } from './test-mean-change.ts';

interface Row {
  readonly name: string;
  readonly over: string;
  readonly parameters: readonly string[];
  readonly warmup: string;
  readonly unit: string;
  readonly source: string;
}

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

const rows: readonly Row[] = readme
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [name = '', over = '', parameters = '', warmup = '', unit = '', source = ''] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const quoted = [...parameters.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? '');
    return { name: name.replaceAll('`', ''), over, parameters: quoted, warmup, unit, source };
  });

/** Computes a warm-up as the table writes it: sums of numbers, parameters, `2 × x` and `max(x, y)`. */
function computed(text: string, given: Readonly<Record<string, number>>): number {
  const flat = text.replace(/max\((\w+), (\w+)\)/g, (_, a: string, b: string) =>
    String(Math.max(given[a] ?? Number.NaN, given[b] ?? Number.NaN)),
  );
  return flat
    .replaceAll('− ', '+ −')
    .split(' + ')
    .map((term) =>
      term
        .split(' × ')
        .map((factor) => given[factor] ?? Number(factor.replace('−', '-')))
        .reduce((product, factor) => product * factor, 1),
    )
    .reduce((sum, term) => sum + term, 0);
}

/** Distinct values within bounds, so that a warm-up of the wrong parameter shows. */
function somePrimes({ parameters }: Indicator): Readonly<Record<string, number>> {
  const primes = [11, 5, 7];
  return Object.fromEntries(Object.keys(parameters).map((name, at) => [name, primes[at] ?? 3]));
}

describe("the README's table", () => {
  it('has one row for each built-in indicator, in order', () => {
    expect(rows.map(({ name }) => name)).toEqual(BUILT_IN_INDICATORS.map(({ name }) => name));
  });

  it.each(BUILT_IN_INDICATORS.map((one) => [one.name, one] as const))(
    'is right on %s',
    (name, one) => {
      const row = rows.find((candidate) => candidate.name === name);
      expect(row?.over).toBe(one.input === 'bar' ? 'bars' : 'numbers');
      expect([...(row?.parameters ?? [])].sort()).toEqual(Object.keys(one.parameters).sort());
      const given = somePrimes(one);
      expect(computed(row?.warmup ?? '', given)).toBe(one.create(given).warmup);
      expect(row?.unit).not.toBe('');
      expect(row?.source).toMatch(/\d{4}/);
    },
  );
});

describe("the README's indicator", () => {
  it('is the file that is tested here', () => {
    const file = readFileSync(new URL('./test-mean-change.ts', import.meta.url), 'utf8');
    expect(readme).toContain(file.replace("'./index.ts'", "'@capstan/indicators'"));
  });

  it('works', () => {
    const kernel = meanChange.create({ period: 2 });
    expect([5, 7, 3, 4].map((value) => kernel.next(value))).toEqual([undefined, undefined, 3, 2.5]);
    const resumed = meanChange.create({ period: 2 });
    resumed.restore(kernel.snapshot());
    expect(resumed.next(14)).toBe(kernel.next(14));
  });
});
