import { assert } from './errors.ts';
import type { CashMicros, TimeUs } from './numbers.ts';

export const CASH_EVENT_KINDS = [
  'deposit',
  'withdrawal',
  'interest',
  'dividend',
  'charge',
  'transfer',
] as const;
export type CashEventKind = (typeof CASH_EVENT_KINDS)[number];

/** Kinds of cash that was not earned or lost: no profit, and no loss. */
export const CASH_FLOWS: readonly CashEventKind[] = ['deposit', 'withdrawal', 'transfer'];

/** Cash that comes or goes without a trade. */
export interface CashEvent {
  readonly cashEventId: string;
  readonly kind: CashEventKind;
  readonly accountId: string;
  /** The bot whose ledger takes it; `house` for what belongs to none. */
  readonly botId: string;
  /** Signed: positive comes in. */
  readonly amountMicros: CashMicros;
  /** The symbol whose holders it is for. */
  readonly symbol?: string;
  /** What the venue calls that which it comes of; several entries may share it. */
  readonly activityId?: string;
  readonly eventAtUs: TimeUs;
  /** Its place among the account's ledger entries, in the same numbering as the fills. */
  readonly accountSequence: number;
}

/** States that a deposit comes in and a withdrawal goes out. @throws InvariantError */
export function checkCashEvent(event: CashEvent): void {
  const { kind, amountMicros, cashEventId } = event;
  assert(kind !== 'deposit' || amountMicros > 0, `deposit ${cashEventId} must be positive`);
  assert(kind !== 'withdrawal' || amountMicros < 0, `withdrawal ${cashEventId} must be negative`);
}
