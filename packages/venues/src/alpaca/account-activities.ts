import {
  type CashMicros,
  type PriceNanos,
  priceNanos,
  type TimeUs,
  timeUs,
  type VenueActivity,
} from '@capstan/domain';
import { type Amounts, cashOf, priceOf } from './amounts.ts';
import type { CorporateTerms } from './corporate-terms.ts';
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

/** Corporate actions that change shares in ways that nothing tells here: the position is compared, and a person looks. */
const UNTOLD = new Set([
  'SPLIT',
  'SPIN',
  'REORG',
  'MA',
  'NC',
  'OPASN',
  'OPEXC',
  'OPEXP',
  'OPTRD',
  'ACATS',
]);

/** An activity as the port has it, and whether it changed shares in a way that is not known. */
export interface ReadActivity {
  readonly activity: VenueActivity;
  readonly isUntold: boolean;
}

/**
 * Reads an activity. What moved no cash is a transfer of nothing, so that the list goes on past it.
 * @throws VENUE.UNAVAILABLE while the terms of a corporate action cannot be read.
 */
export async function readActivity(
  row: ActivityRow,
  of: {
    readonly accountId: string;
    readonly amounts: Amounts;
    readonly terms: Pick<CorporateTerms, 'split' | 'exAtUs'>;
  },
): Promise<ReadActivity> {
  const { amounts, terms, accountId } = of;
  const { activity_type: type, symbol, date } = row;
  const day = date == null || date === '' ? undefined : date.slice(0, 10);
  const head = { activityId: row.id, accountId, eventAtUs: timeOf(row, day, amounts) };
  const amountMicros = cashOf(row.net_amount);
  const isOfSymbol = symbol != null && symbol !== '';
  if (type === 'SPLIT' && isOfSymbol && day !== undefined) {
    const split = await terms.split(symbol, day);
    if (split === undefined) return untold({ ...head, kind: 'transfer', amountMicros });
    return told({ ...head, kind: 'split', symbol, ...split, fractionMicros: amountMicros });
  }
  if (type.startsWith('DIV') && type !== 'DIVFEE' && isOfSymbol) {
    const exAtUs = day === undefined ? undefined : await terms.exAtUs(symbol, day);
    const dividend = dividendOf(row, symbol, amountMicros);
    return told({ ...head, ...dividend, ...(exAtUs === undefined ? {} : { exAtUs }) });
  }
  const isUntold = UNTOLD.has(type) || UNTOLD.has(row.activity_sub_type ?? '');
  return { activity: { ...head, ...cashOfType(type, amountMicros) }, isUntold };
}

const told = (activity: VenueActivity): ReadActivity => ({ activity, isUntold: false });
const untold = (activity: VenueActivity): ReadActivity => ({ activity, isUntold: true });

function cashOfType(type: string, amountMicros: CashMicros) {
  const kind = KINDS[type];
  if (kind !== undefined) return { kind, amountMicros };
  if (type === 'CSD' && amountMicros > 0) return { kind: 'deposit', amountMicros } as const;
  if (type === 'CSW' && amountMicros < 0) return { kind: 'withdrawal', amountMicros } as const;
  return { kind: 'transfer', amountMicros } as const;
}

/** A payment says what each share got; a tax that is withheld does not. */
function dividendOf({ per_share_amount }: ActivityRow, symbol: string, amountMicros: CashMicros) {
  const perUnit: PriceNanos = per_share_amount == null ? priceNanos(0) : priceOf(per_share_amount);
  return {
    ...({ kind: 'dividend', symbol, amountMicros } as const),
    ...(perUnit > 0 ? { perUnitNanos: perUnit } : {}),
  };
}

/** When it took effect: a split before its day's trading; all else when it was entered, else with its day. */
function timeOf(row: ActivityRow, day: string | undefined, amounts: Amounts): TimeUs {
  const start = day === undefined ? undefined : amounts.time(`${day}T00:00:00Z`);
  if (row.activity_type === 'SPLIT') return start ?? timeUs(0);
  return amounts.time(row.created_at) ?? start ?? timeUs(0);
}
