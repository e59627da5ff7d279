/** The name under which cash drifts. */
export const DRIFTED_CASH = '$cash';

/** A difference between ledger and broker that is not explained yet. */
export interface OpenDrift {
  /** A symbol, or {@link DRIFTED_CASH}. */
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
  const drift = drifts.find((one) => one.symbol === symbol);
  if (drift !== undefined) {
    return `the ledger has ${drift.ledger} of ${symbol} and the broker ${drift.broker}`;
  }
  const cash = drifts.find((one) => one.symbol === DRIFTED_CASH);
  if (cash === undefined || cash.broker >= cash.ledger) return undefined;
  return `the broker has ${cash.ledger - cash.broker} micros of cash less than the ledger`;
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
