import { CalendarBook } from '@capstan/calendar';
import {
  encodeApprovedSlice,
  encodeBarsClosed,
  encodeBotSlice,
  encodeDeniedSlice,
  encodeFillEvent,
  encodeOrderEvent,
  encodeSession,
  subjects,
} from '@capstan/contracts';
import {
  type BarSlice,
  type BotSlice,
  cashMicros,
  InstrumentBook,
  parsePrice,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { DecisionCore, PLAIN_EXCHANGE, type RunWord } from '@capstan/engine';
import { previousHeader } from '@capstan/journal';
import type { BotRecord, BusMessage, Commit } from '@capstan/ports';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { StrategyRegistry } from '@capstan/strategy';
import { syntheticSlices } from '@capstan/synthetic';
import { MemoryStore } from '@capstan/testkit';
import type { RunReplaySettings } from './run-replay.ts';

export const RUN = 'run';
const ACCOUNT = 'paper';
const FEED = 'demo';
const SYMBOL = 'SPY';
const PARAMS = { fast: 3, slow: 8 };
const SIZING = { kind: 'equityFraction', fraction: 0.2 } as const;

const calendars = new CalendarBook();
const calendarOf = (name: string) => calendars.get(name);
const instruments = new InstrumentBook([usEquity(SYMBOL)]);
const strategies = new StrategyRegistry();
const account = {
  ...{ accountId: ACCOUNT, currency: 'USD' },
  ...{ cashMicros: cashMicros(100_000_000_000), limits: DEFAULT_LIMITS },
};

/** What the world's run is replayed by. */
export const REPLAY: RunReplaySettings = {
  ...{ runId: RUN, instruments, calendarOf, strategies },
  ...{ accounts: [account], behaviour: PLAIN_EXCHANGE, modelled: new Set([ACCOUNT]) },
  tradeDate: (us) => calendarOf('XNYS').tradeDate(us),
};

const BOT: BotRecord = {
  ...{ botId: 'cross', accountId: ACCOUNT, feed: FEED, strategy: 'ma-cross', params: PARAMS },
  ...{ symbols: [SYMBOL], timeframe: '1m', sizing: SIZING, configRevision: 1 },
  ...{ restartOnCrash: true, onShutdown: 'leave', state: 'starting', restarts: 0 },
  updatedAtUs: timeUs(0),
};

/** Changes what one message says before it is journaled; `undefined` leaves it as it is. */
export interface Planted {
  readonly slice?: (slice: BotSlice, index: number) => BotSlice;
}

/** A journal of sessions of one bot, written as the services do. */
export class ReplayWorld {
  readonly store = new MemoryStore();
  /** Ends of the slices, in order. */
  readonly ends: number[] = [];
  readonly #planted: Planted;
  readonly #tails = new Map<string, number>();
  readonly #sequences = new Map<string, number>();

  constructor(planted: Planted = {}) {
    this.#planted = planted;
  }

  /** Plays the first minutes of each session. */
  async play(minutes = 60, sessions = 2): Promise<void> {
    const core = new DecisionCore({
      ...{ runId: RUN, instruments, calendarOf, behaviour: PLAIN_EXCHANGE, accounts: [account] },
      bots: [{ ...BOT, strategy: strategies.get(BOT.strategy) }],
    });
    let previous: string | undefined;
    for (const slice of slices(minutes, sessions)) {
      if (previous === undefined) await this.#open(slice);
      previous = REPLAY.tradeDate(slice.endUs);
      await this.#tell(slice, core.step(slice).words);
      this.ends.push(slice.endUs);
    }
  }

  /** What execution says when a slice is done. */
  done(endUs: number): BusMessage {
    const sliceDone = { feed: FEED, sliceEndUs: timeUs(endUs), activeBots: 1 };
    const data = encodeOrderEvent({ accountId: ACCOUNT, runId: RUN, orders: [], sliceDone });
    return busMessage(subjects.order(ACCOUNT), data);
  }

  /** What a feed says with its last slice. */
  lastClosing(endUs: number): BusMessage {
    const of = { runId: RUN, feed: FEED, endUs: timeUs(endUs), symbols: [SYMBOL], last: true };
    return busMessage(subjects.barsClosed(FEED), encodeBarsClosed(of));
  }

  /** What the schedule says when the day of a market has ended. */
  endOfDay(date: string): BusMessage {
    const day = { runId: RUN, calendar: 'XNYS', date, kind: 'endOfDay' } as const;
    const at = { atUs: timeUs(1), reachedAtUs: timeUs(1), problems: [], accounts: [] };
    return busMessage(subjects.session('XNYS'), encodeSession({ ...day, ...at }));
  }

  async #open({ endUs }: BarSlice): Promise<void> {
    const before = timeUs(endUs - 60_000_000);
    await this.#closing(before, [], []);
    const of = { runId: RUN, botId: BOT.botId, accountId: ACCOUNT, feed: FEED, sliceEndUs: before };
    const said = { ...of, state: 'starting', signals: [], marks: [] } as const;
    const data = encodeBotSlice(said, { setup: BOT });
    await this.#say(`bot/${BOT.botId}`, [[subjects.signal(BOT.botId), data]]);
  }

  async #closing(endUs: BarSlice['endUs'], symbols: string[], bars: BarSlice['bars']) {
    const data = encodeBarsClosed({ runId: RUN, feed: FEED, endUs, symbols, last: false });
    const rows = bars.map((bar) => ({ ...bar, runId: RUN, feed: FEED, venue: 'sim' }));
    await this.#say(`feed/${FEED}`, [[subjects.barsClosed(FEED), data]], { bars: rows });
  }

  async #tell(slice: BarSlice, words: readonly RunWord[]): Promise<void> {
    const named = slice.bars.map(({ symbol }) => symbol);
    await this.#closing(slice.endUs, named, slice.bars);
    for (const word of words) {
      if (word.kind !== 'decided') continue;
      for (const one of word.slices) {
        const said = this.#planted.slice?.(one, this.ends.length) ?? one;
        const data = encodeBotSlice(said);
        await this.#say(`bot/${one.botId}`, [[subjects.signal(one.botId), data]]);
      }
    }
    for (const word of words) await this.#tellWord(slice, word);
  }

  async #tellWord({ endUs }: BarSlice, word: RunWord): Promise<void> {
    const of = { runId: RUN, accountId: ACCOUNT };
    const at = { feed: FEED, sliceEndUs: endUs };
    if (word.kind === 'venue') {
      const { orders, fills } = word;
      await this.#say(`execution/${ACCOUNT}`, [
        [subjects.order(ACCOUNT), encodeOrderEvent({ ...of, orders })],
        [subjects.fill(ACCOUNT), encodeFillEvent({ ...of, fills, venueSlice: at })],
      ]);
      return;
    }
    const { denials, orders, cancelOrderIds } = word;
    const approved = { ...of, ...at, orders, cancelOrderIds, activeBots: 1 };
    await this.#say(`risk/${ACCOUNT}`, [
      [subjects.denied(ACCOUNT), encodeDeniedSlice({ ...of, sliceEndUs: endUs, denials })],
      [subjects.approved(ACCOUNT), encodeApprovedSlice(approved)],
    ]);
  }

  async #say(
    producer: string,
    said: readonly (readonly [string, Uint8Array])[],
    rows: Pick<Commit, 'bars'> = {},
  ): Promise<void> {
    const fence = { key: producer, epochUs: timeUs(1), token: 1 };
    const publishedThrough = this.#sequences.get(producer) ?? 0;
    if (!this.#sequences.has(producer)) await this.store.takeOwnership(fence);
    const outbox = said.map(([subject, data]) => {
      const sequence = (this.#sequences.get(producer) ?? 0) + 1;
      this.#sequences.set(producer, sequence);
      const chain = `${producer} ${subject}`;
      const headers = { [previousHeader]: String(this.#tails.get(chain) ?? 0) };
      this.#tails.set(chain, sequence);
      return { producer, sequence, subject, headers, data };
    });
    await this.store.commit({ fence, outbox, publishedThrough, ...rows });
  }
}

function* slices(minutes: number, sessions: number): Generator<BarSlice> {
  const generator = syntheticSlices({
    ...{ feed: FEED, seed: 7, calendar: calendarOf('XNYS'), startDate: '2026-03-02' },
    symbols: [
      {
        ...{ instrument: usEquity(SYMBOL), startPriceNanos: parsePrice('400') },
        ...{ annualVolatility: 0.3, marketShare: 0.7, dailyVolume: 1_000_000 },
      },
    ],
  });
  const taken = new Map<string, number>();
  for (const slice of generator) {
    const date = REPLAY.tradeDate(slice.endUs);
    if (taken.size === sessions && !taken.has(date)) return;
    const count = (taken.get(date) ?? 0) + 1;
    taken.set(date, count);
    if (count <= minutes) yield slice;
  }
}

function busMessage(subject: string, data: Uint8Array): BusMessage {
  const [first = ''] = subject.split('.');
  const stream = first.toUpperCase();
  return { stream, subject, data, headers: {}, sequence: 1, storedAtUs: timeUs(1) };
}
