import {
  AppError,
  type MarketEvent,
  type OptionContract,
  priceNanos,
  priceToFloat,
  type TimeUs,
  timeUs,
  US_PER_DAY,
} from '@capstan/domain';
import type { Clock, Log, MarketDataVenue, Meter, StreamWish } from '@capstan/ports';
import type { NearMoneyTracker, NearMoneyUpdate, UnderlyingValues } from '@capstan/venues';
import type { StreamGuest } from './live/live-item.ts';
import type { QuotePublisher } from './live/quote-publisher.ts';
import { METRICS } from './telemetry.ts';

interface GuestPorts {
  readonly venue: Pick<MarketDataVenue, 'optionContracts' | 'bars'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Pick<Meter, 'gauge'>;
  readonly quotes: Pick<QuotePublisher, 'offer'>;
  /** Is told of a bug. */
  readonly crash: (error: unknown) => void;
}

/** Between two attempts to list the options of an expiry, or to have the past. */
const RETRY_MS = 30_000;
/** How far back the mean of closes may have to reach, over the longest holidays. */
const PAST_US = 5 * US_PER_DAY;

/**
 * Publishes quotes of the options around the money of an underlying, by the stream that a feed has anyway, and measures the underlying: its
 * close, the session's VWAP and the mean of nine closes, over the minutes of before the stream, and of its breaks, too.
 */
export class NearMoneyGuest implements StreamGuest {
  readonly #ports: GuestPorts;
  readonly #tracker: NearMoneyTracker;
  readonly #feed: string;
  #changed: () => void = () => undefined;
  #isListing = false;
  /** From where on minutes may be missing; nothing is known before the first connection. */
  #fromUs: TimeUs | undefined;

  constructor(ports: GuestPorts, tracker: NearMoneyTracker, feed: string) {
    this.#ports = ports;
    this.#tracker = tracker;
    this.#feed = feed;
  }

  get wish(): StreamWish {
    return this.#tracker.wish;
  }

  onWish(changed: () => void): void {
    this.#changed = changed;
  }

  hear(event: MarketEvent): void {
    const { crash } = this.#ports;
    if (event.kind === 'disconnected') this.#fromUs = this.#tracker.values?.endUs;
    if (event.kind === 'connected') this.#recall(this.#fromUs).catch(crash);
    this.#tell(this.#tracker.hear(event));
    const wanted = this.#tracker.wantedExpiries(this.#ports.clock.nowUs());
    if (wanted === undefined || this.#isListing) return;
    this.#isListing = true;
    this.#list(wanted).catch(crash);
  }

  #tell(updates: readonly NearMoneyUpdate[]): void {
    for (const update of updates) {
      if (update.kind === 'quote') {
        this.#ports.quotes.offer(update.quote, update.contract.underlying);
      } else if (update.kind === 'underlying') this.#measure(update.values);
    }
    if (updates.some(({ kind }) => kind === 'chosen')) this.#changed();
  }

  #measure({ closeNanos, vwapNanos, ma9Nanos }: UnderlyingValues): void {
    const { underlying } = this.#tracker;
    for (const [value, nanos] of Object.entries({
      close: closeNanos,
      vwap: vwapNanos,
      ma9: ma9Nanos,
    })) {
      if (nanos === undefined) continue;
      const price = priceToFloat(priceNanos(Math.round(nanos)));
      this.#ports.meter.gauge(METRICS.underlying, price, { feed: this.#feed, underlying, value });
    }
  }

  /** Brings minutes that the stream did not; the tracker puts them in their places, whatever the stream says meanwhile. */
  async #recall(since: TimeUs | undefined): Promise<void> {
    const { venue, clock, log } = this.#ports;
    const { underlying } = this.#tracker;
    for (;;) {
      const toUs = clock.nowUs();
      const fromUs = since ?? timeUs(toUs - PAST_US);
      try {
        if (fromUs >= toUs) return;
        const asked = { symbols: [underlying], fromUs, toUs };
        for await (const bars of venue.bars({ ...asked, timeframe: '1m', adjustment: 'raw' })) {
          for (const bar of bars) this.#tell(this.#tracker.hear({ kind: 'bar', bar }));
        }
        return;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        log.warn('minutes of an underlying cannot be had now', { underlying, error });
        if (error.retry !== 'retryable') return;
        await clock.sleep(RETRY_MS);
      }
    }
  }

  /** Lists the options of the nearest expiries; what fails is tried again after a while. */
  async #list({ from, to }: { readonly from: string; readonly to: string }): Promise<void> {
    const { venue, clock, log } = this.#ports;
    const { underlying } = this.#tracker;
    const contracts: OptionContract[] = [];
    try {
      const asked = { underlying, fromExpiration: from, toExpiration: to };
      for await (const page of venue.optionContracts(asked)) contracts.push(...page);
      this.#tell(this.#tracker.list(from, contracts));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.warn('options cannot be listed now', { underlying, error });
      await clock.sleep(RETRY_MS);
    } finally {
      this.#isListing = false;
    }
  }
}
