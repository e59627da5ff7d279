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
  type TimeUs,
} from '@capstan/domain';
import type { OwnerInput, OwnerLogic, OwnerSession, OwnerSource } from '@capstan/journal';
import type { BusMessage, Clock, EquityRecord, Log, Meter, Store } from '@capstan/ports';
import { AccountBook, type BookState } from './account-book.ts';
import { Poll } from './alerts/alert-sources.ts';
import { LIMITS } from './limits.ts';
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
  /** How often equity is written between slices; only with slices where it is absent, as in a playback. */
  readonly equityEveryMs?: number;
}

interface StoredState {
  readonly version: 1;
  readonly book: BookState;
}

/** Follows an account's fills and marks and writes its equity, and each bot's, at the end of every slice. */
export class ReportOwner implements OwnerLogic {
  readonly inputs: readonly OwnerInput[];
  readonly #ports: ReportPorts;
  readonly #settings: ReportSettings;
  readonly #book: AccountBook;
  #doneThrough: TimeUs | undefined;
  #due: TimeUs | undefined;
  /** The figures that were written last, whatever their time. */
  #written = '';

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
    const { accountId } = this.#settings;
    const entries = await this.#ports.store.entriesAfter(accountId, 0, LIMITS.fillsRead);
    this.#book.restore(stored.book, entries);
  }

  openSources(): Promise<readonly OwnerSource[]> {
    const { equityEveryMs } = this.#settings;
    if (equityEveryMs === undefined) return Promise.resolve([]);
    const due = () => Promise.resolve('due');
    return Promise.resolve([new Poll(this.#ports.clock, equityEveryMs, due)]);
  }

  /** Between slices too, equity is written where it is not what was written last. */
  async onItems(session: OwnerSession): Promise<void> {
    const equity = this.#book.points(this.#settings.runId, this.#ports.clock.nowUs());
    if (figuresOf(equity) !== this.#written) await this.#write(session, equity);
  }

  onMessage(_session: OwnerSession, message: BusMessage): Promise<void> {
    const { accountId, runId } = this.#settings;
    if (message.subject === subjects.fill(accountId)) {
      const event = decodeFillEvent(message.data);
      if (event.runId !== runId) return Promise.resolve();
      for (const entry of ledgerEntriesOf(event)) this.#book.apply(entry);
    } else if (message.subject === subjects.order(accountId)) {
      const event = decodeOrderEvent(message.data);
      const done = event.sliceDone;
      if (event.runId === runId && done !== undefined && done.sliceEndUs > 0)
        this.#due = done.sliceEndUs;
    } else {
      const slice = decodeBotSlice(message.data);
      if (slice.accountId === accountId && slice.runId === runId) this.#book.mark(slice.marks);
    }
    return Promise.resolve();
  }

  /** One transaction for all that came together: the equity as of the last slice that is done. */
  async onBatchEnd(session: OwnerSession): Promise<void> {
    const atUs = this.#due;
    if (atUs === undefined || (this.#doneThrough !== undefined && atUs <= this.#doneThrough))
      return;
    await this.#write(session, this.#book.points(this.#settings.runId, atUs));
    this.#doneThrough = atUs;
  }

  async #write(session: OwnerSession, equity: readonly EquityRecord[]): Promise<void> {
    const state: StoredState = { version: 1, book: this.#book.state() };
    await session.commit({ equity, state: new TextEncoder().encode(JSON.stringify(state)) });
    this.#written = figuresOf(equity);
    for (const point of equity) {
      const labels = { account: point.accountId, bot: point.botId };
      this.#ports.meter.gauge(
        METRICS.equity,
        cashToFloat(point.cashMicros) + cashToFloat(point.marketValueMicros),
        labels,
      );
    }
    this.#ports.meter.count(METRICS.points, equity.length, { account: this.#settings.accountId });
  }
}

/** Returns all of points but when they were. */
function figuresOf(equity: readonly EquityRecord[]): string {
  return JSON.stringify(equity.map(({ atUs: _at, ...figures }) => figures));
}
