import { type AppError, type Bar, barProblem, hasCode, type TimeUs } from '@capstan/domain';
import type { Log, MarketDataVenue } from '@capstan/ports';
import type { MinuteGrid } from './minute-grid.ts';

/** What history is asked for: all bars that start and end in `[fromUs, toUs]`. */
export interface HistorySpan {
  readonly symbols: readonly string[];
  readonly fromUs: TimeUs;
  readonly toUs: TimeUs;
}

interface HistoryPorts {
  readonly venue: Pick<MarketDataVenue, 'bars'>;
  readonly log: Log;
}

/** Reads bars of one minute from a vendor's history, and finds out which symbols it does not know. */
export class BarHistory {
  readonly #ports: HistoryPorts;
  readonly #gridOf: (symbol: string) => MinuteGrid;
  readonly #onUnknown: (symbol: string, why: AppError) => void;
  readonly #signal: AbortSignal;

  /** @param onUnknown is told of each symbol that the vendor does not know. */
  constructor(
    ports: HistoryPorts,
    gridOf: (symbol: string) => MinuteGrid,
    onUnknown: (symbol: string, why: AppError) => void,
    signal: AbortSignal,
  ) {
    this.#ports = ports;
    this.#gridOf = gridOf;
    this.#onUnknown = onUnknown;
    this.#signal = signal;
  }

  /**
   * Returns the bars of a span, each once, as revision 0; of a symbol that the vendor does not know, none. A request of many symbols is
   * halved until it is known which of them that is.
   * @throws MARKET.CREDENTIALS, MARKET.ENTITLEMENT, MARKET.RATE, MARKET.ANSWER, MARKET.UNAVAILABLE
   */
  async read(span: HistorySpan): Promise<readonly Bar[]> {
    const { symbols } = span;
    if (symbols.length === 0 || span.fromUs >= span.toUs) return [];
    try {
      return await this.#read(span);
    } catch (error) {
      if (!hasCode(error, 'MARKET.SYMBOL')) throw error;
      const [only, second] = symbols;
      if (only !== undefined && second === undefined) {
        this.#onUnknown(only, error);
        return [];
      }
      const half = Math.ceil(symbols.length / 2);
      const first = await this.read({ ...span, symbols: symbols.slice(0, half) });
      return [...first, ...(await this.read({ ...span, symbols: symbols.slice(half) }))];
    }
  }

  async #read({ symbols, fromUs, toUs }: HistorySpan): Promise<readonly Bar[]> {
    const found = new Map<string, Bar>();
    const request = { symbols, fromUs, toUs, timeframe: '1m', adjustment: 'raw' } as const;
    for await (const page of this.#ports.venue.bars(request, this.#signal)) {
      for (const bar of page) {
        const isAsked = bar.startUs >= fromUs && bar.endUs <= toUs;
        if (!isAsked || !this.#gridOf(bar.symbol).has(bar.endUs)) continue;
        const problem = barProblem(bar);
        if (problem === undefined) found.set(`${bar.symbol} ${bar.endUs}`, { ...bar, revision: 0 });
        else this.#ports.log.warn('a bar of history is left out', { ...bar, problem });
      }
    }
    return [...found.values()];
  }
}
