import type { OrderRevision } from '@capstan/domain';
import type { Amounts } from './amounts.ts';
import type { OrderRow } from './rows.ts';

/** What single rows and messages of Alpaca's say. */

export const isRejected = ({ status }: OrderRow): boolean => status === 'rejected';

export const isFill = (event: string): boolean => event === 'fill' || event === 'partial_fill';

export const endOf = (row: OrderRow): string | null | undefined =>
  row.canceled_at ?? row.expired_at ?? row.failed_at ?? row.updated_at ?? row.submitted_at;

/** A row that was written before the one that is known says nothing new. */
export function isOlder(row: OrderRow, known: OrderRow, amounts: Amounts): boolean {
  const [at, before] = [amounts.time(row.updated_at), amounts.time(known.updated_at)];
  return at !== undefined && before !== undefined && at < before;
}

export const isSame = (a: OrderRevision, b: OrderRevision | undefined): boolean =>
  b !== undefined &&
  a.quantity === b.quantity &&
  a.limitPriceNanos === b.limitPriceNanos &&
  a.stopPriceNanos === b.stopPriceNanos;
