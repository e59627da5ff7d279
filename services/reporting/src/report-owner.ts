import {
  decodeBotSlice,
  decodeFillEvent,
  decodeOrderEvent,
  ledgerEntriesOf,
  subjects,
} from '@capstan/contracts';
import {
  AppError,
  type CashMicros,
  cashToFloat,
  type InstrumentBook,
  type LedgerEntry,
  type TimeUs,
} from '@capstan/domain';
import {
  looksBack,
  type OwnerInput,
  type OwnerLogic,
  type OwnerSession,
  type OwnerSource,
  readSymbolHistory,
} from '@capstan/journal';
import type { BusMessage, Clock, EquityRecord, Log, Meter, Store } from '@capstan/ports';
import { AccountBook, type BookState } from './account-book.ts';
import { Poll } from './alerts/alert-sources.ts';
import { METRICS } from './telemetry.ts';

export interface ReportPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface ReportSettings {
  readonly runId: string;
  readonly accountId: string;
  readonly openingMicros: CashMicros;
  readonly instruments: InstrumentBook;
  /** With every slice where it is absent. */
  readonly pace?: EquityPace;
}

/** How often equity is written: with the first slice that is so far from the last point, and with the last of each trade date. */
export interface EquityPace {
  /** In the run's time. */
  readonly everyMs: number;
  /** True where the run's clock is our own: then between slices as well. */
  readonly isLive: boolean;
  readonly tradeDate: (us: TimeUs) => string;
}

interface StoredState {
  readonly version: 1;
  readonly book: BookState;
}

/** Follows an account's fills and marks and writes its equity, and each bot's, at the ends of slices. */
export class ReportOwner implements OwnerLogic {
  readonly inputs: readonly OwnerInput[];
  readonly #ports: ReportPorts;
  readonly #settings: ReportSettings;
  readonly #book: AccountBook;
  #doneThrough: TimeUs | undefined;
  #due: TimeUs | undefined;
  /** The figures that were written last, whatever their time, and that time. */
  #written = '';
  #writtenUs: TimeUs | undefined;
  /** Those of the last slice, where they were not written. */
  #kept: readonly EquityRecord[] = [];

  constructor(ports: ReportPorts, settings: ReportSettings) {
    const { accountId, instruments, openingMicros } = settings;
    this.#ports = ports;
    this.#settings = settings;
    this.#book = new AccountBook(accountId, instruments, openingMicros);
    const filters = [subjects.allSignals, subjects.order(accountId), subjects.fill(accountId)];
    this.inputs = [{ stream: 'TRADING', filters }];
  }

  async load(session: OwnerSession): Promise<void> {
    if (session.state === undefined) return;
    const stored = JSON.parse(new TextDecoder().decode(session.state)) as StoredState;
    if (stored.version !== 1) {
      throw new AppError({
        code: 'REPORTING.STATE',
        why: `stored state has version ${String(stored.version)}; this service reads version 1.`,
        fix: 'Run the version that wrote it.',
      });
    }
    this.#book.restore(stored.book);
  }

  openSources(): Promise<readonly OwnerSource[]> {
    const { pace } = this.#settings;
    if (pace?.isLive !== true) return Promise.resolve([]);
    const due = () => Promise.resolve('due');
    return Promise.resolve([new Poll(this.#ports.clock, pace.everyMs, due)]);
  }

  /** Between slices too, equity is written where it is not what was written last. */
  async onItems(session: OwnerSession): Promise<void> {
    if (!this.#isOpen) return;
    const equity = this.#book.points(this.#settings.runId, this.#ports.clock.nowUs());
    if (figuresOf(equity) !== this.#written) await this.#write(session, equity);
  }

  async onMessage(_session: OwnerSession, message: BusMessage): Promise<void> {
    const { accountId, runId } = this.#settings;
    if (message.subject === subjects.fill(accountId)) {
      const event = decodeFillEvent(message.data);
      if (event.runId !== runId) return;
      for (const entry of ledgerEntriesOf(event)) await this.#apply(entry);
    } else if (message.subject === subjects.order(accountId)) {
      const event = decodeOrderEvent(message.data);
      const done = event.sliceDone;
      if (event.runId === runId && done !== undefined && done.sliceEndUs > 0)
        this.#due = done.sliceEndUs;
    } else {
      const slice = decodeBotSlice(message.data);
      if (slice.accountId === accountId && slice.runId === runId) this.#book.mark(slice.marks);
    }
  }

  /** Reads what came before where an entry speaks of it. */
  async #apply(entry: LedgerEntry): Promise<void> {
    const { store } = this.#ports;
    if (!looksBack(entry)) return this.#book.apply(entry);
    const { accountId, symbol, accountSequence } = entry;
    this.#book.apply(entry, await readSymbolHistory(store, accountId, symbol, accountSequence));
  }

  /** One transaction for all that came together: the equity as of the last slice that is done. */
  async onBatchEnd(session: OwnerSession): Promise<void> {
    const atUs = this.#due;
    if (atUs === undefined || (this.#doneThrough !== undefined && atUs <= this.#doneThrough))
      return;
    this.#doneThrough = atUs;
    if (!this.#isOpen) return;
    const equity = this.#book.points(this.#settings.runId, atUs);
    const dayBefore = this.#lastOfDay(atUs);
    if (dayBefore.length === 0 && this.#isSoon(atUs)) this.#kept = equity;
    else await this.#write(session, [...dayBefore, ...equity]);
  }

  async onDrain(session: OwnerSession): Promise<void> {
    if (this.#kept.length > 0) await this.#write(session, this.#kept);
  }

  /** An account that nobody has opened has no equity: what opens it would look like a gain. */
  get #isOpen(): boolean {
    return this.#written !== '' || this.#book.holdsAnything;
  }

  #isSoon(atUs: TimeUs): boolean {
    const { pace } = this.#settings;
    if (pace === undefined || this.#writtenUs === undefined) return false;
    return atUs - this.#writtenUs < pace.everyMs * US_PER_MS;
  }

  /** Returns the points that were kept, where those at a time are of another trade date. */
  #lastOfDay(atUs: TimeUs): readonly EquityRecord[] {
    const [kept] = this.#kept;
    const { pace } = this.#settings;
    if (kept === undefined || pace === undefined) return [];
    return pace.tradeDate(kept.atUs) === pace.tradeDate(atUs) ? [] : this.#kept;
  }

  async #write(session: OwnerSession, equity: readonly EquityRecord[]): Promise<void> {
    const state: StoredState = { version: 1, book: this.#book.state() };
    await session.commit({ equity, state: new TextEncoder().encode(JSON.stringify(state)) });
    this.#written = figuresOf(equity);
    this.#writtenUs = equity.at(-1)?.atUs;
    this.#kept = [];
    for (const point of equity) this.#measure(point);
    this.#ports.meter.count(METRICS.points, equity.length, { account: this.#settings.accountId });
  }

  #measure(point: EquityRecord): void {
    const { meter } = this.#ports;
    const labels = { account: point.accountId, bot: point.botId };
    const equity = cashToFloat(point.cashMicros) + cashToFloat(point.marketValueMicros);
    meter.gauge(METRICS.equity, equity, labels);
    const realised = { ...labels, kind: 'realised' };
    meter.gauge(METRICS.profit, cashToFloat(point.realisedMicros), realised);
    const unrealised = { ...labels, kind: 'unrealised' };
    meter.gauge(METRICS.profit, cashToFloat(point.unrealisedMicros), unrealised);
    meter.gauge(METRICS.fees, cashToFloat(point.feesMicros), labels);
  }
}

const US_PER_MS = 1_000;

/** Returns all of points but when they were. */
function figuresOf(equity: readonly EquityRecord[]): string {
  return JSON.stringify(equity.map(({ atUs: _at, ...figures }) => figures));
}
