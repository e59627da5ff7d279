import type { TimeUs } from '@capstan/domain';
import { Replay, type ReplaySettings } from '@capstan/engine';
import type { BotWorld } from './beginning.ts';
import { JournalReading, type JournalStore } from './journal-reading.ts';
import { SessionBook } from './session-book.ts';

/** What a run is replayed by. */
export interface RunReplaySettings extends ReplaySettings, BotWorld {
  readonly tradeDate: (us: TimeUs) => string;
}

/** Replays a run as far as it is journaled; asked again, it goes on from there. */
export class RunReplay {
  readonly book: SessionBook;
  readonly #reading: JournalReading;
  readonly #replay: Replay;

  constructor(store: JournalStore, settings: RunReplaySettings) {
    this.book = new SessionBook(settings.tradeDate);
    this.#reading = new JournalReading(store, settings);
    this.#replay = new Replay(settings);
  }

  /**
   * Replays all that is journaled by now. Other work comes between the pages.
   * @throws REPORTING.REPLAY_GONE where the beginning has been removed. It is of no more use then.
   */
  async advance(): Promise<void> {
    for (;;) {
      const events = await this.#reading.next();
      if (events.length === 0) break;
      for (const event of events) {
        this.book.count(event);
        this.book.add(this.#replay.take(event));
      }
    }
    this.book.add(this.#replay.settle());
  }
}
