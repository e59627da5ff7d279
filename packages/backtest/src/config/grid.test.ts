import { maCross } from '@capstan/strategy';
import { expect, it } from 'vitest';
import { parseSource } from './config-source.ts';
import { checkGrid, type Grid, gridOf } from './grid.ts';
import { checkRun } from './read-run.ts';

const all = (grid: Grid) => Array.from({ length: grid.count }, (_, index) => grid.at(index));

it('has one combination where nothing is swept', () => {
  const grid = gridOf({ fast: 3, entry: 'cross' });
  expect(grid.isSweep).toBe(false);
  expect(all(grid)).toEqual([{ fast: 3, entry: 'cross' }]);
});

it('turns the last axis fastest', () => {
  const grid = gridOf({ fast: [1, 2, 2], slow: { from: 10, to: 30, step: 10 }, entry: 'level' });
  expect(all(grid)).toEqual([
    { fast: 1, slow: 10, entry: 'level' },
    { fast: 1, slow: 20, entry: 'level' },
    { fast: 1, slow: 30, entry: 'level' },
    { fast: 2, slow: 10, entry: 'level' },
    { fast: 2, slow: 20, entry: 'level' },
    { fast: 2, slow: 30, entry: 'level' },
  ]);
  expect(grid.placesOf(4)).toEqual([1, 1]);
});

it('counts steps from the start, without drift, and leaves out what steps do not reach', () => {
  const [axis] = gridOf({ x: { from: 0.1, to: 0.75, step: 0.1 } }).axes;
  expect(Array.from({ length: axis?.length ?? 0 }, (_, place) => axis?.at(place))).toEqual([
    0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7,
  ]);
});

it('counts a billion combinations without making them', () => {
  const wide = { from: 1, to: 1_000, step: 1 };
  const grid = gridOf({ a: wide, b: wide, c: wide });
  expect(grid.count).toBe(1_000_000_000);
  expect(grid.at(999_999_999)).toEqual({ a: 1_000, b: 1_000, c: 1_000 });
});

it('refuses what cannot be counted, and a range without a value', () => {
  const wide = { from: 1, to: 10_000_000, step: 1 };
  expect(() => gridOf({ a: wide, b: wide, c: wide })).toThrow(
    /10000000 values of a × .*1\.00e\+21/,
  );
  expect(() => gridOf({ a: { from: 2, to: 1, step: 1 } })).toThrow(
    /from 2 to 1, which has no value/,
  );
});

it('checks the values of each axis against the strategy, with their place', () => {
  const check = (params: string) => {
    const text = `provider: synthetic\nsymbol: A\ntimeframe: 1m\nstrategy: ma-cross\nparams: ${params}\n`;
    const source = parseSource(text, 'run.yaml');
    const run = checkRun(source, 'run.yaml');
    checkGrid(gridOf(run.params), maCross, { run, locate: source.locate, file: 'run.yaml' });
  };
  expect(() => check('{ fast: [9, 3], slow: { from: 2, to: 5 } }')).not.toThrow();
  expect(() => check('{ fats: 3 }')).toThrow(
    /run\.yaml:5:11: .*no parameter 'fats'.*Did you mean 'fast'/,
  );
  expect(() => check('{ fast: { from: 0, to: 9 } }')).toThrow(/whole number from 1 to 5000, not 0/);
  expect(() => check('{ fast: { from: 1, to: 9, step: 0.5 } }')).toThrow(
    /whole number from 1 to 5000, not 1\.5/,
  );
  expect(() => check('{ fast: { from: 9, to: 9 } }')).not.toThrow();
  expect(() => check('{ entry: [level, corss] }')).toThrow(/one of level, cross, not "corss"/);
});
