import { assert, type Bar, type TimeUs, US_PER_MINUTE } from '@capstan/domain';
import type { StreamKind } from '@capstan/ports';
import { MinuteGrid } from './minute-grid.ts';

/** What became of a bar. */
export type Taken =
  /** It waits for its slice. */
  | 'waits'
  /** Its slice has been closed: it corrects it. */
  | 'late'
  /** Nobody asked for its symbol, or no minute of the grid ends with it, or it lies far ahead. */
  | 'strange';

export interface BookRules {
  /** How long after the end of a minute its bars are waited for. */
  readonly graceUs: number;
  /** True where a symbol's bar says by coming that its minute is complete; bars built of ticks never do. */
  readonly closesWhole: boolean;
  /** How far ahead of the vendor's clock a bar may lie. */
  readonly aheadUs: number;
}

/** A slice that is closed. */
export interface ClosedSlice {
  readonly endUs: TimeUs;
  /** Sorted by symbol. */
  readonly bars: readonly Bar[];
}

/** The next minute that a feed closes, and who tells of all of it; of one that nobody does, history is to be asked. */
export interface Awaited {
  readonly endUs: TimeUs;
  readonly by: 'stream' | 'history' | 'nobody';
}

/**
 * Puts bars of one minute into slices, and closes each slice once, in order: as soon as every expected bar is there, or when its grace
 * has ended. A minute is closed only where it is covered: by a stream that was there for all of it, or by history. Pure: it is told the
 * vendor's time.
 */
export class SliceBook {
  #grid = new MinuteGrid([]);
  readonly #rules: BookRules;
  #expected: ReadonlyMap<string, MinuteGrid> = new Map();
  /** How many bars make the minute whole that was looked at last. */
  #whole = { endUs: -1, bars: 0 };
  readonly #pending = new Map<number, Map<string, Bar>>();
  #closedUs: TimeUs;
  /** History has covered everything through this. */
  #filledUs: number;
  /** A stream covers the minutes that end after this. */
  #streamFromUs = Number.POSITIVE_INFINITY;

  /** @param closedUs end of the last slice that was closed. */
  constructor(rules: BookRules, closedUs: TimeUs) {
    this.#rules = rules;
    this.#closedUs = closedUs;
    this.#filledUs = closedUs;
  }

  /** End of the last slice that was closed. */
  get closedUs(): TimeUs {
    return this.#closedUs;
  }

  /** Says which symbols have bars from now on, and in which minutes. What history said counts no more: it was asked of others. */
  expect(expected: ReadonlyMap<string, MinuteGrid>): void {
    this.#expected = expected;
    this.#grid = MinuteGrid.over([...new Set(expected.values())]);
    this.#whole = { endUs: -1, bars: 0 };
    this.#filledUs = this.#closedUs;
    for (const bars of this.#pending.values()) {
      for (const symbol of bars.keys()) if (!expected.has(symbol)) bars.delete(symbol);
    }
  }

  /** Notes that a stream tells of everything that ends after a time. */
  streamsFrom(us: number): void {
    this.#streamFromUs = Math.max(us, this.#closedUs);
  }

  /** Notes that the stream has broken off: what it told of minutes that are not closed may be a part only. */
  lost(): void {
    this.#streamFromUs = Number.POSITIVE_INFINITY;
  }

  /** Takes a bar of the stream. */
  onBar(bar: Bar, nowUs: number): Taken {
    const { endUs, symbol } = bar;
    if (this.#expected.get(symbol)?.has(endUs) !== true) return 'strange';
    if (endUs <= this.#closedUs) return 'late';
    if (endUs > nowUs + this.#rules.aheadUs) return 'strange';
    const bars = this.#barsAt(endUs);
    const before = bars.get(symbol);
    // Of what repeats, the later word counts, unless it is an older revision.
    if (before === undefined || before.revision <= bar.revision) bars.set(symbol, bar);
    return 'waits';
  }

  /** Takes what history says of everything that ends in `(closedUs, throughUs]`: it counts, whatever the stream said. */
  fill(bars: readonly Bar[], throughUs: TimeUs): void {
    for (const endUs of this.#pending.keys()) {
      if (endUs <= throughUs) this.#pending.delete(endUs);
    }
    for (const bar of bars) {
      const isOurs = bar.endUs > this.#closedUs && bar.endUs <= throughUs;
      const isExpected = this.#expected.get(bar.symbol)?.has(bar.endUs) === true;
      if (isOurs && isExpected) this.#barsAt(bar.endUs).set(bar.symbol, bar);
    }
    this.#filledUs = Math.max(this.#filledUs, throughUs);
  }

  /** Says what is closed next; `undefined` where no symbol is expected. */
  awaited(): Awaited | undefined {
    const endUs = this.#grid.next(this.#closedUs);
    if (endUs === undefined) return undefined;
    if (endUs <= this.#filledUs) return { endUs, by: 'history' };
    return { endUs, by: endUs > this.#streamFromUs ? 'stream' : 'nobody' };
  }

  /** Returns when a minute is closed at the latest, as things are. */
  closesAtUs({ endUs, by }: Awaited): number {
    return by === 'history' || this.#isWhole(endUs) ? endUs : endUs + this.#rules.graceUs;
  }

  /** Returns the last minute that ended by a time and is to be asked of history; `undefined` where there is none. */
  historyThrough(byUs: number): TimeUs | undefined {
    const next = this.awaited();
    if (next?.by !== 'nobody' || next.endUs > byUs) return undefined;
    return this.#grid.last(Math.min(byUs, this.#streamFromUs));
  }

  /**
   * Closes the next slice where its time has come; `silent` where that is so, and the stream has said nothing of it at all: history is
   * asked first.
   */
  close(nowUs: number): ClosedSlice | 'silent' | undefined {
    const next = this.awaited();
    if (next === undefined || next.by === 'nobody' || nowUs < this.closesAtUs(next))
      return undefined;
    const { endUs, by } = next;
    const waiting = [...(this.#pending.get(endUs)?.values() ?? [])];
    if (waiting.length === 0 && by === 'stream') {
      this.#streamFromUs = endUs;
      return 'silent';
    }
    assert(endUs > this.#closedUs, `slice ${endUs} does not follow ${this.#closedUs}`);
    this.#closedUs = endUs;
    this.#pending.delete(endUs);
    const bars = waiting.map((bar) => ({ ...bar, revision: 0 }));
    return { endUs, bars: bars.sort((a, b) => (a.symbol < b.symbol ? -1 : 1)) };
  }

  /** Tells whether every symbol that trades in a minute has its bar. */
  #isWhole(endUs: number): boolean {
    if (!this.#rules.closesWhole) return false;
    if (this.#whole.endUs !== endUs) {
      const bars = [...this.#expected.values()].filter((grid) => grid.has(endUs)).length;
      this.#whole = { endUs, bars };
    }
    return this.#pending.get(endUs)?.size === this.#whole.bars;
  }

  #barsAt(endUs: number): Map<string, Bar> {
    const known = this.#pending.get(endUs);
    if (known !== undefined) return known;
    const fresh = new Map<string, Bar>();
    this.#pending.set(endUs, fresh);
    return fresh;
  }
}

/** Of ticks and of seconds a stream has to be there from the beginning of a minute, of bars only as it ends. */
export function streamCoversFrom(from: StreamKind, connectedUs: number): number {
  return from === 'bars' ? connectedUs : connectedUs + US_PER_MINUTE - 1;
}
