import { int64, type reportingService } from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import type { Difference } from '@capstan/engine';
import type { ReplayRecord, Store } from '@capstan/ports';
import { LIMITS } from '../limits.ts';
import { type OpenedReplay, RunReplay, type RunReplaySettings } from './run-replay.ts';
import type { ReplayedBot } from './session-book.ts';

type Day = reportingService.ReplayDayResponse;

/** A replay that waits for its turn, and the earliest session that it is asked for. */
interface Waiting {
  tradeDate: string;
  readonly opened: Promise<OpenedReplay>;
}

/** Answers what a replay of a session finds, now and when it ended. */
export class ReplayAnswers {
  readonly #store: Store;
  readonly #settings: RunReplaySettings;
  /** One replay at a time: each reads the journal from its session on. */
  #turn: Promise<void> = Promise.resolve();
  /** The one that waits for its turn: all who ask meanwhile are answered by it. */
  #waiting: Waiting | undefined;

  constructor(store: Store, settings: RunReplaySettings) {
    this.#store = store;
    this.#settings = settings;
  }

  /**
   * Replays a session, from the checkpoint before it or the beginning of the run; one whose inputs are no longer kept is answered as it
   * was found when it ended.
   */
  async day({ botId, tradeDate: asked }: reportingService.ReplayDayRequest): Promise<Day> {
    const tradeDate = asked === '' ? await this.#lastEnded() : asked;
    let opened: OpenedReplay;
    try {
      opened = await this.#replayed(tradeDate ?? '');
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'REPORTING.REPLAY_GONE') throw error;
      return this.#stored(tradeDate, botId, error);
    }
    const { book } = opened.replay;
    const wanted = tradeDate ?? book.tradeDates.at(-1) ?? '';
    const bots = book.session(wanted);
    const tradeDates = bots === undefined ? await this.#known(book.tradeDates) : book.tradeDates;
    return dayOf({ tradeDate: wanted, bots, tradeDates, note: opened.unused ?? '' }, botId);
  }

  /** What was found when sessions ended, the latest first. */
  async list(limit: number): Promise<reportingService.ListReplaysResponse> {
    const { runId, accounts } = this.#settings;
    const most = limit === 0 ? accounts.length : Math.min(limit, LIMITS.replaysListed);
    const rows = await this.#store.replays({ runId, limit: most });
    const wanted = limit === 0 ? rows.filter((row) => row.tradeDate === rows[0]?.tradeDate) : rows;
    return { replays: wanted.map(rowToWire) };
  }

  /** @throws REPORTING.REPLAY_GONE where what it would begin with is no longer kept. */
  async #replayed(tradeDate: string): Promise<OpenedReplay> {
    for (;;) {
      this.#waiting ??= this.#queued(tradeDate);
      const waiting = this.#waiting;
      if (tradeDate < waiting.tradeDate) waiting.tradeDate = tradeDate;
      try {
        return await waiting.opened;
      } catch (error) {
        // Who asked for an earlier session may have asked for what is gone: this one is asked for again without it.
        if (waiting.tradeDate === tradeDate) throw error;
      }
    }
  }

  /** Replays all that is journaled when its turn comes. */
  #queued(tradeDate: string): Waiting {
    const opened = this.#turn.then(async () => {
      this.#waiting = undefined;
      const { tradeDate: before } = waiting;
      const from = await RunReplay.open(this.#store, this.#settings, before);
      await from.replay.advance();
      return from;
    });
    const done = (): void => undefined;
    this.#turn = opened.then(done, done);
    const waiting: Waiting = { tradeDate, opened };
    return waiting;
  }

  async #lastEnded(): Promise<string | undefined> {
    const [row] = await this.#store.replays({ runId: this.#settings.runId, limit: 1 });
    return row?.tradeDate;
  }

  #found(): Promise<readonly ReplayRecord[]> {
    return this.#store.replays({ runId: this.#settings.runId, limit: LIMITS.replaysListed });
  }

  /** All sessions that can be asked for. */
  async #known(dates: readonly string[]): Promise<readonly string[]> {
    const rows = await this.#found();
    return [...new Set([...rows.map((row) => row.tradeDate), ...dates])].sort();
  }

  async #stored(tradeDate: string | undefined, botId: string, gone: AppError): Promise<Day> {
    const rows = await this.#found();
    if (tradeDate === undefined || rows.length === 0) throw gone;
    const wanted = rows.filter((row) => row.tradeDate === tradeDate);
    const bots = wanted.flatMap(({ report }) => JSON.parse(report) as readonly ReplayedBot[]);
    const tradeDates = await this.#known([]);
    const note = `the inputs of ${tradeDate} are no longer kept: this is what was found as it ended`;
    return dayOf(
      { tradeDate, bots: wanted.length === 0 ? undefined : bots, tradeDates, note },
      botId,
    );
  }
}

function dayOf(
  {
    tradeDate,
    bots,
    tradeDates: dates,
    note,
  }: {
    readonly tradeDate: string;
    readonly bots: readonly ReplayedBot[] | undefined;
    readonly tradeDates: readonly string[];
    readonly note: string;
  },
  botId: string,
): Day {
  const tradeDates = [...dates];
  if (bots === undefined) return { tradeDate: '', bots: [], tradeDates, note: '' };
  const wanted = bots.filter((bot) => botId === '' || bot.botId === botId);
  return { tradeDate, bots: wanted.map(botToWire), tradeDates, note };
}

const botToWire = ({ differences, ...bot }: ReplayedBot): reportingService.ReplayedBot => ({
  ...bot,
  differences: differences.map(differenceToWire),
});

function differenceToWire(one: Difference): reportingService.ReplayDifference {
  const { atUs, accountId, botId, symbol, kind, cause, live, replay } = one;
  const { why = '', orderId = '' } = one;
  return {
    ...{ atUs: int64.of(atUs), accountId, botId, symbol, kind, cause, live, replay, why, orderId },
  };
}

function rowToWire(row: ReplayRecord): reportingService.Replay {
  const { accountId, tradeDate, differences, unexplained, replayedAtUs } = row;
  return {
    ...{ accountId, tradeDate, differences, unexplained },
    replayedAtUs: int64.of(replayedAtUs),
  };
}
