import type { TimeUs } from '@capstan/domain';
import type { ExchangeInput, ExchangeSettings } from '@capstan/engine';

/** Where the exchange stood in its market data when it wrote an entry. */
export interface MarketPosition {
  readonly epochUs: TimeUs;
  readonly sequence: number;
}

/** An entry of the exchange's journal. */
export type JournalEntry =
  /** What the inputs after it were computed with. */
  | { readonly kind: 'settings'; readonly settings: ExchangeSettings }
  | {
      readonly kind: 'input';
      readonly input: ExchangeInput;
      readonly market?: MarketPosition;
      /** End of the last slice by feed when it was written. */
      readonly slices: Readonly<Record<string, number>>;
    };

/** The exchange's own memory: what was appended stays, in order. */
export interface ExchangeJournal {
  read(): Promise<readonly JournalEntry[]>;
  /** Resolves when the entries will survive anything but the loss of the disk. */
  append(entries: readonly JournalEntry[]): Promise<void>;
}
