import { type TimeUs, timeUs, US_PER_MS } from '@capstan/domain';
import type { Clock, MarketDataVenue } from '@capstan/ports';
import { OffsetMeter } from './clock-offset.ts';

interface ClockPorts {
  readonly venue: Pick<MarketDataVenue, 'capabilities' | 'nowUs'>;
  readonly clock: Clock;
}

/** Tells the vendor's time, whatever is done to our clock; where the vendor does not tell it, ours. */
export class VendorClock {
  readonly #ports: ClockPorts;
  readonly #meter = new OffsetMeter();
  /** The time as it was looked at last, and what our clock that never goes back said then. */
  #seen: { readonly us: number; readonly ms: number } | undefined;

  constructor(ports: ClockPorts) {
    this.#ports = ports;
  }

  nowUs(): TimeUs {
    const { clock } = this.#ports;
    const { best } = this.#meter;
    if (best === undefined) return clock.nowUs();
    return timeUs(Math.round(clock.monotonicMs() * US_PER_MS) + best.offsetUs);
  }

  /** Returns by how much our clock and the vendor's are apart at the least, from 0. */
  apartUs(): number {
    const errorUs = this.#meter.best?.errorUs ?? 0;
    return Math.max(0, Math.abs(this.#ports.clock.nowUs() - this.nowUs()) - errorUs);
  }

  /**
   * Returns by how much the time has gone on, since this was asked last, beyond what our clock that never goes back knows of: the machine
   * was asleep, or a clock was set.
   */
  leapUs(): number {
    const now = { us: this.nowUs(), ms: this.#ports.clock.monotonicMs() };
    const { us, ms } = this.#seen ?? now;
    this.#seen = now;
    return now.us - us - (now.ms - ms) * US_PER_MS;
  }

  /** Asks the vendor once; where it does not answer, what was known stands. @throws what the venue throws. */
  async measure(): Promise<void> {
    const { venue, clock } = this.#ports;
    if (!venue.capabilities.tellsTime) return;
    const askedMs = clock.monotonicMs();
    const toldUs = await venue.nowUs();
    this.#meter.add({ askedMs, tookMs: clock.monotonicMs() - askedMs, toldUs });
  }
}
