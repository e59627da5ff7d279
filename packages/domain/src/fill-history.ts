import type { DomainErrorCode } from './error-codes.ts';
import { AppError } from './errors.ts';
import type { Fill } from './fill.ts';
import type { Instrument } from './instrument.ts';
import { applyFill, FLAT_POSITION, type Position } from './position.ts';
import { splitPosition } from './split.ts';
import type { SplitEvent } from './split-event.ts';

/** What the position of one bot and symbol follows from. */
export type HistoryEntry = Fill | SplitEvent;

/**
 * Returns the fills that still stand after the busts and corrections among the entries, each corrected one in its first
 * place. A later word may name the fill or any correction of it. A bust is final: what is said of the fill after it changes nothing.
 * @param entries all of one bot and symbol, by accountSequence.
 * @throws LEDGER.REFERENCE when a bust or a correction speaks of a fill that is not before it.
 */
export function standingFills(entries: readonly Fill[]): readonly Fill[] {
  const slots: (Fill | undefined)[] = [];
  const slotOf = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind === 'fill') {
      slotOf.set(entry.fillId, slots.length);
      slots.push(entry);
      continue;
    }
    const slot = entry.refersTo === undefined ? undefined : slotOf.get(entry.refersTo);
    if (slot === undefined) throw unknownReference(entry);
    slotOf.set(entry.fillId, slot);
    slots[slot] = entry.kind === 'bust' ? undefined : corrected(slots[slot], entry);
  }
  return slots.filter((fill) => fill !== undefined);
}

/**
 * Returns the position that entries add up to: as if what was busted had never been. A split restates the fills before its own
 * place, whenever it was told.
 * @param entries all of one bot and symbol, by accountSequence.
 * @param throughSequence leaves out what took effect after it; between two entries where it is no whole number.
 * @throws LEDGER.REFERENCE as {@link standingFills} does.
 */
export function positionOf(
  entries: readonly HistoryEntry[],
  instrument: Instrument,
  throughSequence = Number.POSITIVE_INFINITY,
): Position {
  const splits = entries.filter((entry) => entry.kind === 'split');
  const due = splits.filter(({ followsSequence }) => followsSequence < throughSequence);
  let position = FLAT_POSITION;
  const restate = (beforeSequence: number): void => {
    while (due[0] !== undefined && due[0].followsSequence < beforeSequence) {
      position = splitPosition(position, due[0], instrument).position;
      due.shift();
    }
  };
  for (const fill of standingFills(entries.filter((entry) => entry.kind !== 'split'))) {
    if (fill.accountSequence > throughSequence) break;
    restate(fill.accountSequence);
    position = applyFill(position, fill, instrument);
  }
  restate(Number.POSITIVE_INFINITY);
  return position;
}

function corrected(fill: Fill | undefined, word: Fill): Fill | undefined {
  if (fill === undefined) return undefined;
  const { quantity, priceNanos, feeMicros } = word;
  return { ...fill, quantity, priceNanos, feeMicros };
}

/** Builds the error for a bust or a correction of a fill that is not there. */
export function unknownReference(entry: Fill): AppError {
  return new AppError({
    code: 'LEDGER.REFERENCE' satisfies DomainErrorCode,
    why:
      `${entry.kind} ${entry.fillId} of account ${entry.accountId}, bot ${entry.botId}, ` +
      `${entry.symbol} speaks of fill ${entry.refersTo ?? '(none)'}, which the ledger does not have.`,
    fix: "Compare the account's fills with the venue's.",
    details: { accountId: entry.accountId, accountSequence: entry.accountSequence },
  });
}
