import { int64, type reportingService } from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import type { Difference } from '@capstan/engine';
import type { ReplayRecord, Store } from '@capstan/ports';
import { LIMITS } from '../limits.ts';
import { RunReplay, type RunReplaySettings } from './run-replay.ts';
import { bounded, type ReplayedBot } from './session-book.ts';

type Day = reportingService.ReplayDayResponse;

/** Answers what a replay of a session finds, now and when it ended. */
export class ReplayAnswers {
  readonly #store: Store;
  readonly #settings: RunReplaySettings;
  /** One replay at a time: each reads the whole run. */
  #turn: Promise<unknown> = Promise.resolve();
  /** The one that waits for its turn: all who ask meanwhile are answered by it. */
  #waiting: Promise<RunReplay> | undefined;

  constructor(store: Store, settings: RunReplaySettings) {
    this.#store = store;
    this.#settings = settings;
  }

  /** Replays a session from the beginning of the run; what is no longer kept is answered as it was found when it ended. */
  async day({ botId, tradeDate: asked }: reportingService.ReplayDayRequest): Promise<Day> {
    let replay: RunReplay;
    try {
      replay = await this.#replayed();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'REPORTING.REPLAY_GONE') throw error;
      return this.#stored(asked, botId, error);
    }
    const { tradeDates } = replay.book;
    const tradeDate = asked === '' ? ((await this.#lastEnded()) ?? tradeDates.at(-1) ?? '') : asked;
    return dayOf(tradeDate, replay.book.session(tradeDate), [...tradeDates], botId);
  }

  /** What was found when sessions ended, the latest first. */
  async list(limit: number): Promise<reportingService.ListReplaysResponse> {
    const { runId, accounts } = this.#settings;
    const most = limit === 0 ? accounts.length : Math.min(limit, LIMITS.replaysListed);
    const rows = await this.#store.replays({ runId, limit: most });
    const wanted = limit === 0 ? rows.filter((row) => row.tradeDate === rows[0]?.tradeDate) : rows;
    return { replays: wanted.map(rowToWire) };
  }

  /** Replays all that is journaled when its turn comes. */
  #replayed(): Promise<RunReplay> {
    if (this.#waiting !== undefined) return this.#waiting;
    const replayed = this.#turn.then(async () => {
      this.#waiting = undefined;
      const replay = new RunReplay(this.#store, this.#settings);
      await replay.advance();
      return replay;
    });
    this.#waiting = replayed;
    this.#turn = replayed.catch(() => undefined);
    return replayed;
  }

  async #lastEnded(): Promise<string | undefined> {
    const [row] = await this.#store.replays({ runId: this.#settings.runId, limit: 1 });
    return row?.tradeDate;
  }

  async #stored(asked: string, botId: string, gone: AppError): Promise<Day> {
    const { runId } = this.#settings;
    const rows = await this.#store.replays({ runId, limit: LIMITS.replaysListed });
    const tradeDate = asked === '' ? rows[0]?.tradeDate : asked;
    const wanted = rows.filter((row) => row.tradeDate === tradeDate);
    if (tradeDate === undefined || rows.length === 0) throw gone;
    const bots = wanted.flatMap(({ report }) => JSON.parse(report) as readonly ReplayedBot[]);
    const dates = [...new Set(rows.map((row) => row.tradeDate))].sort();
    return dayOf(tradeDate, wanted.length === 0 ? undefined : bots, dates, botId);
  }
}

function dayOf(
  tradeDate: string,
  bots: readonly ReplayedBot[] | undefined,
  tradeDates: string[],
  botId: string,
): Day {
  if (bots === undefined) return { tradeDate: '', bots: [], tradeDates };
  const wanted = bots.filter((bot) => botId === '' || bot.botId === botId);
  return { tradeDate, bots: wanted.map(bounded).map(botToWire), tradeDates };
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
