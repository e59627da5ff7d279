import type { Calendar } from '@capstan/calendar';
import { AppError, type Bar, type Timeframe } from '@capstan/domain';
import { BarResampler, type ResamplerState } from './resample/bar-resampler.ts';

/** What longer bars are built of which symbols. */
export interface LongerBarsOptions {
  readonly calendarOf: (symbol: string) => Calendar;
  /** Timeframes by symbol, the longest first. */
  readonly wanted: ReadonlyMap<string, readonly Timeframe[]>;
}

/** Bars that are being built, by symbol and timeframe: plain data. */
export type LongerBarsState = Readonly<Record<string, ResamplerState>>;

/** Builds the longer bars that a strategy reads from the one-minute bars of its slices, as a backtest builds them. */
export class LongerBars {
  /** By symbol and timeframe, the longest first. */
  readonly #resamplers = new Map<
    string,
    { readonly symbol: string; readonly resampler: BarResampler }
  >();

  constructor({ calendarOf, wanted }: LongerBarsOptions) {
    for (const [symbol, timeframes] of wanted) {
      for (const timeframe of timeframes) {
        const resampler = new BarResampler({ timeframe, calendar: calendarOf(symbol) });
        this.#resamplers.set(`${timeframe} ${symbol}`, { symbol, resampler });
      }
    }
  }

  /**
   * Takes the bars of the next slice.
   * @param barOf the one-minute bar of a symbol in it.
   * @returns the longer bars that have ended with it or before, in order of time for each symbol and timeframe.
   */
  *take(sliceEndUs: number, barOf: (symbol: string) => Bar | undefined): Generator<Bar> {
    for (const { symbol, resampler } of this.#resamplers.values()) {
      const bar = barOf(symbol);
      if (bar !== undefined) {
        const ended = resampler.closeUntil(bar.startUs);
        if (ended !== undefined) yield ended;
        resampler.push(bar);
      }
      const ended = resampler.closeUntil(sliceEndUs);
      if (ended !== undefined) yield ended;
    }
  }

  /** Returns the state as plain data. */
  snapshot(): LongerBarsState {
    return Object.fromEntries(
      [...this.#resamplers].map(([key, { resampler }]) => [key, resampler.snapshot()]),
    );
  }

  /** Replaces the state. @throws STRATEGY.CHECKPOINT where a bar that is being built is missing. */
  restore(state: LongerBarsState): void {
    for (const [key, { resampler }] of this.#resamplers) {
      const stored = state[key];
      if (stored === undefined) {
        throw new AppError({
          code: 'STRATEGY.CHECKPOINT',
          why: `the checkpoint has no bar of ${key} that is being built.`,
          fix: 'Discard it and warm up from history.',
        });
      }
      resampler.restore(stored);
    }
  }
}
