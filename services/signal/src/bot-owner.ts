import { type BarsClosed, decodeBarsClosed, subjects } from '@capstan/contracts';
import {
  AppError,
  assert,
  type BarSlice,
  type Mark,
  type Signal,
  type TimeUs,
  timeUs,
} from '@capstan/domain';
import { type BotCore, SliceAssembler } from '@capstan/engine';
import type {
  OutboxDraft,
  OwnerInput,
  OwnerLogic,
  OwnerSession,
  OwnerSource,
} from '@capstan/journal';
import type {
  BotRecord,
  BusMessage,
  CheckpointRecord,
  Clock,
  CommandRecord,
  Log,
  Meter,
  Store,
} from '@capstan/ports';
import { historyBars, symbolsHeard } from '@capstan/strategy';
import { type BotConfig, newBot, reconfigured } from './bot-config.ts';
import { BotHistory, FEED_TIMEFRAME, type HistoryRange } from './bot-history.ts';
import { emits, logReady, reload } from './bot-lifecycle.ts';
import { botMessage, closingSignals } from './bot-messages.ts';
import type { BotSettings } from './bot-settings.ts';
import { checkpointOf } from './checkpoint-of.ts';
import { applyCommand, auditOf, type WindingDown } from './commands.ts';
import { LIMITS } from './limits.ts';
import { makeCore } from './make-core.ts';
import { MARKET } from './market-reading.ts';
import { marksAfter } from './marks-after.ts';
import { RestartTimer } from './restart-timer.ts';
import { METRICS } from './telemetry.ts';
import { WIND_DOWN, windDown } from './wind-down.ts';

export interface BotPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

const NO_SIGNALS: readonly Signal[] = [];

/**
 * Runs one bot: steps it by each slice of its feed, journals and publishes its signals, and always its watermark. A bot whose
 * strategy throws is marked crashed, keeps its watermark going, and starts again from history after a while.
 */
export class BotOwner implements OwnerLogic {
  readonly #ports: BotPorts;
  readonly #settings: BotSettings;
  readonly #timer: RestartTimer;
  readonly #history: BotHistory;
  #bot: BotRecord | undefined;
  #core: BotCore | undefined;
  /** Symbols whose bars it hears. */
  #heard: readonly string[] = [];
  #marks: readonly Mark[] = [];
  #assembler = new SliceAssembler();
  #sinceCheckpoint = 0;
  /** Kept in the stored state: who stops flat must not wait for a slice that never comes. */
  #feedEnded = false;
  /** A new bot warms up when its feed says that the past is journaled. */
  #awaitsFeed = false;
  /** A stop that waits for its slice. */
  #flattening: CommandRecord | undefined;
  #sinceUs = timeUs(0);
  /** What it does while the platform is being stopped. */
  #winding: WindingDown = { silent: false, closes: false };

  constructor(ports: BotPorts, settings: BotSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#timer = new RestartTimer(ports.clock);
    this.#history = new BotHistory(ports.store, settings.runId);
  }

  /** Read after `load`: a bot that is stopped or unknown listens to nothing. */
  get inputs(): readonly OwnerInput[] {
    const bot = this.#bot;
    if (bot === undefined || bot.state === 'stopped') return [];
    const venue = this.#settings.venueOf(bot.feed);
    const closed = subjects.barsClosed(bot.feed);
    const bars =
      this.#heard.length > LIMITS.filteredSymbolsMax
        ? [subjects.barsOfVenue(venue, FEED_TIMEFRAME)]
        : this.#heard.map((symbol) => subjects.bar(venue, symbol, FEED_TIMEFRAME));
    const { through } = this.#settings.market;
    return [{ stream: MARKET, filters: [...bars, closed], journalFilters: [closed], through }];
  }

  async load(session: OwnerSession): Promise<void> {
    const { store, clock } = this.#ports;
    const { botId, config } = this.#settings;
    this.#sinceUs = clock.nowUs();
    // So that the first crash is seen as one more.
    this.#ports.meter.count(METRICS.crashes, 0, { bot: botId });
    const [stored] = await store.bots({ botId });
    if (stored === undefined && config === undefined) return;
    const nowUs = clock.nowUs();
    const bot =
      stored === undefined
        ? newBot(config as BotConfig, nowUs)
        : config === undefined
          ? stored
          : reconfigured(stored, config, nowUs);
    this.#bot = bot;
    this.#heard = symbolsHeard(bot, this.#settings.catalogue.strategies);
    this.#feedEnded = session.state !== undefined && session.state[0] === 1;
    if (bot.state === 'stopped') return;
    await this.#start(session, bot, stored);
  }

  async #start(
    session: OwnerSession,
    bot: BotRecord,
    stored: BotRecord | undefined,
  ): Promise<void> {
    const { lastSliceEndUs } = bot;
    this.#assembler = new SliceAssembler(this.#heard);
    if (lastSliceEndUs === undefined) {
      if (stored === undefined) await session.commit({ bots: [bot] });
      this.#awaitsFeed = true;
      return;
    }
    if (bot.state === 'crashed') {
      this.#timer.arm(this.#backOffMs(bot));
      const recent = { throughUs: lastSliceEndUs, limit: this.#heard.length * LIMITS.markBars };
      for (const slice of await this.#slices(bot, recent))
        this.#marks = marksAfter(this.#marks, slice, bot.symbols);
    } else {
      const checkpoint = await this.#usableCheckpoint(bot);
      const core = await this.#setUp(session, bot, async (fresh) => {
        if (checkpoint === undefined) await this.#warmUp(fresh, bot, lastSliceEndUs);
        else await this.#resume(fresh, bot, checkpoint);
      });
      if (core !== undefined && checkpoint === undefined) await this.#sayHello(session, bot, core);
    }
    await this.#seedAssembler();
  }

  /** A bot that is starting begins from history, whatever it left behind. */
  async #usableCheckpoint(bot: BotRecord): Promise<CheckpointRecord | undefined> {
    const checkpoint = await this.#ports.store.checkpoint(bot.botId);
    const usable =
      bot.state !== 'starting' &&
      checkpoint?.runId === this.#settings.runId &&
      checkpoint.configRevision === bot.configRevision;
    return usable ? checkpoint : undefined;
  }

  /** Makes a core and prepares it; a bot that has none afterwards is crashed. */
  async #setUp(
    session: OwnerSession,
    bot: BotRecord,
    prepare: (core: BotCore) => Promise<void>,
  ): Promise<BotCore | undefined> {
    try {
      const core = makeCore(this.#settings, bot);
      await prepare(core);
      this.#core = core;
    } catch (error) {
      const crashed = this.#crashed(session, bot, error);
      this.#bot = crashed;
      const endUs = crashed.lastSliceEndUs ?? timeUs(0);
      const outbox = [this.#say(crashed, endUs, NO_SIGNALS, undefined)];
      await session.commit({ bots: [crashed], outbox });
    }
    return this.#core;
  }

  /** Continues from a checkpoint: steps again, in silence, what was decided since. */
  async #resume(core: BotCore, bot: BotRecord, checkpoint: CheckpointRecord): Promise<void> {
    core.restore(new TextDecoder().decode(checkpoint.data));
    const throughUs = bot.lastSliceEndUs ?? checkpoint.sliceEndUs;
    const since = { afterUs: checkpoint.sliceEndUs, throughUs };
    for (const slice of await this.#slices(bot, since))
      this.#marks = core.step(slice, { emit: emits(bot) }).marks;
  }

  /** Steps the newest bars through a time, in silence. */
  async #warmUp(core: BotCore, bot: BotRecord, throughUs: TimeUs): Promise<void> {
    const limit = historyBars(core.warmupBars) * this.#heard.length;
    for (const slice of await this.#slices(bot, { throughUs, limit }))
      this.#marks = core.step(slice, { emit: false }).marks;
  }

  /** The first word of a bot: it is there, and will decide what comes after this time. */
  async #sayHello(session: OwnerSession, bot: BotRecord, core: BotCore): Promise<void> {
    const lastSliceEndUs = bot.lastSliceEndUs ?? timeUs(0);
    const state = bot.state === 'paused' ? 'paused' : 'running';
    const running: BotRecord = {
      ...bot,
      state,
      lastSliceEndUs,
      updatedAtUs: this.#ports.clock.nowUs(),
    };
    this.#bot = running;
    await session.commit({
      bots: [running],
      checkpoints: [this.#checkpoint(session, running, core)],
      outbox: [this.#say({ ...running, state: 'starting' }, lastSliceEndUs, NO_SIGNALS, undefined)],
    });
    logReady(session.log, running, core);
  }

  /** Returns journaled bars of all symbols that it hears. */
  #slices(bot: BotRecord, range: HistoryRange): Promise<readonly BarSlice[]> {
    return this.#history.slices({ feed: bot.feed, symbols: this.#heard }, range);
  }

  /** Bars after the last decided slice may have been handed over before: the journal has them all. */
  async #seedAssembler(): Promise<void> {
    const bot = this.#bot;
    if (bot === undefined || bot.lastSliceEndUs === undefined) return;
    const slices = await this.#slices(bot, { afterUs: bot.lastSliceEndUs });
    for (const slice of slices) for (const bar of slice.bars) this.#assembler.onBar(bar);
  }

  openSources(): Promise<readonly OwnerSource[]> {
    return Promise.resolve([this.#timer]);
  }

  async onMessage(session: OwnerSession, message: BusMessage): Promise<void> {
    const closed = message.subject === subjects.barsClosed(this.#bot?.feed ?? '-');
    const slices = closed ? await this.#onClosed(session, message) : this.#onBar(message);
    if (slices.length > 0) await this.#step(session, slices, message);
  }

  #onBar(message: BusMessage): readonly BarSlice[] {
    const bar = this.#settings.market.barOf(message);
    if (bar.runId !== this.#settings.runId || bar.feed !== this.#bot?.feed) return [];
    // A correction comes after its slice, whose state is decided.
    if (bar.revision > 0) return [];
    if (this.#awaitsFeed) return [];
    if (bar.endUs <= (this.#bot.lastSliceEndUs ?? 0)) return [];
    return this.#assembler.onBar(bar);
  }

  /** Warms a new bot up through the newest bar of the journal, and lets it speak. */
  async #begin(
    session: OwnerSession,
    bot: BotRecord,
    closed: BarsClosed,
  ): Promise<readonly BarSlice[]> {
    this.#awaitsFeed = false;
    this.#feedEnded = closed.last;
    const throughUs = await this.#history.newestEndUs({ feed: bot.feed, symbols: this.#heard });
    const fresh = { ...bot, lastSliceEndUs: throughUs };
    const core = await this.#setUp(session, fresh, (one) => this.#warmUp(one, fresh, throughUs));
    if (core !== undefined) await this.#sayHello(session, fresh, core);
    await this.#seedAssembler();
    const isNew = closed.endUs > (this.#bot?.lastSliceEndUs ?? 0);
    return isNew ? this.#assembler.onClosed(closed) : [];
  }

  async #onClosed(session: OwnerSession, message: BusMessage): Promise<readonly BarSlice[]> {
    const bot = this.#bot;
    const closed = decodeBarsClosed(message.data);
    if (bot === undefined || closed.runId !== this.#settings.runId) return [];
    if (this.#awaitsFeed) return this.#begin(session, bot, closed);
    this.#feedEnded = closed.last;
    if (closed.endUs <= (bot.lastSliceEndUs ?? 0)) return [];
    if (message.sequence === 0) {
      const range = { afterUs: timeUs(closed.endUs - 1), throughUs: closed.endUs };
      const missed = await this.#slices(bot, range);
      for (const slice of missed) for (const bar of slice.bars) this.#assembler.onBar(bar);
    }
    return this.#assembler.onClosed(closed);
  }

  /** Steps whole slices and commits what came of all of them at once. */
  async #step(
    session: OwnerSession,
    slices: readonly BarSlice[],
    message: BusMessage,
  ): Promise<void> {
    const signals: Signal[] = [];
    const outbox: OutboxDraft[] = [];
    for (const slice of slices) {
      const stepped = this.#stepCore(session, slice);
      const bot = this.#bot;
      if (bot === undefined) return;
      if (this.#flattening !== undefined) {
        await this.#stopFlat(session, this.#flattening, slice, { outbox, signals }, message);
      }
      const said = this.#winding.closes
        ? closingSignals(this.#settings.runId, bot, slice.endUs, this.#marks)
        : stepped;
      this.#winding = { ...this.#winding, closes: false };
      signals.push(...said);
      outbox.push(this.#say(bot, slice.endUs, said, message));
    }
    await this.#commitStep(session, signals, outbox);
  }

  /** Steps the core, where there is one; a strategy that throws takes its bot down, never its watermark. */
  #stepCore(session: OwnerSession, slice: BarSlice): readonly Signal[] {
    const bot = this.#bot;
    if (bot === undefined) return NO_SIGNALS;
    const through = { ...bot, lastSliceEndUs: slice.endUs };
    try {
      const step = this.#core?.step(slice, { emit: emits(bot) && !this.#winding.silent });
      this.#marks = step?.marks ?? marksAfter(this.#marks, slice, bot.symbols);
      this.#bot = { ...through, updatedAtUs: this.#ports.clock.nowUs() };
      return step?.signals ?? NO_SIGNALS;
    } catch (error) {
      this.#marks = marksAfter(this.#marks, slice, bot.symbols);
      this.#bot = this.#crashed(session, through, error);
      return NO_SIGNALS;
    }
  }

  async #commitStep(
    session: OwnerSession,
    signals: readonly Signal[],
    outbox: readonly OutboxDraft[],
  ): Promise<void> {
    const bot = this.#bot;
    if (bot === undefined) return;
    this.#sinceCheckpoint += 1;
    const due = this.#sinceCheckpoint >= LIMITS.checkpointSlices;
    const checkpoints = due ? this.#checkpoints(session, bot) : [];
    const state = Uint8Array.of(this.#feedEnded ? 1 : 0);
    const changed = session.state?.[0] !== state[0];
    await session.commit({
      bots: [bot],
      signals,
      outbox,
      checkpoints,
      ...(changed ? { state } : {}),
    });
    const labels = { bot: bot.botId };
    this.#ports.meter.count(METRICS.slices, 1, labels);
    if (signals.length > 0) this.#ports.meter.count(METRICS.signals, signals.length, labels);
    for (const { symbol, direction, signalId: id, reason } of signals) {
      session.log.debug('signal', { ...labels, symbol, direction, signalId: id, reason });
    }
  }

  /** Notes a crash and plans the restart; the caller commits it. Throws what is no fault of the bot. */
  #crashed(session: OwnerSession, bot: BotRecord, error: unknown): BotRecord {
    if (!(error instanceof AppError) || error.retry === 'retryable') throw error;
    this.#core = undefined;
    session.log.error('bot crashed', { bot: bot.botId, error });
    this.#ports.meter.count(METRICS.crashes, 1, { bot: bot.botId });
    const crashed: BotRecord = {
      ...bot,
      state: 'crashed',
      error: error.message,
      restarts: bot.restarts + 1,
      updatedAtUs: this.#ports.clock.nowUs(),
    };
    this.#timer.arm(this.#backOffMs(crashed));
    return crashed;
  }

  #mayRestart(bot: BotRecord): boolean {
    return bot.restartOnCrash && this.#settings.restart;
  }

  #backOffMs(bot: BotRecord): number {
    if (!this.#mayRestart(bot)) return Number.POSITIVE_INFINITY;
    return Math.min(
      LIMITS.restartFirstMs * 2 ** Math.max(0, bot.restarts - 1),
      LIMITS.restartMaxMs,
    );
  }

  /** The restart timer rang: begin again from history. */
  async onItems(session: OwnerSession): Promise<void> {
    if (this.#bot?.state === 'crashed') await this.#restart(session, this.#bot);
  }

  async #restart(session: OwnerSession, bot: BotRecord): Promise<void> {
    const throughUs = bot.lastSliceEndUs ?? timeUs(0);
    const core = await this.#setUp(session, bot, (one) => this.#warmUp(one, bot, throughUs));
    if (core === undefined) return;
    const { error: _, ...rest } = bot;
    const running: BotRecord = {
      ...rest,
      state: 'running',
      updatedAtUs: this.#ports.clock.nowUs(),
    };
    this.#bot = running;
    await session.commit({
      bots: [running],
      checkpoints: this.#checkpoints(session, running),
    });
    session.log.info('bot runs again', { bot: bot.botId, restarts: bot.restarts });
  }

  async onCommand(session: OwnerSession, command: CommandRecord): Promise<void> {
    const { clock } = this.#ports;
    if (this.#mustFlatten(command)) {
      this.#flattening = command;
      return;
    }
    const outcome =
      command.kind === WIND_DOWN
        ? windDown(this.#bot, command, {
            nowUs: clock.nowUs(),
            sinceUs: this.#sinceUs,
            feedEnded: this.#feedEnded,
          })
        : applyCommand(this.#bot, command, clock.nowUs(), this.#settings.catalogue);
    const answer = {
      commandId: command.commandId,
      state: outcome.kind,
      result: outcome.message,
    };
    const audit = [auditOf(command, outcome.message, clock.nowUs())];
    if (outcome.kind === 'refused') {
      await session.commit({ commands: [answer], audit });
      return;
    }
    const { bot } = outcome;
    const stops = bot.state === 'stopped' && this.#bot?.state !== 'stopped';
    const outbox = stops
      ? [this.#say(bot, bot.lastSliceEndUs ?? timeUs(0), NO_SIGNALS, undefined)]
      : [];
    this.#winding = outcome.winding ?? this.#winding;
    const checkpoints = outcome.reload ? [] : this.#checkpoints(session, bot);
    this.#bot = bot;
    await session.commit({ bots: [bot], commands: [answer], audit, outbox, checkpoints });
    if (outcome.reload) throw reload(command.key);
  }

  /** A stop that leaves no position behind takes effect at the next slice, if there is one to come. */
  #mustFlatten(command: CommandRecord): boolean {
    const bot = this.#bot;
    if (command.kind !== 'StopBot' || bot === undefined || bot.state === 'stopped') return false;
    return bot.onShutdown === 'flatten' && !this.#feedEnded;
  }

  /** Stops at a slice, with the signals that close what is open. */
  async #stopFlat(
    session: OwnerSession,
    command: CommandRecord,
    slice: BarSlice,
    soFar: { readonly outbox: readonly OutboxDraft[]; readonly signals: readonly Signal[] },
    message: BusMessage,
  ): Promise<void> {
    const { clock } = this.#ports;
    const outcome = applyCommand(this.#bot, command, clock.nowUs(), this.#settings.catalogue);
    assert(outcome.kind === 'done', 'a bot that is to stop flat can be stopped');
    const bot = { ...outcome.bot, lastSliceEndUs: slice.endUs };
    const signals = closingSignals(this.#settings.runId, bot, slice.endUs, this.#marks);
    await session.commit({
      bots: [bot],
      signals: [...soFar.signals, ...signals],
      outbox: [...soFar.outbox, this.#say(bot, slice.endUs, signals, message)],
      commands: [{ commandId: command.commandId, state: 'done', result: outcome.message }],
      audit: [auditOf(command, outcome.message, clock.nowUs())],
    });
    throw reload(command.key);
  }

  async onDrain(session: OwnerSession): Promise<void> {
    if (this.#bot === undefined || this.#sinceCheckpoint === 0) return;
    const checkpoints = this.#checkpoints(session, this.#bot);
    if (checkpoints.length > 0) await session.commit({ checkpoints });
  }

  #say(
    bot: BotRecord,
    sliceEndUs: TimeUs,
    signals: readonly Signal[],
    cause: BusMessage | undefined,
  ): OutboxDraft {
    const { runId } = this.#settings;
    const { silent } = this.#winding;
    return botMessage({ runId, bot, sliceEndUs, signals, marks: this.#marks, silent }, cause);
  }

  /** None without a core, and none of a bot that winds down: it begins again from history. */
  #checkpoints(session: OwnerSession, bot: BotRecord): readonly CheckpointRecord[] {
    if (this.#core === undefined || this.#winding.silent) return [];
    return [this.#checkpoint(session, bot, this.#core)];
  }

  #checkpoint(session: OwnerSession, bot: BotRecord, core: BotCore): CheckpointRecord {
    this.#sinceCheckpoint = 0;
    return checkpointOf(session, this.#settings.runId, bot, core);
  }
}
