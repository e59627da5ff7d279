import { cashMicros, formatCash } from '@capstan/domain';

/** The name under which cash drifts. */
export const DRIFTED_CASH = '$cash';

/**
 * The name under which an account at a broker is told that is not open, as its broker holds other cash than the configuration says;
 * its ledger has what the configuration says.
 */
export const UNOPENED = '$opening';

/** A difference between ledger and broker that is not explained yet. */
export interface OpenDrift {
  /** A symbol, {@link DRIFTED_CASH}, or {@link UNOPENED}. */
  readonly symbol: string;
  /** Quantity at the instrument's scale, or micros of cash. */
  readonly ledger: number;
  readonly broker: number;
}

/** The open drifts of an account; `unreadable` where nobody can say which there are. */
export type OpenDrifts = readonly OpenDrift[] | 'unreadable';

/**
 * Says why nothing may be added in a symbol: it drifts, or the broker has less cash than the ledger; `undefined` where it may.
 * More cash than the ledger knows of endangers nothing.
 */
export function driftReason(drifts: OpenDrifts, symbol: string): string | undefined {
  if (drifts === 'unreadable') return 'what is stored of the drifts cannot be read';
  const unopened = drifts.find((one) => one.symbol === UNOPENED);
  if (unopened !== undefined) return unopenedReason(unopened);
  const drift = drifts.find((one) => one.symbol === symbol);
  if (drift !== undefined) {
    return `the ledger has ${drift.ledger} of ${symbol} and the broker ${drift.broker}`;
  }
  const cash = drifts.find((one) => one.symbol === DRIFTED_CASH);
  if (cash === undefined || cash.broker >= cash.ledger) return undefined;
  return `the broker has ${cash.ledger - cash.broker} micros of cash less than the ledger`;
}

function unopenedReason({ ledger, broker }: Pick<OpenDrift, 'ledger' | 'broker'>): string {
  const text = (micros: number) => formatCash(cashMicros(micros));
  return `the configuration opens it with cash: ${text(ledger)}, and the broker holds ${text(broker)}: leave \`cash\` out, or write \`cash: ${text(broker)}\``;
}

/** The name under which cash is told that trades of others took, where an account ignores those: it is no drift, and holds nothing. */
const FOREIGN_CASH = '$foreign';

/** Returns what tells risk of cash that others took; nothing where they took none. @param cashMicros signed. */
export function foreignCash(cashMicros: number): readonly OpenDrift[] {
  return cashMicros < 0 ? [{ symbol: FOREIGN_CASH, ledger: 0, broker: cashMicros }] : [];
}

/** Returns the cash that others took, from 0: the ledgers have it, and the broker does not. */
export function foreignDebitMicros(drifts: OpenDrifts | undefined): number {
  if (drifts === undefined || drifts === 'unreadable') return 0;
  return 0 - (drifts.find(({ symbol }) => symbol === FOREIGN_CASH)?.broker ?? 0);
}

/** Leaves out what is told with the drifts and is none. */
export function realDrifts(drifts: readonly OpenDrift[]): readonly OpenDrift[] {
  return drifts.filter(({ symbol }) => symbol !== FOREIGN_CASH);
}

/** Writes the open drifts as position-sync stores them for others. */
export function encodeDrifts(drifts: readonly OpenDrift[]): string {
  const plain = drifts.map(({ symbol, ledger, broker }) => ({ symbol, ledger, broker }));
  return JSON.stringify(plain.sort((a, b) => (a.symbol < b.symbol ? -1 : 1)));
}

/** Reads what {@link encodeDrifts} wrote. */
export function decodeDrifts(text: string): OpenDrifts {
  try {
    const stored: unknown = JSON.parse(text);
    return Array.isArray(stored) && stored.every(isDrift) ? stored : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

function isDrift(value: unknown): value is OpenDrift {
  if (typeof value !== 'object' || value === null) return false;
  const { symbol, ledger, broker } = value as Partial<OpenDrift>;
  return typeof symbol === 'string' && Number.isSafeInteger(ledger) && Number.isSafeInteger(broker);
}
