import { expect, it } from 'vitest';
import { ColumnStore } from './column-store.ts';

const column = (rows: number) => new Float64Array(rows);

it('keeps columns by symbol and node', () => {
  const store = new ColumnStore(1_000);
  const kept = column(10);
  store.get('A').set('sma(3)', kept);
  expect(store.get('A').get('sma(3)')).toBe(kept);
  expect(store.get('B').get('sma(3)')).toBeUndefined();
  expect(store.bytes).toBe(80);
});

it('drops the column that was not asked for the longest, of whatever symbol', () => {
  const store = new ColumnStore(240);
  store.get('A').set('one', column(10));
  store.get('B').set('two', column(10));
  store.get('A').set('three', column(10));
  store.get('A').get('one');
  store.get('B').set('four', column(10));
  expect(store.get('B').get('two')).toBeUndefined();
  expect(store.get('A').get('one')).toBeDefined();
  expect(store.get('A').get('three')).toBeDefined();
  expect(store.bytes).toBe(240);
});

it('keeps the column in hand even where it alone is too much', () => {
  const store = new ColumnStore(8);
  store.get('A').set('wide', column(10));
  expect(store.get('A').get('wide')).toBeDefined();
});
