import {
  type Bar,
  hasCode,
  type MarketEvent,
  type TimeUs,
  timeUs,
  US_PER_MINUTE,
  US_PER_MS,
} from '@capstan/domain';
import type { BarsRequest, Clock, Log, MarketStream, StreamWish } from '@capstan/ports';
import { EventQueue } from '../../market/event-queue.ts';
import { marketFailure } from '../../requests/market-failure.ts';
import {
  CLOCK_CHECK_MS,
  CLOCK_SET_US,
  POLL_BACK_MINUTES,
  POLL_RETRY_MS,
  SETTLE_MS,
} from './limits.ts';

export interface PollingPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Asks for bars ahead of what asks for history. */
  readonly bars: (request: BarsRequest, signal: AbortSignal) => AsyncIterable<readonly Bar[]>;
  /** The vendor's time. */
  readonly nowUs: () => Promise<TimeUs>;
}

export interface PollingSettings {
  /** After the end of a minute, until its bars are asked for. */
  readonly settleMs?: number;
}

/**
 * Bars without a stream: after each minute, by the vendor's clock, one request for the minutes that are complete and were not had yet, of
 * all symbols. What could not be asked for is asked for with the next.
 */
export class AlpacaPolling implements MarketStream {
  readonly #ports: PollingPorts;
  readonly #settleUs: number;
  readonly #events = new EventQueue();
  readonly #closing = new AbortController();
  #run: Promise<void> = Promise.resolve();
  #symbols: readonly string[] = [];
  #nextMinuteUs = 0;
  /** What to add to a time by the clock that never goes back to have the vendor's. */
  #offsetUs = 0;
  /** What our own clocks were apart by then: where it changes, one was set, or the machine slept. */
  #apartUs = 0;
  #offsetUntilMs = Number.NEGATIVE_INFINITY;
  #isOn = false;

  private constructor(ports: PollingPorts, { settleMs = SETTLE_MS }: PollingSettings) {
    this.#ports = ports;
    this.#settleUs = settleMs * US_PER_MS;
  }

  /** Begins with the minute that runs. @throws MARKET.ENTITLEMENT where more than bars is wished; what the vendor's clock throws. */
  static async open(
    ports: PollingPorts,
    settings: PollingSettings,
    wish: StreamWish,
  ): Promise<AlpacaPolling> {
    const polling = new AlpacaPolling(ports, settings);
    polling.#take(wish);
    await polling.#readClock();
    const nowUs = polling.#nowUs();
    polling.#nextMinuteUs = nowUs - (nowUs % US_PER_MINUTE);
    polling.#say({ kind: 'connected' });
    polling.#run = polling.#keep().catch((error: unknown) => polling.#events.fail(error));
    return polling;
  }

  next(): Promise<readonly MarketEvent[]> {
    return this.#events.next();
  }

  async want(wish: StreamWish): Promise<void> {
    this.#take(wish);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#events.close();
    await this.#run;
  }

  async #keep(): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const dueUs = this.#nextMinuteUs + US_PER_MINUTE + this.#settleUs;
      const waitMs = (dueUs - this.#nowUs()) / US_PER_MS;
      if (waitMs > 0) {
        await clock.sleep(waitMs, signal);
        continue;
      }
      const isDone = await this.#poll(signal);
      if (!isDone) await clock.sleep(POLL_RETRY_MS, signal);
    }
  }

  /** Asks for the complete minutes. @returns whether they were had. */
  async #poll(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#readClock();
      const settledUs = this.#nowUs() - this.#settleUs;
      const toUs = settledUs - (settledUs % US_PER_MINUTE);
      if (toUs <= this.#nextMinuteUs) return true;
      const fromUs = Math.max(this.#nextMinuteUs, toUs - POLL_BACK_MINUTES * US_PER_MINUTE);
      const bars = await this.#barsOf(fromUs, toUs, signal);
      if (!this.#isOn) this.#say({ kind: 'connected' });
      for (const bar of bars) this.#events.push({ kind: 'bar', bar });
      this.#nextMinuteUs = toUs;
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      if (hasCode(error, 'MARKET.CREDENTIALS') || hasCode(error, 'MARKET.ENTITLEMENT')) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#isOn) this.#say({ kind: 'disconnected', reason });
      this.#ports.log.warn('a poll of Alpaca failed and will be done again', { reason });
      return false;
    }
  }

  /** All of them, oldest first: a part of the minutes is nothing to go on with. */
  async #barsOf(fromUs: number, toUs: number, signal: AbortSignal): Promise<readonly Bar[]> {
    if (this.#symbols.length === 0) return [];
    const request = { timeframe: '1m', adjustment: 'raw', symbols: this.#symbols } as const;
    const span = { fromUs: timeUs(fromUs), toUs: timeUs(toUs) };
    const bars: Bar[] = [];
    for await (const page of this.#ports.bars({ ...request, ...span }, signal)) bars.push(...page);
    return bars.sort((a, b) => a.startUs - b.startUs || (a.symbol < b.symbol ? -1 : 1));
  }

  async #readClock(): Promise<void> {
    const { clock, nowUs } = this.#ports;
    const isSet = Math.abs(this.#ownApartUs() - this.#apartUs) > CLOCK_SET_US;
    if (!isSet && clock.monotonicMs() < this.#offsetUntilMs) return;
    const apartUs = this.#ownApartUs();
    const beforeMs = clock.monotonicMs();
    const vendorUs = await nowUs();
    const middleMs = (beforeMs + clock.monotonicMs()) / 2;
    this.#offsetUs = Math.round(vendorUs - middleMs * US_PER_MS);
    this.#apartUs = apartUs;
    this.#offsetUntilMs = clock.monotonicMs() + CLOCK_CHECK_MS;
  }

  #ownApartUs(): number {
    const { clock } = this.#ports;
    return clock.nowUs() - clock.monotonicMs() * US_PER_MS;
  }

  #nowUs(): number {
    return Math.round(this.#ports.clock.monotonicMs() * US_PER_MS) + this.#offsetUs;
  }

  #take({ bars, trades, quotes }: StreamWish): void {
    if (trades.length > 0 || quotes.length > 0) {
      throw marketFailure('MARKET.ENTITLEMENT', {
        why: 'Polling Alpaca brings bars alone, and trades or quotes are wished for as well.',
        fix: 'Set `stream: websocket`.',
      });
    }
    this.#symbols = [...new Set(bars)].sort();
  }

  #say(event: MarketEvent): void {
    this.#isOn = event.kind === 'connected';
    this.#events.push(event);
  }
}
