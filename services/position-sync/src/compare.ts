import { deriveId, type TimeUs } from '@capstan/domain';
import type {
  DriftRecord,
  LedgerCashRecord,
  LedgerPositionRecord,
  VenueAccount,
} from '@capstan/ports';
import { DRIFTED_CASH } from '@capstan/risk';

/** One thing that ledger and broker disagree on. */
export interface Difference {
  /** A symbol, or {@link DRIFTED_CASH}. */
  readonly symbol: string;
  /** Quantity at the instrument's scale, or micros of cash. */
  readonly ledger: number;
  readonly broker: number;
}

/** Tells whether risk has opened an account's ledger: it funds it before anything else, with a row that stays. */
export function isOpened(
  positions: readonly LedgerPositionRecord[],
  cash: readonly LedgerCashRecord[],
): boolean {
  return positions.length > 0 || cash.length > 0;
}

/** What of a broker's account is somebody else's. */
export interface Stake {
  readonly positions: readonly { readonly symbol: string; readonly quantity: number }[];
  readonly cashMicros: number;
}

const NOBODYS: Stake = { positions: [], cashMicros: 0 };

/**
 * Compares the sum of all bots' ledgers with what the broker says. Sorted by symbol; empty where they agree.
 * @param others what is left out of what the broker says.
 */
export function differences(
  positions: readonly LedgerPositionRecord[],
  cash: readonly LedgerCashRecord[],
  broker: VenueAccount,
  others: Stake = NOBODYS,
): readonly Difference[] {
  const ledger = new Map<string, number>();
  for (const { symbol, quantity } of positions)
    ledger.set(symbol, (ledger.get(symbol) ?? 0) + quantity);
  const held = new Map(
    broker.positions.map(({ symbol, quantity }) => [symbol, quantity as number]),
  );
  for (const { symbol, quantity } of others.positions)
    held.set(symbol, (held.get(symbol) ?? 0) - quantity);
  const symbols = [...new Set([...ledger.keys(), ...held.keys()])].sort();
  const found: Difference[] = symbols.map((symbol) => ({
    symbol,
    ledger: ledger.get(symbol) ?? 0,
    broker: held.get(symbol) ?? 0,
  }));
  const ledgerCash = cash.reduce((sum, one) => sum + one.cashMicros, 0);
  const brokerCash = broker.cashMicros - others.cashMicros;
  found.unshift({ symbol: DRIFTED_CASH, ledger: ledgerCash, broker: brokerCash });
  return found.filter((one) => one.ledger !== one.broker);
}

/** What a comparison changes. */
export interface Judgement {
  /** Drifts to write: opened, changed or healed. */
  readonly drifts: readonly DriftRecord[];
  /** Differences seen now, to be confirmed by the next snapshot. */
  readonly suspected: readonly Difference[];
}

/**
 * Judges what was found: a difference is a drift when two snapshots in a row show the same one with nothing in flight; a drift is
 * healed by the first snapshot that agrees.
 * @param before differences that the last snapshot showed.
 * @param open drifts that are open.
 */
export function judge(
  accountId: string,
  found: readonly Difference[],
  before: readonly Difference[],
  open: readonly DriftRecord[],
  nowUs: TimeUs,
): Judgement {
  const drifts: DriftRecord[] = [];
  const bySymbol = new Map(found.map((one) => [one.symbol, one]));
  for (const drift of open) {
    const now = bySymbol.get(drift.symbol);
    if (now === undefined) drifts.push({ ...drift, healedAtUs: nowUs });
    else if (now.ledger !== drift.ledger || now.broker !== drift.broker) {
      drifts.push({ ...drift, ledger: now.ledger, broker: now.broker });
    }
  }
  for (const one of found) {
    const known = open.some((drift) => drift.symbol === one.symbol);
    const confirmed = before.some(
      (earlier) =>
        earlier.symbol === one.symbol &&
        earlier.ledger === one.ledger &&
        earlier.broker === one.broker,
    );
    if (known || !confirmed) continue;
    const driftId = deriveId('drift', accountId, one.symbol, nowUs);
    drifts.push({ driftId, accountId, ...one, openedAtUs: nowUs });
  }
  return { drifts, suspected: found };
}
