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
  /** What our wall clock and the vendor's were ahead of our clock that never goes back, as the vendor was asked last. */
  #seen: { readonly wallUs: number; readonly theirsUs: number } | undefined;

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
   * Asks the vendor once; where it does not answer, what was known stands.
   * @returns for how long the machine was asleep since: the vendor's time and our wall clock have gone on by it, and our clock that never
   * goes back has not. @throws what the venue throws.
   */
  async measure(): Promise<number> {
    const { venue, clock } = this.#ports;
    if (!venue.capabilities.tellsTime) return 0;
    const before = this.#seen;
    const askedMs = clock.monotonicMs();
    const toldUs = await venue.nowUs();
    this.#meter.add({ askedMs, tookMs: clock.monotonicMs() - askedMs, toldUs });
    const sinceUs = clock.monotonicMs() * US_PER_MS;
    const seen = { wallUs: clock.nowUs() - sinceUs, theirsUs: this.nowUs() - sinceUs };
    this.#seen = seen;
    if (before === undefined) return 0;
    // Where only one of the two has leapt it was set.
    const leapUs = Math.min(seen.wallUs - before.wallUs, seen.theirsUs - before.theirsUs);
    return Math.max(0, Math.round(leapUs));
  }
}
