import type { Calendar } from '@capstan/calendar';
import { type BarsClosed, decodeBar, decodeBarsClosed, subjects } from '@capstan/contracts';
import {
  AppError,
  type BarSlice,
  deriveId,
  type Mark,
  type Signal,
  type TimeUs,
  timeUs,
} from '@capstan/domain';
import { BotCore, SliceAssembler } from '@capstan/engine';
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
import type { StrategyRegistry } from '@capstan/strategy';
import { type BotConfig, newBot, reconfigured } from './bot-config.ts';
import { botMessage, closingSignals } from './bot-messages.ts';
import { applyCommand } from './commands.ts';
import { LIMITS } from './limits.ts';
import { RestartTimer } from './restart-timer.ts';
import { METRICS } from './telemetry.ts';

export interface BotPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface BotSettings {
  readonly runId: string;
  readonly botId: string;
  /** The bot as configured; `undefined` for one that was created by a request. */
  readonly config: BotConfig | undefined;
  /** Venue whose bars a feed carries. */
  readonly venueOf: (feed: string) => string;
  readonly calendarOf: (symbol: string) => Calendar;
  readonly strategies: StrategyRegistry;
  /** False keeps every crashed bot down, whatever its own rule says. */
  readonly restart: boolean;
}

const END_OF_TIME = timeUs(Number.MAX_SAFE_INTEGER);
const NO_SIGNALS: readonly Signal[] = [];

/**
 * Runs one bot: steps it by each slice of its feed, journals and publishes its signals, and always its watermark. A bot whose
 * strategy throws is marked crashed, keeps its watermark going, and starts again from history after a while.
 */
export class BotOwner implements OwnerLogic {
  readonly #ports: BotPorts;
  readonly #settings: BotSettings;
  readonly #timer: RestartTimer;
  #bot: BotRecord | undefined;
  #core: BotCore | undefined;
  #marks: readonly Mark[] = [];
  #assembler = new SliceAssembler();
  #sinceCheckpoint = 0;
  #feedEnded = false;
  /** A new bot warms up when its feed says that the past is journaled. */
  #awaitsFeed = false;
  /** A stop that waits for its slice. */
  #flattening: CommandRecord | undefined;

  constructor(ports: BotPorts, settings: BotSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#timer = new RestartTimer(ports.clock);
  }

  /** Read after `load`: a bot that is stopped or unknown listens to nothing. */
  get inputs(): readonly OwnerInput[] {
    const bot = this.#bot;
    if (bot === undefined || bot.state === 'stopped') return [];
    const venue = this.#settings.venueOf(bot.feed);
    const closed = subjects.barsClosed(bot.feed);
    const bars =
      bot.symbols.length > LIMITS.filteredSymbolsMax
        ? [subjects.barsOfVenue(venue, bot.timeframe)]
        : bot.symbols.map((symbol) => subjects.bar(venue, symbol, bot.timeframe));
    return [{ stream: 'MARKET', filters: [...bars, closed], journalFilters: [closed] }];
  }

  async load(session: OwnerSession): Promise<void> {
    const { store, clock } = this.#ports;
    const { botId, config } = this.#settings;
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
    if (bot.state === 'stopped') return;
    await this.#start(session, bot, stored);
  }

  async #start(
    session: OwnerSession,
    bot: BotRecord,
    stored: BotRecord | undefined,
  ): Promise<void> {
    const { store } = this.#ports;
    const checkpoint = await store.checkpoint(bot.botId);
    const usable =
      checkpoint?.runId === this.#settings.runId &&
      checkpoint.configRevision === bot.configRevision;
    this.#assembler = new SliceAssembler(bot.symbols);
    if (bot.lastSliceEndUs === undefined && bot.state !== 'crashed') {
      if (stored === undefined) await session.commit({ bots: [bot] });
      this.#awaitsFeed = true;
      return;
    }
    if (bot.state === 'crashed') {
      this.#timer.arm(this.#backOffMs(bot));
    } else {
      try {
        this.#core = this.#newCore(bot);
        if (usable) await this.#resume(this.#core, bot, checkpoint);
        else await this.#warmUp(this.#core, bot, bot.lastSliceEndUs ?? END_OF_TIME);
      } catch (error) {
        await this.#crash(session, bot, error, {});
      }
    }
    if (!usable && this.#core !== undefined) await this.#sayHello(session, bot, this.#core);
    else if (stored === undefined) await session.commit({ bots: [bot] });
    await this.#seedAssembler();
  }

  /** Continues from a checkpoint: steps again, in silence, what was decided since. */
  async #resume(core: BotCore, bot: BotRecord, checkpoint: CheckpointRecord): Promise<void> {
    core.restore(new TextDecoder().decode(checkpoint.data));
    const through = bot.lastSliceEndUs ?? checkpoint.sliceEndUs;
    const slices = await this.#history(bot, checkpoint.sliceEndUs, through, LIMITS.historyRows);
    for (const slice of slices) this.#marks = core.step(slice, { emit: emits(bot) }).marks;
  }

  /** Steps the newest bars through a time, in silence. */
  async #warmUp(core: BotCore, bot: BotRecord, throughUs: TimeUs): Promise<void> {
    const rows = Math.min((core.warmupBars * 2 + 10) * bot.symbols.length, LIMITS.historyRows);
    for (const slice of await this.#history(bot, timeUs(0), throughUs, rows)) {
      this.#marks = core.step(slice, { emit: false }).marks;
    }
  }

  async #history(
    bot: BotRecord,
    afterUs: TimeUs,
    throughUs: TimeUs,
    limit: number,
  ): Promise<readonly BarSlice[]> {
    const { feed, symbols, timeframe } = bot;
    const { runId } = this.#settings;
    const bars = await this.#ports.store.bars({
      runId,
      feed,
      symbols,
      timeframe,
      afterUs,
      throughUs,
      limit,
    });
    const byEnd = Map.groupBy(bars, (bar) => bar.endUs);
    return [...byEnd]
      .sort(([a], [b]) => a - b)
      .map(([endUs, group]) => ({ feed, endUs, bars: group }));
  }

  /** The first word of a bot: it is there, and will decide what comes after this time. */
  async #sayHello(session: OwnerSession, bot: BotRecord, core: BotCore): Promise<void> {
    const lastSliceEndUs = core.lastSliceEndUs ?? bot.lastSliceEndUs ?? timeUs(0);
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
    this.#ports.log.info('bot is ready', {
      bot: bot.botId,
      strategy: bot.strategy,
      warmed_through: lastSliceEndUs,
    });
  }

  /** Bars after the last decided slice may have been handed over before: the journal has them all. */
  async #seedAssembler(): Promise<void> {
    const bot = this.#bot;
    if (bot === undefined || bot.lastSliceEndUs === undefined) return;
    const slices = await this.#history(bot, bot.lastSliceEndUs, END_OF_TIME, LIMITS.historyRows);
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
    const bar = decodeBar(message.data);
    if (bar.runId !== this.#settings.runId || bar.feed !== this.#bot?.feed) return [];
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
    try {
      this.#core = this.#newCore(bot);
      await this.#warmUp(this.#core, bot, END_OF_TIME);
    } catch (error) {
      await this.#crash(session, bot, error, {});
      return [];
    }
    await this.#sayHello(session, bot, this.#core);
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
      const missed = await this.#history(
        bot,
        timeUs(closed.endUs - 1),
        closed.endUs,
        LIMITS.historyRows,
      );
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
      const bot = this.#bot;
      if (bot === undefined) return;
      try {
        const step = this.#core?.step(slice, { emit: emits(bot) });
        if (step !== undefined) this.#marks = step.marks;
        if (this.#flattening !== undefined) {
          await this.#stopFlat(session, this.#flattening, slice, { outbox, signals }, message);
          return;
        }
        this.#bot = { ...bot, lastSliceEndUs: slice.endUs, updatedAtUs: this.#ports.clock.nowUs() };
        signals.push(...(step?.signals ?? NO_SIGNALS));
        outbox.push(this.#say(this.#bot, slice.endUs, step?.signals ?? NO_SIGNALS, message));
      } catch (error) {
        await this.#crash(
          session,
          { ...bot, lastSliceEndUs: slice.endUs },
          error,
          { outbox, signals },
          message,
        );
        return;
      }
    }
    await this.#commitStep(session, signals, outbox);
  }

  async #commitStep(
    session: OwnerSession,
    signals: readonly Signal[],
    outbox: readonly OutboxDraft[],
  ): Promise<void> {
    const bot = this.#bot;
    if (bot === undefined) return;
    this.#sinceCheckpoint += 1;
    const due = this.#core !== undefined && this.#sinceCheckpoint >= LIMITS.checkpointSlices;
    const checkpoints = due && this.#core ? [this.#checkpoint(session, bot, this.#core)] : [];
    await session.commit({ bots: [bot], signals, outbox, checkpoints });
    const labels = { bot: bot.botId };
    this.#ports.meter.count(METRICS.slices, 1, labels);
    if (signals.length > 0) this.#ports.meter.count(METRICS.signals, signals.length, labels);
  }

  /** Marks the bot crashed, keeps its watermark going, and plans its restart. */
  async #crash(
    session: OwnerSession,
    bot: BotRecord,
    error: unknown,
    soFar: { readonly outbox?: readonly OutboxDraft[]; readonly signals?: readonly Signal[] },
    cause?: BusMessage,
  ): Promise<void> {
    if (!(error instanceof AppError) || error.retry === 'retryable') throw error;
    const lastSliceEndUs = bot.lastSliceEndUs ?? timeUs(0);
    const crashed: BotRecord = {
      ...bot,
      state: 'crashed',
      error: error.message,
      restarts: bot.restarts + 1,
      lastSliceEndUs,
      updatedAtUs: this.#ports.clock.nowUs(),
    };
    this.#core = undefined;
    this.#bot = crashed;
    this.#ports.log.error('bot crashed', { bot: bot.botId, error });
    this.#ports.meter.count(METRICS.crashes, 1, { bot: bot.botId });
    await session.commit({
      bots: [crashed],
      signals: soFar.signals ?? [],
      outbox: [...(soFar.outbox ?? []), this.#say(crashed, lastSliceEndUs, NO_SIGNALS, cause)],
    });
    if (this.#mayRestart(crashed)) this.#timer.arm(this.#backOffMs(crashed));
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
    const core = this.#newCore(bot);
    try {
      await this.#warmUp(core, bot, bot.lastSliceEndUs ?? END_OF_TIME);
    } catch (error) {
      await this.#crash(session, bot, error, {});
      return;
    }
    const { error: _, ...rest } = bot;
    const running: BotRecord = {
      ...rest,
      state: 'running',
      updatedAtUs: this.#ports.clock.nowUs(),
    };
    this.#core = core;
    this.#bot = running;
    await session.commit({
      bots: [running],
      checkpoints: [this.#checkpoint(session, running, core)],
    });
    this.#ports.log.info('bot runs again', { bot: bot.botId, restarts: bot.restarts });
  }

  async onCommand(session: OwnerSession, command: CommandRecord): Promise<void> {
    const { clock } = this.#ports;
    if (this.#mustFlatten(command)) {
      this.#flattening = command;
      return;
    }
    const outcome = applyCommand(this.#bot, command, clock.nowUs(), this.#settings.strategies);
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
    const checkpoints =
      this.#core === undefined ? [] : [this.#checkpoint(session, bot, this.#core)];
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
    const outcome = applyCommand(this.#bot, command, clock.nowUs(), this.#settings.strategies);
    if (outcome.kind === 'refused') return;
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
    if (this.#bot === undefined || this.#core === undefined || this.#sinceCheckpoint === 0) return;
    await session.commit({ checkpoints: [this.#checkpoint(session, this.#bot, this.#core)] });
  }

  #say(
    bot: BotRecord,
    sliceEndUs: TimeUs,
    signals: readonly Signal[],
    cause: BusMessage | undefined,
  ): OutboxDraft {
    const { runId } = this.#settings;
    return botMessage({ runId, bot, sliceEndUs, signals, marks: this.#marks }, cause);
  }

  #newCore(bot: BotRecord): BotCore {
    const { runId, calendarOf, strategies } = this.#settings;
    const { botId, accountId, configRevision, feed, params, symbols, timeframe } = bot;
    const strategy = strategies.get(bot.strategy);
    return new BotCore({
      runId,
      botId,
      accountId,
      configRevision,
      feed,
      strategy,
      params,
      symbols,
      timeframe,
      calendarOf,
    });
  }

  #checkpoint(session: OwnerSession, bot: BotRecord, core: BotCore): CheckpointRecord {
    this.#sinceCheckpoint = 0;
    const position = session.position('MARKET');
    return {
      botId: bot.botId,
      runId: this.#settings.runId,
      configRevision: bot.configRevision,
      kernelEpoch: core.kernelEpoch,
      sliceEndUs: bot.lastSliceEndUs ?? timeUs(0),
      streamEpochUs: position?.epochUs ?? timeUs(0),
      streamSequence: position?.sequence ?? 0,
      data: new TextEncoder().encode(core.snapshot()),
    };
  }
}

function reload(key: string): AppError {
  return new AppError({ code: 'SIGNAL.RELOAD', why: `${key} begins anew.`, retry: 'retryable' });
}

/** A paused bot steps in silence. */
function emits(bot: BotRecord): boolean {
  return bot.state === 'running' || bot.state === 'starting';
}

function auditOf(command: CommandRecord, details: string, atUs: TimeUs) {
  const { commandId, actor, kind, key } = command;
  return {
    auditId: deriveId('audit', commandId),
    atUs,
    actor,
    action: kind,
    subject: key,
    details,
  };
}
