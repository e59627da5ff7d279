import type { Denial, Intent } from '@capstan/domain';
import type { OutboxDraft } from '@capstan/journal';

/** What the messages that came together lead to; written by one commit. */
export interface InHand {
  intents: Intent[];
  denials: Denial[];
  outbox: OutboxDraft[];
  /** What was heard, but leads to no row and no message: it may be lost, as its messages then come again. */
  heard: boolean;
  /** Rows changed. */
  changed: boolean;
  /** Lines that are said once it is committed. */
  said: (() => void)[];
}

/** Returns what an account has in hand before the first message. */
export const NOTHING = (): InHand => ({
  intents: [],
  denials: [],
  outbox: [],
  heard: false,
  changed: false,
  said: [],
});
