import type { SeriesColumns } from '../run/series-columns.ts';
import { barsUntil, barsWithOtherFuture } from './altered-bars.ts';
import {
  type Decision,
  type DecisionSetup,
  decisionsOverColumns,
  decisionsOverStream,
  type KnownBars,
} from './decisions.ts';

/**
 * What was done to see whether a decision moves: `repeated` the same bars again, `streamed` told one by one as live, `truncated`
 * nothing after the cut, `altered` another future after the cut.
 */
export const LOOKAHEAD_TRIALS = ['repeated', 'streamed', 'truncated', 'altered'] as const;
export type LookaheadTrial = (typeof LOOKAHEAD_TRIALS)[number];

/** What to try a strategy on. */
export interface LookaheadOptions extends DecisionSetup, KnownBars {
  /** Rows after which the future is taken away or changed. In any order. */
  readonly cutRows: readonly number[];
  /** Of the other futures. */
  readonly seed: number;
}

/** A decision that moved though nothing that it may know had changed. */
export interface LookaheadLeak {
  readonly trial: LookaheadTrial;
  /** End of the last bar that both saw; absent where both saw all. */
  readonly cutUs?: number;
  /** End of the bar at whose close they part. */
  readonly barEndUs: number;
  /** What is decided with all bars; absent for nothing new. */
  readonly withFuture?: string;
  /** What is decided in the trial; absent for nothing new. */
  readonly without?: string;
}

export interface LookaheadReport {
  /** Decisions with all bars. None means that nothing was tried. */
  readonly decisions: number;
  readonly cuts: number;
  /** The first leak of each trial that has one, in the order of {@link LOOKAHEAD_TRIALS}. */
  readonly leaks: readonly LookaheadLeak[];
}

/**
 * Tries whether any decision of a strategy rests on what it could not know then: it decides over the bars, and again over the
 * same bars cut or changed after a time; all decisions up to that time must be the same, reasons included. Also that
 * it decides the same when asked again, and when told bar by bar.
 * @throws what the strategy throws.
 * @complexity O(cuts × bars)
 */
export function findLookahead(options: LookaheadOptions): LookaheadReport {
  const { bars, seed } = options;
  const lastRow = bars.endUs.length - 1;
  const cutRows = [...new Set(options.cutRows)]
    .filter((row) => row >= 0 && row < lastRow)
    .sort((a, b) => a - b);
  const full = decisionsOverColumns(options, options);
  const again = decisionsOverColumns(options, options);
  const streamed = decisionsOverStream(options, options);
  const leaks = [
    leakOf('repeated', full, again),
    leakOf('streamed', full, streamed),
    firstLeak('truncated', cutRows, barsUntil),
    firstLeak('altered', cutRows, (all, row) => barsWithOtherFuture(all, row, seed)),
  ].filter((leak) => leak !== undefined);
  return { decisions: full.length, cuts: cutRows.length, leaks };

  function firstLeak(
    trial: LookaheadTrial,
    rows: readonly number[],
    change: (bars: SeriesColumns, row: number) => SeriesColumns,
  ): LookaheadLeak | undefined {
    for (const row of rows) {
      const cutUs = bars.endUs[row] ?? 0;
      const known = (decisions: readonly Decision[]) =>
        decisions.filter(({ barEndUs }) => barEndUs <= cutUs);
      const changed = changedAfter(options, cutUs, change);
      const leak = leakOf(trial, known(full), known(decisionsOverColumns(options, changed)));
      if (leak !== undefined) return { ...leak, cutUs };
    }
    return undefined;
  }
}

/** Returns the bars of all symbols with what comes after a time changed. */
function changedAfter(
  { bars, references = new Map() }: KnownBars,
  cutUs: number,
  change: (bars: SeriesColumns, row: number) => SeriesColumns,
): KnownBars {
  const of = (all: SeriesColumns) =>
    change(
      all,
      all.endUs.findLastIndex((us) => us <= cutUs),
    );
  const others = [...references].map(([symbol, all]) => [symbol, of(all)] as const);
  return { bars: of(bars), references: new Map(others) };
}

/** Returns the first decision that one has and the other has not. */
function leakOf(
  trial: LookaheadTrial,
  full: readonly Decision[],
  other: readonly Decision[],
): LookaheadLeak | undefined {
  const most = Math.max(full.length, other.length);
  for (let index = 0; index < most; index += 1) {
    const a = full[index];
    const b = other[index];
    if (a !== undefined && b !== undefined && a.barEndUs === b.barEndUs && a.text === b.text) {
      continue;
    }
    const barEndUs = Math.min(a?.barEndUs ?? Number.MAX_VALUE, b?.barEndUs ?? Number.MAX_VALUE);
    const withFuture = a?.barEndUs === barEndUs ? a.text : undefined;
    const without = b?.barEndUs === barEndUs ? b.text : undefined;
    return {
      trial,
      barEndUs,
      ...(withFuture === undefined ? {} : { withFuture }),
      ...(without === undefined ? {} : { without }),
    };
  }
  return undefined;
}
