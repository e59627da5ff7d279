import { CalendarBook } from '@capstan/calendar';
import { encodeBar, encodeBarsClosed, subjects } from '@capstan/contracts';
import {
  AppError,
  type Bar,
  cashMicros,
  InstrumentBook,
  type OrderTerms,
  priceNanos,
  quantity,
  type TimeUs,
  timeUs,
  US_PER_MINUTE,
  usEquity,
} from '@capstan/domain';
import { PLAIN_EXCHANGE } from '@capstan/engine';
import type { VenueUpdate, VenueUpdates } from '@capstan/ports';
import { drained, MemoryBus, MemoryLog, nullMeter, VirtualClock } from '@capstan/testkit';
import { PaperExchange, type PaperExchangeSettings } from './exchange.ts';
import type { ExchangeJournal, JournalEntry } from './journal.ts';

/** 2024-01-03 12:00 in New York. */
const NOON_US = 1_704_301_200_000_000;
export const at = (minute: number): TimeUs => timeUs(NOON_US + minute * US_PER_MINUTE);
const calendars = new CalendarBook();

export const SETTINGS: PaperExchangeSettings = {
  behaviour: PLAIN_EXCHANGE,
  accounts: [{ accountId: 'paper', currency: 'USD', cashMicros: cashMicros(100_000_000_000) }],
  venues: ['TEST'],
  feeds: ['demo', 'other'],
  latencyMs: 0,
};

/** A journal in memory whose disk may be slow or full. */
export class MemoryJournal implements ExchangeJournal {
  readonly entries: JournalEntry[];
  /** Waited for before an append is done. */
  gate: Promise<void> = Promise.resolve();
  full = false;

  constructor(entries: readonly JournalEntry[] = []) {
    this.entries = JSON.parse(JSON.stringify(entries));
  }

  async read(): Promise<readonly JournalEntry[]> {
    return this.entries;
  }

  async append(entries: readonly JournalEntry[]): Promise<void> {
    await this.gate;
    if (this.full) {
      const why = '/data/journal.jsonl cannot be written: no space left on device.';
      throw new AppError({ code: 'EXCHANGE.JOURNAL', why, fix: 'Make room.' });
    }
    this.entries.push(...JSON.parse(JSON.stringify(entries)));
  }
}

export function terms(orderId: string, of: Partial<OrderTerms> = {}): OrderTerms {
  return {
    orderId,
    intentId: `intent-${orderId}`,
    runId: 'run',
    accountId: 'paper',
    botId: 'bot',
    symbol: 'SPY',
    side: 'buy',
    quantity: quantity(10),
    type: 'market',
    timeInForce: 'gtc',
    reducing: false,
    leg: 0,
    attempt: 1,
    decidedAtUs: at(0),
    expiresAtUs: at(1),
    ...of,
  };
}

function barOf(minute: number, symbol: string): Bar {
  const price = priceNanos((100 + minute) * 1e9);
  return {
    symbol,
    timeframe: '1m',
    startUs: at(minute - 1),
    endUs: at(minute),
    revision: 0,
    openNanos: price,
    highNanos: price,
    lowNanos: price,
    closeNanos: price,
    volume: 1_000,
  };
}

/** The exchange's surroundings: a bus with market data, and a disk. */
export class ExchangeWorld {
  readonly clock = new VirtualClock(at(0));
  readonly bus = new MemoryBus(this.clock);
  readonly log = new MemoryLog();

  make(
    journal: ExchangeJournal = new MemoryJournal(),
    settings: Partial<PaperExchangeSettings> = {},
  ): PaperExchange {
    const { bus, clock, log } = this;
    const ports = { bus, clock, log, meter: nullMeter, journal };
    const book = new InstrumentBook([usEquity('SPY'), usEquity('QQQ')]);
    return new PaperExchange(ports, { ...SETTINGS, ...settings }, book, (name) =>
      calendars.get(name),
    );
  }

  /** Loads and runs an exchange. */
  async open(
    journal: ExchangeJournal = new MemoryJournal(),
    settings: Partial<PaperExchangeSettings> = {},
  ): Promise<PaperExchange> {
    const exchange = this.make(journal, settings);
    await exchange.load();
    void exchange.run();
    return exchange;
  }

  async bar(minute: number, symbol = 'SPY', feed = 'demo', revision = 0): Promise<void> {
    const named = { runId: 'run', feed, venue: 'TEST', revision };
    const data = encodeBar({ ...barOf(minute, symbol), ...named });
    const messageId = `${feed} ${symbol} ${minute} ${revision}`;
    await this.#publish(subjects.bar('TEST', symbol, '1m'), data, messageId);
  }

  async close(minute: number, symbols: readonly string[] = ['SPY'], feed = 'demo') {
    const closed = { runId: 'run', feed, endUs: at(minute), symbols, last: false };
    await this.#publish(subjects.barsClosed(feed), encodeBarsClosed(closed), `${feed} ${minute}`);
  }

  async slice(minute: number): Promise<void> {
    await this.bar(minute);
    await this.close(minute);
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) {
      await drained();
      this.clock.wakeNext();
    }
  }

  async #publish(subject: string, data: Uint8Array, messageId: string): Promise<void> {
    await this.bus.publish([{ subject, data, headers: {}, messageId }]);
  }
}

/** Reads an account's updates as short texts. */
export class Reading {
  readonly heard: string[] = [];
  readonly #updates: VenueUpdates;

  private constructor(updates: VenueUpdates) {
    this.#updates = updates;
  }

  static async of(exchange: PaperExchange, after = 0, accountId = 'paper'): Promise<Reading> {
    const reading = new Reading(await exchange.updates(accountId, after));
    void reading.#run();
    return reading;
  }

  close(): Promise<void> {
    return this.#updates.close();
  }

  async #run(): Promise<void> {
    for (;;) {
      const batch = await this.#updates.next();
      if (batch.length === 0) return;
      for (const update of batch) this.heard.push(said(update));
    }
  }
}

function said(update: VenueUpdate): string {
  if (update.kind === 'event') return `${update.event.sequence} ${update.event.kind}`;
  return `${update.feed} through ${(update.sliceEndUs - NOON_US) / US_PER_MINUTE}`;
}
