import { AppError, type MarketEvent, type OptionContract } from '@capstan/domain';
import type { Clock, Log, MarketDataVenue, StreamWish } from '@capstan/ports';
import type { NearMoneyTracker, NearMoneyUpdate } from '@capstan/venues';
import type { StreamGuest } from './live/live-item.ts';
import type { QuotePublisher } from './live/quote-publisher.ts';

interface GuestPorts {
  readonly venue: Pick<MarketDataVenue, 'optionContracts'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly quotes: Pick<QuotePublisher, 'offer'>;
  /** Is told of a bug. */
  readonly crash: (error: unknown) => void;
}

/** Between two attempts to list the options of an expiry. */
const RETRY_MS = 30_000;

/** Publishes quotes of the options around the money of an underlying, by the stream that a feed has anyway. */
export class NearMoneyGuest implements StreamGuest {
  readonly #ports: GuestPorts;
  readonly #tracker: NearMoneyTracker;
  #changed: () => void = () => undefined;
  #isListing = false;

  constructor(ports: GuestPorts, tracker: NearMoneyTracker) {
    this.#ports = ports;
    this.#tracker = tracker;
  }

  get wish(): StreamWish {
    return this.#tracker.wish;
  }

  onWish(changed: () => void): void {
    this.#changed = changed;
  }

  hear(event: MarketEvent): void {
    this.#tell(this.#tracker.hear(event));
    const wanted = this.#tracker.wantedExpiries(this.#ports.clock.nowUs());
    if (wanted === undefined || this.#isListing) return;
    this.#isListing = true;
    this.#list(wanted).catch((error: unknown) => this.#ports.crash(error));
  }

  #tell(updates: readonly NearMoneyUpdate[]): void {
    for (const update of updates) {
      if (update.kind === 'quote') {
        this.#ports.quotes.offer(update.quote, update.contract.underlying);
      }
    }
    if (updates.some(({ kind }) => kind === 'chosen')) this.#changed();
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
