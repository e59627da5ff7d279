import type { Calendar } from '@capstan/calendar';
import { AppError, type MarketEvent, timeUs, US_PER_DAY } from '@capstan/domain';
import type { Clock, Log, MarketDataVenue, MarketStream } from '@capstan/ports';
import {
  type NearMoneySettings,
  NearMoneyTracker,
  type NearMoneyUpdate,
} from './near-money-tracker.ts';

export interface NearMoneyPorts {
  readonly venue: Pick<MarketDataVenue, 'bars' | 'optionContracts' | 'subscribe'>;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly log: Log;
}

/** How far back the mean of closes may have to reach, over the longest holidays. */
const PAST_US = 5 * US_PER_DAY;

/**
 * A {@link NearMoneyTracker} with a stream of its own: the past of the session first, then what comes; the options that are listened to
 * follow the price, and after a break the minutes that were missed are asked for before anything else is told.
 */
export class NearMoneyWatch {
  readonly #ports: NearMoneyPorts;
  readonly #stream: MarketStream;
  readonly #tracker: NearMoneyTracker;
  #told: NearMoneyUpdate[];

  private constructor(
    ports: NearMoneyPorts,
    stream: MarketStream,
    tracker: NearMoneyTracker,
    told: readonly NearMoneyUpdate[],
  ) {
    this.#ports = ports;
    this.#stream = stream;
    this.#tracker = tracker;
    this.#told = [...told];
  }

  /** Opens it. @throws MARKET.* */
  static async open(
    ports: NearMoneyPorts,
    settings: NearMoneySettings = {},
  ): Promise<NearMoneyWatch> {
    const tracker = new NearMoneyTracker(ports.calendar, settings);
    const told = [...(await past(ports, tracker)), ...(await listed(ports, tracker))];
    const stream = await ports.venue.subscribe(tracker.wish);
    return new NearMoneyWatch(ports, stream, tracker, told);
  }

  /** Returns what is new, waiting for at least one; an empty array only after `close`. @throws MARKET.* where going on makes no sense. */
  async next(): Promise<readonly NearMoneyUpdate[]> {
    while (this.#told.length === 0) {
      const events = await this.#stream.next();
      if (events.length === 0) return [];
      for (const event of events) await this.#hear(event);
    }
    const told = this.#told;
    this.#told = [];
    return told;
  }

  close(): Promise<void> {
    return this.#stream.close();
  }

  async #hear(event: MarketEvent): Promise<void> {
    const fresh = [...this.#tracker.hear(event)];
    if (event.kind === 'connected') fresh.push(...(await this.#tried('the past', past)));
    fresh.push(...(await this.#tried('its options', listed)));
    this.#told.push(...fresh);
    if (fresh.some(({ kind }) => kind === 'chosen')) await this.#stream.want(this.#tracker.wish);
  }

  /** What fails for now is asked again with the next event; the stream goes on. */
  async #tried(what: string, ask: typeof past): Promise<readonly NearMoneyUpdate[]> {
    try {
      return await ask(this.#ports, this.#tracker);
    } catch (error) {
      if (!(error instanceof AppError) || error.retry !== 'retryable') throw error;
      const { underlying } = this.#tracker;
      this.#ports.log.warn(`${what} of an underlying cannot be had now`, { underlying, error });
      return [];
    }
  }
}

/** Brings the minutes from where the tracker stands, or from as long ago as it reaches back. */
async function past(
  { venue, clock }: NearMoneyPorts,
  tracker: NearMoneyTracker,
): Promise<readonly NearMoneyUpdate[]> {
  const nowUs = clock.nowUs();
  const fromUs = tracker.values?.endUs ?? timeUs(nowUs - PAST_US);
  if (fromUs >= nowUs) return [];
  const told: NearMoneyUpdate[] = [];
  const request = { symbols: [tracker.underlying], fromUs, toUs: nowUs };
  for await (const bars of venue.bars({ ...request, timeframe: '1m', adjustment: 'raw' })) {
    for (const bar of bars) told.push(...tracker.hear({ kind: 'bar', bar }));
  }
  // Of the past the last word counts.
  return told.filter(({ kind }, at) => told.findLastIndex((one) => one.kind === kind) === at);
}

/** Lists the contracts of the next expiries where a new day asks for it. */
async function listed(
  { venue, clock }: NearMoneyPorts,
  tracker: NearMoneyTracker,
): Promise<readonly NearMoneyUpdate[]> {
  const wanted = tracker.wantedExpiries(clock.nowUs());
  if (wanted === undefined) return [];
  const { underlying } = tracker;
  const request = { underlying, fromExpiration: wanted.from, toExpiration: wanted.to };
  const contracts = [];
  for await (const page of venue.optionContracts(request)) contracts.push(...page);
  return tracker.list(wanted.from, contracts);
}
