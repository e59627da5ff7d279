import {
  type CashMicros,
  cashMicros,
  type PriceNanos,
  priceNanos,
  type TimeUs,
  timeUs,
  type VenueActivity,
} from '@capstan/domain';
import { type Amounts, cashOf, priceOf } from './amounts.ts';
import type { ActivityRow } from './rows.ts';

/** What moves cash and is neither a dividend nor a trade, by Alpaca's names; all others are transfers. */
const KINDS: Readonly<Record<string, 'interest' | 'charge'>> = {
  INT: 'interest',
  INTNRA: 'interest',
  INTTW: 'interest',
  FEE: 'charge',
  CFEE: 'charge',
  PTC: 'charge',
  DIVFEE: 'charge',
};

/** Corporate actions whose shares Alpaca's activities do not tell as a ratio: the position is compared, and a person looks. */
const UNTOLD = new Set(['SPLIT', 'SPIN', 'REORG', 'MA', 'NC', 'OPASN', 'OPEXC', 'OPEXP']);

/** Tells whether an activity changed positions in a way that it does not say. */
export const isUntold = ({ activity_type, activity_sub_type }: ActivityRow): boolean =>
  UNTOLD.has(activity_type) || UNTOLD.has(activity_sub_type ?? '');

/** Returns an activity as the port has it. What moved no cash is a transfer of nothing, so that the list goes on past it. */
export function activityOf(row: ActivityRow, accountId: string, amounts: Amounts): VenueActivity {
  const head = { activityId: row.id, accountId, eventAtUs: timeOf(row, amounts) };
  const amountMicros = cashOf(row.net_amount);
  if (row.activity_type.startsWith('DIV') && row.symbol != null && row.symbol !== '') {
    return { ...head, ...dividendOf(row, row.symbol, amountMicros) };
  }
  const kind = KINDS[row.activity_type];
  if (kind !== undefined) return { ...head, kind, amountMicros };
  if (row.activity_type === 'CSD' && amountMicros > 0) {
    return { ...head, kind: 'deposit', amountMicros };
  }
  if (row.activity_type === 'CSW' && amountMicros < 0) {
    return { ...head, kind: 'withdrawal', amountMicros };
  }
  return { ...head, kind: 'transfer', amountMicros };
}

/** A payment says what each share got; a tax that is withheld does not. */
function dividendOf({ per_share_amount }: ActivityRow, symbol: string, amountMicros: CashMicros) {
  const kind = 'dividend' as const;
  const perUnit: PriceNanos = per_share_amount == null ? priceNanos(0) : priceOf(per_share_amount);
  return {
    ...{ kind, symbol, amountMicros: cashMicros(amountMicros) },
    ...(perUnit > 0 ? { perUnitNanos: perUnit } : {}),
  };
}

/** When it was entered, else the start of its day. */
function timeOf({ created_at, date }: ActivityRow, amounts: Amounts): TimeUs {
  const day = date == null || date === '' ? undefined : `${date.slice(0, 10)}T00:00:00Z`;
  return amounts.time(created_at) ?? amounts.time(day) ?? timeUs(0);
}
