import {
  AppError,
  type Bar,
  type BarSlice,
  type BotSlice,
  type Signal,
  type TimeUs,
} from '@capstan/domain';
import type { Strategy } from '@capstan/strategy';
import { BotCore, type BotCoreOptions } from '../bot-core.ts';
import type { RunBot } from '../decision-core.ts';
import { type Difference, type DifferenceCause, NOTHING } from './difference.ts';
import { isSame, signalText } from './in-words.ts';

/** Finds a strategy by its name. @throws STRATEGY.UNKNOWN */
export type StrategyOf = (name: string) => Strategy;

/** All that the replay of a bot goes on from. Plain data, safe for JSON. */
export interface BotReplayState {
  /** Absent before it began. */
  readonly setup?: Omit<RunBot, 'strategy' | 'calendarOf'> & { readonly strategy: string };
  /** Of the core; absent where there is none. */
  readonly core?: string;
  readonly undisturbed?: Omit<Undisturbed, 'core'> & { readonly core: string };
  /** Why there is no core although the bot has one. */
  readonly lost?: string;
}

/** What a bot said of a slice, and what it was given. */
export interface Said {
  readonly said: BotSlice;
  /** True where it stepped without giving signals of its own. */
  readonly isSilent: boolean;
  /** The slice as the bot was given it; absent where the journal has none. */
  readonly slice: BarSlice | undefined;
  /** Bars of the slice that came after it was closed. */
  readonly late: readonly Bar[];
}

/** A core that nothing has held up, and what live's was held up by. */
interface Undisturbed {
  readonly core: BotCore;
  readonly cause: 'late bar' | 'restart';
  readonly why: string;
}

/**
 * Replays one bot twice: by exactly what live's was given, which must say what live said, and, from the first late bar or restart
 * on, as if there had been none. In what live differs from the first is unexplained; in what it differs from the second alone is
 * explained.
 */
export class BotReplay {
  readonly #world: Pick<BotCoreOptions, 'runId' | 'calendarOf'>;
  #setup: RunBot | undefined;
  #core: BotCore | undefined;
  #undisturbed: Undisturbed | undefined;
  /** Why there is no core although the bot has one. */
  #lost: string | undefined;

  constructor(world: Pick<BotCoreOptions, 'runId' | 'calendarOf'>) {
    this.#world = world;
  }

  /** Returns all that it goes on from. */
  state(): BotReplayState {
    const [setup, core, beside] = [this.#setup, this.#core, this.#undisturbed];
    return {
      ...(setup === undefined ? {} : { setup: { ...setup, strategy: setup.strategy.name } }),
      ...(core === undefined ? {} : { core: core.snapshot() }),
      ...(beside === undefined ? {} : { undisturbed: { ...beside, core: beside.core.snapshot() } }),
      ...(this.#lost === undefined ? {} : { lost: this.#lost }),
    };
  }

  /** Goes on from a state. What its strategy is no more, or cannot take back, is without a core until the bot begins anew. */
  restore({ setup, core, undisturbed, lost }: BotReplayState, strategyOf: StrategyOf): void {
    this.#lost = lost;
    if (setup === undefined) return;
    try {
      this.#setup = { ...setup, strategy: strategyOf(setup.strategy) };
      this.#core = this.#restored(core);
      const beside = this.#restored(undisturbed?.core);
      if (undisturbed !== undefined && beside !== undefined)
        this.#undisturbed = { ...undisturbed, core: beside };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#core = undefined;
      this.#lost = `it could not be taken back from the checkpoint: ${error.message}`;
    }
  }

  #restored(snapshot: string | undefined): BotCore | undefined {
    if (snapshot === undefined || this.#setup === undefined) return undefined;
    const core = new BotCore({ ...this.#setup, ...this.#world });
    core.restore(snapshot);
    return core;
  }

  /** The bot began, or began anew, from history. @param history the slices that it was warmed up by. */
  begin(setup: RunBot, history: readonly BarSlice[]): void {
    const before = this.#core;
    const isSetup = this.#setup !== undefined && isSame(essence(this.#setup), essence(setup));
    this.#setup = setup;
    this.#lost = undefined;
    this.#core = this.#made(setup);
    for (const slice of history) this.#core?.step(slice, { emit: false });
    const goesOn = isSetup && before?.lastSliceEndUs === history.at(-1)?.endUs;
    if (!goesOn || before === undefined) this.#undisturbed = undefined;
    else {
      this.#undisturbed ??= {
        core: before,
        cause: 'restart',
        why: 'it has begun anew from history since',
      };
    }
  }

  /** Compares what it said of a slice with what it had to say. */
  take(told: Said): readonly Difference[] {
    const { said, slice } = told;
    const lastUs = this.#core?.lastSliceEndUs ?? 0;
    const isStepped = said.state === 'starting' || said.sliceEndUs <= lastUs;
    if (this.#core === undefined || isStepped)
      return this.#compared(said, [], 'unexplained', this.#lost);
    if (slice === undefined) {
      const why = 'the journal has no bars of this slice';
      return this.#compared(said, [], 'unexplained', why);
    }
    if (told.late.length > 0) this.#disturb(told.late);
    const emit = (said.state === 'running' || said.state === 'crashed') && !told.isSilent;
    const expected = this.#stepped(slice, emit);
    const ideal = this.#steppedUndisturbed(slice, told.late, emit);
    if (told.isSilent || said.state === 'stopped') return this.#compared(said, [], 'stop');
    if (said.state === 'crashed') {
      this.#core = undefined;
      this.#undisturbed = undefined;
      return this.#compared(said, expected, 'crash');
    }
    const differences = this.#compared(said, expected, 'unexplained');
    if (differences.length > 0 || ideal === undefined || this.#undisturbed === undefined)
      return differences;
    const { cause, why } = this.#undisturbed;
    return this.#compared(said, ideal, cause, why);
  }

  #made(setup: RunBot): BotCore | undefined {
    try {
      return new BotCore({ ...setup, ...this.#world });
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  }

  /** From the first late bar on a second core goes beside. */
  #disturb(late: readonly Bar[]): void {
    if (this.#setup === undefined || this.#core === undefined) return;
    if (this.#undisturbed !== undefined) return;
    const core = this.#made(this.#setup);
    if (core === undefined) return;
    core.restore(this.#core.snapshot());
    const named = late.map(({ symbol }) => symbol).join(', ');
    this.#undisturbed = { core, cause: 'late bar', why: `a bar of ${named} came late` };
  }

  /** Steps the core as live did; a strategy that throws ends it here as there. */
  #stepped(slice: BarSlice, emit: boolean): readonly Signal[] {
    try {
      return this.#core?.step(slice, { emit }).signals ?? [];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#core = undefined;
      return [];
    }
  }

  #steppedUndisturbed(
    slice: BarSlice,
    late: readonly Bar[],
    emit: boolean,
  ): readonly Signal[] | undefined {
    if (this.#undisturbed === undefined) return undefined;
    const bars = [...slice.bars, ...late].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
    try {
      return this.#undisturbed.core.step({ ...slice, bars }, { emit }).signals;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#undisturbed = undefined;
      return undefined;
    }
  }

  #compared(
    said: BotSlice,
    expected: readonly Signal[],
    cause: DifferenceCause,
    why?: string,
  ): readonly Difference[] {
    const symbols = new Set([...said.signals, ...expected].map(({ symbol }) => symbol));
    return [...symbols].sort().flatMap((symbol) => {
      const live = said.signals.find((one) => one.symbol === symbol);
      const replay = expected.find((one) => one.symbol === symbol);
      if (isSame(opinionOf(live), opinionOf(replay))) return [];
      return [difference(said, { symbol, live, replay, cause, why })];
    });
  }
}

function difference(
  { accountId, botId, sliceEndUs: atUs }: Pick<BotSlice, 'accountId' | 'botId' | 'sliceEndUs'>,
  of: {
    readonly symbol: string;
    readonly live: Signal | undefined;
    readonly replay: Signal | undefined;
    readonly cause: DifferenceCause;
    readonly why: string | undefined;
  },
): Difference {
  const { symbol, live, replay, cause, why } = of;
  const text = (signal: Signal | undefined) =>
    signal === undefined ? NOTHING : signalText(signal);
  return {
    ...{ atUs: atUs satisfies TimeUs, accountId, botId, symbol, kind: 'signal', cause },
    ...{ live: text(live), replay: text(replay) },
    ...(why === undefined ? {} : { why }),
  };
}

/** What of a signal is an opinion: names and revisions are its core's. */
function opinionOf(signal: Signal | undefined): unknown {
  if (signal === undefined) return undefined;
  const { signalId: _id, configRevision: _revision, ...opinion } = signal;
  return opinion;
}

/** What of a setup decides its signals. */
function essence({ configRevision: _revision, strategy, ...rest }: RunBot): unknown {
  return { ...rest, strategy: strategy.name };
}
