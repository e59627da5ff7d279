import { decodeBarsClosed, decodeOrderEvent, decodeSession, subjects } from '@capstan/contracts';
import { AppError, type TimeUs } from '@capstan/domain';
import type { CommitDraft, OwnerInput, OwnerLogic, OwnerSession } from '@capstan/journal';
import type {
  BusMessage,
  Clock,
  Log,
  Meter,
  ReplayCheckpointRecord,
  ReplayRecord,
  Store,
} from '@capstan/ports';
import { LIMITS } from '../limits.ts';
import { METRICS } from '../telemetry.ts';
import { REPLAY_FORMAT, RunReplay, type RunReplaySettings } from './run-replay.ts';
import { foundOf } from './session-book.ts';

/** The key of the one who replays each session. */
export const REPLAY_KEY = 'replay';

export interface ReplayPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** What it knows beside the replay itself. */
interface StoredState {
  readonly version: 1;
  readonly tradeDate: string;
  /** The last slices of feeds that have ended. */
  readonly lastEnds: readonly (readonly [string, TimeUs])[];
}

/** Replays each session when it has ended by event time, and writes down what was found. */
export class ReplayOwner implements OwnerLogic {
  readonly inputs: readonly OwnerInput[] = [
    { stream: 'MARKET', filters: [subjects.allBarsClosed] },
    { stream: 'TRADING', filters: [subjects.allOrders] },
    { stream: 'CONTROL', filters: [subjects.allSessions] },
  ];
  readonly #ports: ReplayPorts;
  readonly #settings: RunReplaySettings;
  readonly #lastEnds = new Map<string, TimeUs>();
  #replay: RunReplay | undefined;
  #tradeDate = '';
  /** What was written of a session and account: what ends twice, by schedule and by slices, is told once. */
  readonly #written = new Map<string, string>();
  /** The newest session that has ended and is not replayed. */
  #due: string | undefined;
  /** The session after which it was last written down where to go on. */
  #checkpointed = '';
  /** Messages that were heard since it was last written down how far the streams are read. */
  #heard = 0;

  constructor(ports: ReplayPorts, settings: RunReplaySettings) {
    this.#ports = ports;
    this.#settings = settings;
  }

  async load({ state }: Pick<OwnerSession, 'state'>): Promise<void> {
    if (state !== undefined) this.#takeState(state);
    const { store, meter } = this.#ports;
    meter.count(METRICS.replaysFailed, 0);
    const { runId } = this.#settings;
    const limit = this.#settings.accounts.length;
    for (const found of await store.replays({ runId, limit })) {
      const { accountId, differences, unexplained } = found;
      this.#written.set(keyOf(found), found.report);
      meter.gauge(METRICS.replayDifferences, differences, { account: accountId });
      meter.gauge(METRICS.replayUnexplained, unexplained, { account: accountId });
    }
  }

  #takeState(state: Uint8Array): void {
    const { version, tradeDate, lastEnds } = JSON.parse(
      new TextDecoder().decode(state),
    ) as StoredState;
    if (version !== 1) {
      throw new AppError({
        code: 'REPORTING.STATE',
        why: `stored state has version ${String(version)}; this service reads version 1.`,
        fix: 'Run the version that wrote it.',
      });
    }
    this.#tradeDate = tradeDate;
    for (const [feed, endUs] of lastEnds) this.#lastEnds.set(feed, endUs);
  }

  /** Writes a step, and with it how far the sessions are. */
  async #commit(session: OwnerSession, step: CommitDraft): Promise<void> {
    const stored: StoredState = {
      ...{ version: 1, tradeDate: this.#tradeDate, lastEnds: [...this.#lastEnds] },
    };
    const state = new TextEncoder().encode(JSON.stringify(stored));
    await session.commit({ ...step, state });
    this.#heard = 0;
  }

  onMessage(_session: OwnerSession, message: BusMessage): Promise<void> {
    const { stream, data } = message;
    this.#heard += 1;
    if (stream === 'MARKET') this.#onClosed(data);
    else if (stream === 'CONTROL') this.#onSession(data);
    else this.#onOrders(data);
    return Promise.resolve();
  }

  #onClosed(data: Uint8Array): void {
    const { runId, feed, endUs, last } = decodeBarsClosed(data);
    if (runId === this.#settings.runId && last) this.#lastEnds.set(feed, endUs);
  }

  /** A market's day has ended by its schedule: where bars come by the clock, long before the next session. */
  #onSession(data: Uint8Array): void {
    const { runId, kind, date } = decodeSession(data);
    const isOurs = runId === this.#settings.runId && kind === 'endOfDay';
    if (isOurs && date === this.#tradeDate) this.#due = date;
  }

  /** The first slice of a session says that the one before has ended, and the last of a feed that its own has. */
  #onOrders(data: Uint8Array): void {
    const { runId, sliceDone } = decodeOrderEvent(data);
    if (runId !== this.#settings.runId || sliceDone === undefined || sliceDone.sliceEndUs === 0)
      return;
    const { feed, sliceEndUs } = sliceDone;
    const date = this.#settings.tradeDate(sliceEndUs);
    if (date > this.#tradeDate) {
      if (this.#tradeDate !== '') this.#due = this.#tradeDate;
      this.#tradeDate = date;
    }
    if (this.#lastEnds.get(feed) === sliceEndUs) this.#due = date;
  }

  /**
   * What fails here must stop nothing else: a session that cannot be replayed is said to be so, and tried again with the next. That
   * it was heard of is written all the same: the outbox keeps what a receiver has not applied.
   */
  async onBatchEnd(session: OwnerSession): Promise<void> {
    const due = this.#due;
    if (due === undefined) {
      // A new owner hears again what is not written down.
      if (this.#heard >= LIMITS.replayHeard) await this.#commit(session, {});
      return;
    }
    this.#due = undefined;
    let replays: readonly ReplayRecord[];
    try {
      this.#replay ??= await this.#open(session.log);
      await this.#replay.advance(due);
      replays = this.#found(this.#replay, due);
    } catch (error) {
      this.#replay = undefined;
      session.log.error('the session could not be replayed', { session: due, error });
      this.#ports.meter.count(METRICS.replaysFailed, 1);
      await this.#commit(session, {});
      return;
    }
    const fresh = replays.filter((one) => this.#written.get(keyOf(one)) !== one.report);
    this.#forgetBefore(this.#replay.book.tradeDates.findLast((date) => date <= due) ?? due);
    if (fresh.length === 0 && this.#checkpointed === due) return;
    const checkpoint = this.#checkpoint(session, this.#replay, due);
    await this.#commit(session, { replays: fresh, ...checkpoint });
    this.#checkpointed = due;
    for (const found of fresh) {
      this.#written.set(keyOf(found), found.report);
      this.#tell(session.log, found);
    }
  }

  /** What is told of sessions before one is told for good. */
  #forgetBefore(tradeDate: string): void {
    this.#replay?.book.forgetBefore(tradeDate);
    for (const key of this.#written.keys()) if (key < tradeDate) this.#written.delete(key);
  }

  /** Goes on from the last checkpoint, where there is one that can be used. */
  async #open(log: Log): Promise<RunReplay> {
    const { replay, after, unused } = await RunReplay.open(this.#ports.store, this.#settings);
    if (unused !== undefined) log.warn('the replay begins earlier than it could', { unused });
    log.info('the replay begins', { after: after ?? 'the beginning of the run' });
    return replay;
  }

  /**
   * Returns where to go on after a restart. What it has read of the journal is then marked as read, and so may go when it is old: not
   * what its inputs bring, which is marked as they bring it.
   */
  #checkpoint(
    session: OwnerSession,
    replay: RunReplay,
    tradeDate: string,
  ): { readonly replayCheckpoints?: readonly ReplayCheckpointRecord[] } {
    const state = replay.state();
    if (state.length > LIMITS.replayCheckpointChars) {
      const sizes = { chars: state.length, most: LIMITS.replayCheckpointChars };
      session.log.warn('the checkpoint of the replay is too large to be kept', sizes);
      return {};
    }
    for (const one of replay.applied) {
      const { subject } = one;
      if (!OWN_SUBJECTS.some((own) => subject.startsWith(own))) session.noteApplied(one);
    }
    const { runId } = this.#settings;
    const writtenAtUs = this.#ports.clock.nowUs();
    return {
      replayCheckpoints: [{ runId, tradeDate, format: REPLAY_FORMAT, state, writtenAtUs }],
    };
  }

  #found({ book }: RunReplay, due: string): readonly ReplayRecord[] {
    const { runId } = this.#settings;
    const replayedAtUs = this.#ports.clock.nowUs();
    const ended = book.tradeDates.filter((date) => date <= due);
    return ended.flatMap((tradeDate) => {
      const bots = book.session(tradeDate) ?? [];
      return foundOf(bots).map(({ accountId, differences, unexplained }) => {
        const own = bots.filter((bot) => bot.accountId === accountId);
        const found = { runId, accountId, tradeDate, differences, unexplained };
        return { ...found, report: JSON.stringify(own), replayedAtUs };
      });
    });
  }

  #tell(log: Log, { accountId, tradeDate, differences, unexplained }: ReplayRecord): void {
    const { meter } = this.#ports;
    meter.gauge(METRICS.replayDifferences, differences, { account: accountId });
    meter.gauge(METRICS.replayUnexplained, unexplained, { account: accountId });
    const said = { account: accountId, session: tradeDate, differences, unexplained };
    if (unexplained > 0) log.warn('live differs from its replay, and nobody knows why', said);
    else log.info('session replayed', said);
  }
}

/** What the inputs of the owner bring. */
const OWN_SUBJECTS = ['market.closed.', 'trading.order.'];

const keyOf = ({ tradeDate, accountId }: ReplayRecord): string => `${tradeDate} ${accountId}`;
