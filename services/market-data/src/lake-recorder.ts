import { AppError, type Bar, type TimeUs, timeUs, US_PER_DAY } from '@capstan/domain';
import {
  addBars,
  fingerprintBars,
  LAKE_COLUMNS,
  Lake,
  type LakeBars,
  newLakeBars,
} from '@capstan/lake';
import type { Clock, Log, Store } from '@capstan/ports';

interface RecorderPorts {
  readonly store: Pick<Store, 'bars'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Is told of a bug. */
  readonly crash: (error: unknown) => void;
}

export interface RecorderSettings {
  /** Of the lake. */
  readonly folder: string;
  readonly feed: string;
  readonly venue: string;
  readonly runId: string;
  /** Tells whether a session of a market of these symbols ends with a slice. */
  readonly isClose: (symbols: readonly string[], endUs: number) => boolean;
}

/** Corrections of the last minutes come this late. */
const SETTLE_MS = 120_000;
/** How far back a process looks that has not written yet: over a weekend with holidays, the session before it included. */
const FIRST_US = 7 * US_PER_DAY;
const BARS_MAX = 100_000;
const REVISION = 'latest';

/**
 * Appends a feed's bars of one minute to a lake as each session ends, as they are known then. It works beside the feed, which waits for
 * nothing; the same bars may be written again.
 */
export class LakeRecorder {
  readonly #ports: RecorderPorts;
  readonly #settings: RecorderSettings;
  readonly #lake: Lake;
  readonly #stop = new AbortController();
  #throughUs: TimeUs | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(ports: RecorderPorts, settings: RecorderSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#lake = new Lake(settings.folder);
  }

  /** Notes that a slice of these symbols was journaled. */
  onSlice(endUs: TimeUs, symbols: readonly string[]): void {
    if (!this.#settings.isClose(symbols, endUs)) return;
    this.#work = this.#work
      .then(() => this.#record(endUs, symbols))
      .catch((error: unknown) => this.#ports.crash(error));
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  async #record(endUs: TimeUs, symbols: readonly string[]): Promise<void> {
    const { clock, log } = this.#ports;
    const { feed, folder } = this.#settings;
    await clock.sleep(SETTLE_MS, this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    const fromUs = this.#throughUs ?? timeUs(endUs - FIRST_US);
    let bars = 0;
    try {
      for (const symbol of symbols) bars += await this.#append(symbol, fromUs, endUs);
      this.#throughUs = endUs;
      log.info('bars appended to the lake', { feed, folder, symbols: symbols.length, bars });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.error('bars could not be appended to the lake; the next session tries again', {
        ...{ feed, folder, error },
      });
    }
  }

  async #append(symbol: string, fromUs: TimeUs, toUs: TimeUs): Promise<number> {
    const { feed, venue, runId } = this.#settings;
    const found = await this.#ports.store.bars({
      ...{ runId, feed, symbols: [symbol], timeframe: '1m', revisions: REVISION },
      ...{ afterUs: fromUs, throughUs: toUs, limit: BARS_MAX },
    });
    const [first] = found;
    if (first === undefined) return 0;
    const bars = columnsOf(found);
    const { instrumentId, quantityScale } = (await this.#lake.instruments(venue)).bySymbol(symbol);
    const kind = { timeframe: '1m', alignment: 'session', adjustment: 'raw' } as const;
    const sha256 = fingerprintBars({ instrumentId, quantityScale, ...kind }, bars);
    const { report, added } = await addBars(this.#lake, {
      ...{ venue, symbol, bars, ...kind },
      source: { name: `feed ${feed}`, sha256 },
      replaces: [{ fromUs: first.startUs, toUs }],
    });
    if (report.refused) {
      const said = { feed, symbol, anomalies: report.anomalies };
      this.#ports.log.error('the lake refuses bars of a symbol', said);
    }
    return added;
  }
}

function columnsOf(found: readonly Bar[]): LakeBars {
  const bars = newLakeBars(found.length);
  for (const name of LAKE_COLUMNS) {
    const column = bars[name];
    found.forEach((bar, row) => {
      column[row] = bar[name];
    });
  }
  return bars;
}
