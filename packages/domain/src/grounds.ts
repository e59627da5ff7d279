import type { TimeUs } from './numbers.ts';

/** How far an account knew the world as it decided a slice, beside what its bots said of that. */
export interface Grounds {
  /** The run's clock: the end of the slice in a playback. Ages are counted to it. */
  readonly nowUs: TimeUs;
  /** Last of the ledger's entries that were applied; 0 before the first. */
  readonly accountSequence: number;
  /** Outbox sequence of the last word on orders that was applied; 0 before the first. */
  readonly orderSequence: number;
}
