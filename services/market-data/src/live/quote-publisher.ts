import { encodeQuote, type QuoteRecord, subjects } from '@capstan/contracts';
import { AppError, type MarketQuote } from '@capstan/domain';
import type { Bus, Clock, Log, Meter } from '@capstan/ports';
import { METRICS } from '../telemetry.ts';

export interface QuotePorts {
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface QuoteSettings {
  readonly feed: string;
  readonly venue: string;
  readonly runId: string;
  /** How long between two publications. */
  readonly everyMs: number;
}

/** Quotes of one publication. */
const BATCH_MAX = 500;

/**
 * Publishes the newest quote of each symbol, as often as it is told to: however many come, and however slow the bus is, no more is kept
 * than one a symbol. Quotes are not journaled; what the bus does not take is published when the next one of its symbol comes.
 */
export class QuotePublisher {
  readonly #ports: QuotePorts;
  readonly #settings: QuoteSettings;
  readonly #stop = new AbortController();
  readonly #waiting = new Map<
    string,
    { readonly quote: MarketQuote; readonly underlying?: string }
  >();
  readonly #newestUs = new Map<string, number>();
  #count = 0;
  #wake: (() => void) | undefined;

  constructor(ports: QuotePorts, settings: QuoteSettings) {
    this.#ports = ports;
    this.#settings = settings;
  }

  /** Takes a quote; an older one of the symbol that waits gives way, and one that comes after a newer one is passed over. @param underlying of an option. */
  offer(quote: MarketQuote, underlying?: string): void {
    const { meter } = this.#ports;
    const isOld = quote.atUs < (this.#newestUs.get(quote.symbol) ?? 0);
    if (isOld || this.#waiting.has(quote.symbol)) {
      meter.count(METRICS.conflated, 1, { feed: this.#settings.feed });
    }
    if (isOld) return;
    this.#newestUs.set(quote.symbol, quote.atUs);
    this.#waiting.set(quote.symbol, underlying === undefined ? { quote } : { quote, underlying });
    this.#wake?.();
  }

  /** How many symbols have a quote that waits. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Publishes until it is closed. */
  async run(): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      if (this.#waiting.size === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
        continue;
      }
      await this.#publish();
      await clock.sleep(this.#settings.everyMs, signal);
    }
  }

  close(): void {
    this.#stop.abort();
    this.#wake?.();
  }

  async #publish(): Promise<void> {
    const { bus, log, meter } = this.#ports;
    const { feed, venue, runId } = this.#settings;
    const taken = [...this.#waiting.values()];
    this.#waiting.clear();
    for (let from = 0; from < taken.length; from += BATCH_MAX) {
      const messages = taken.slice(from, from + BATCH_MAX).map(({ quote, underlying }) => {
        this.#count += 1;
        const of = underlying === undefined ? {} : { underlying };
        const record: QuoteRecord = { ...quote, ...of, runId, feed, venue };
        const subject =
          underlying === undefined
            ? subjects.quote(venue, quote.symbol)
            : subjects.option(venue, underlying, quote.symbol);
        const messageId = `${feed} ${quote.symbol} ${quote.atUs} ${this.#count}`;
        return { subject, data: encodeQuote(record), headers: {}, messageId };
      });
      try {
        await bus.publish(messages);
        meter.count(METRICS.quotes, messages.length, { feed });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        log.debug('quotes could not be published', { feed, error });
      }
    }
  }
}
