import { formatDecimal, formatPrice, priceNanos } from '@capstan/domain';
import { cashText } from '../bot-status.ts';
import { type Column, timeText } from '../console/table.ts';
import type { Answer } from '../gateway-client.ts';

/** Decimals of a symbol's quantities, by symbol; 0 where it is absent. */
export type Scales = ReadonlyMap<string, number>;

/** A column of text. */
export const text = (title: string, key: string): Column<Answer> => ({
  title,
  text: (row) => String(row[key] ?? ''),
});

/** A column of times. */
export const time = (title: string, key: string): Column<Answer> => ({
  title,
  text: (row) => timeText(row[key]),
});

/** A column of quantities, at each symbol's scale. */
export const amount = (title: string, key: string, scales: Scales): Column<Answer> => ({
  title,
  align: 'right',
  text: (row) => numberText(row[key], (value) => formatDecimal(value, scaleOf(scales, row))),
});

/** A column of prices. */
export const price = (title: string, key: string): Column<Answer> => ({
  title,
  align: 'right',
  text: (row) => numberText(row[key], (value) => formatPrice(priceNanos(value))),
});

/** A column of cash. */
export const cash = (title: string, key: string): Column<Answer> => ({
  title,
  align: 'right',
  text: (row) => numberText(row[key], cashText),
});

function numberText(value: unknown, write: (value: number) => string): string {
  return typeof value === 'number' ? write(value) : '';
}

function scaleOf(scales: Scales, row: Answer): number {
  return scales.get(String(row.symbol)) ?? 0;
}
