import { AppError } from '@capstan/domain';
import { Replay, type ReplaySettings, type ReplayState } from '@capstan/engine';
import type { AppliedSequence, ReplayCheckpointRecord, Store } from '@capstan/ports';
import type { BotWorld } from './beginning.ts';
import { JournalReading, type JournalState, type JournalStore } from './journal-reading.ts';
import { SessionBook, type SessionBookState } from './session-book.ts';

/** What a run is replayed by. */
export interface RunReplaySettings extends ReplaySettings, BotWorld {}

/** The format of checkpoints that are written and read. One of another is not used: raise it with whatever changes in them. */
export const REPLAY_FORMAT = 2;

interface RunReplayState {
  readonly journal: JournalState;
  readonly replay: ReplayState;
  readonly book: SessionBookState;
}

/** A replay, and where it begins. */
export interface OpenedReplay {
  readonly replay: RunReplay;
  /** The session after which it goes on; absent where it begins with the run. */
  readonly after?: string;
  /** Why a later checkpoint is not used, in words. */
  readonly unused?: string;
}

/** Replays a run as far as it is journaled; asked again, it goes on from there. */
export class RunReplay {
  readonly book: SessionBook;
  readonly #reading: JournalReading;
  readonly #replay: Replay;

  /** @param from where to go on from; the beginning of the run unless given. */
  constructor(store: JournalStore, settings: RunReplaySettings, from?: RunReplayState) {
    const strategyOf = (name: string) => settings.strategies.get(name);
    this.book = new SessionBook(settings.tradeDate, from?.book);
    this.#reading = new JournalReading(store, settings, from?.journal);
    this.#replay =
      from === undefined ? new Replay(settings) : Replay.restore(settings, from.replay, strategyOf);
  }

  /** Goes on from the latest checkpoint that can be used. @param before of an earlier session than this; of any unless given. */
  static async open(
    store: JournalStore & Pick<Store, 'replayCheckpoint'>,
    settings: RunReplaySettings,
    before?: string,
  ): Promise<OpenedReplay> {
    const query = { runId: settings.runId, ...(before === undefined ? {} : { before }) };
    const latest = await store.replayCheckpoint(query);
    if (latest === undefined) return { replay: new RunReplay(store, settings) };
    const isKnown = latest.format === REPLAY_FORMAT;
    const found = isKnown
      ? latest
      : await store.replayCheckpoint({ ...query, format: REPLAY_FORMAT });
    const unused = isKnown
      ? {}
      : {
          unused: unusedText(
            latest,
            `it has format ${latest.format}, and this version reads ${REPLAY_FORMAT}`,
          ),
        };
    if (found === undefined) return { replay: new RunReplay(store, settings), ...unused };
    try {
      const from = JSON.parse(found.state) as RunReplayState;
      const replay = new RunReplay(store, settings, from);
      return { replay, after: found.tradeDate, ...unused };
    } catch (error) {
      if (!(error instanceof AppError || error instanceof SyntaxError)) throw error;
      const replay = new RunReplay(store, settings);
      return { replay, unused: unusedText(found, error.message) };
    }
  }

  /** How far the journal is read. */
  get applied(): readonly AppliedSequence[] {
    return this.#reading.state().applied;
  }

  /**
   * Replays all that is journaled by now. Other work comes between the pages.
   * @param through the last session that has ended: what was executed later is compared when its own has.
   * @throws REPORTING.REPLAY_GONE where what comes next has been removed. It is of no more use then.
   */
  async advance(through?: string): Promise<void> {
    for (;;) {
      const events = await this.#reading.next();
      if (events.length === 0) break;
      for (const event of events) {
        this.book.count(event);
        this.book.add(this.#replay.take(event));
      }
    }
    this.book.add(this.#replay.settle(through));
  }

  /** Returns all that it goes on from, as JSON. */
  state(): string {
    const [journal, replay] = [this.#reading.state(), this.#replay.state()];
    const state: RunReplayState = { journal, replay, book: this.book.state() };
    return JSON.stringify(state);
  }
}

const unusedText = ({ tradeDate }: ReplayCheckpointRecord, why: string): string =>
  `the checkpoint of ${tradeDate} is not used: ${why}`;
