/** One row of the page of errors. */
export interface ErrorRow {
  readonly code: string;
  /** What it means. */
  readonly meaning: string;
  /** What the reader can do about it. */
  readonly fix: string;
}

/** Every code of an `AppError` that this package throws. */
export const DOMAIN_ERRORS = [
  {
    code: 'INSTRUMENT.INVALID',
    meaning: 'An instrument has a field that prices, quantities or cash cannot be computed with.',
    fix: 'Correct the field that the message names.',
  },
  {
    code: 'INSTRUMENT.UNKNOWN',
    meaning: 'A symbol is not among the instruments that the process was given.',
    fix: 'Check the spelling, or add the instrument to the configuration.',
  },
  {
    code: 'LEDGER.GAP',
    meaning: 'Too many ledger entries wait for one before them that has not come.',
    fix: 'Read the missing entries from the journal, from the sequence that the message names.',
  },
  {
    code: 'LEDGER.HISTORY',
    meaning: 'The fills supplied for a restored position do not add up to that position.',
    fix: 'Rebuild the ledger of the account from all of its fills.',
  },
  {
    code: 'LEDGER.REFERENCE',
    meaning: 'A bust or a correction speaks of a fill that the ledger does not have.',
    fix: "Compare the account's fills with the venue's before anything else is applied.",
  },
  {
    code: 'NUMBER.FORMAT',
    meaning: 'A text is no decimal number, or has more places or digits than can be kept exactly.',
    fix: 'Write it like 123.45, with no more decimal places than the field has.',
  },
] as const satisfies readonly ErrorRow[];

/** A code of this package. */
export type DomainErrorCode = (typeof DOMAIN_ERRORS)[number]['code'];
