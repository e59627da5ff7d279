import type { BrokerVenue, Log, VenueActivity } from '@capstan/ports';
import { Booking, type BookingPorts } from './booking.ts';

export interface ActivityPorts extends BookingPorts {
  readonly venue: BrokerVenue;
}

/** What a look found. */
export interface Look {
  /** True where all that the venue has told is booked. */
  readonly isBooked: boolean;
  /** What has been booked since the last look. */
  readonly booked?: VenueActivity;
}

/**
 * Follows what a venue tells of corporate actions and of cash that moves without a trade, and has execution book it: one after the
 * other, each once. How far it is, the owner stores.
 */
export class Activities {
  readonly #ports: ActivityPorts;
  readonly #accountId: string;
  /** The last one that is booked; `undefined` before the first look. */
  #cursor: string | undefined;
  readonly #booking: Booking;
  /** What is booked and was not handed on yet: a venue that does not answer in between takes nothing away. */
  #booked: VenueActivity | undefined;

  /** @param cursor as stored. */
  constructor(ports: ActivityPorts, accountId: string, cursor: string | undefined) {
    this.#ports = ports;
    this.#accountId = accountId;
    this.#cursor = cursor;
    this.#booking = new Booking(ports, accountId);
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** True while execution is asked and likely to answer in a moment; what it goes on refusing is asked with each snapshot. */
  get isAwaited(): boolean {
    return this.#booking.isAwaited;
  }

  /** @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE, STORE.UNAVAILABLE, BUS.UNAVAILABLE */
  async look(log: Log): Promise<Look> {
    const { venue } = this.#ports;
    const { activities } = venue.capabilities;
    if (activities === 'none') return { isBooked: true };
    if (this.#cursor === undefined && activities === 'recent') {
      this.#cursor = await this.newest();
      return { isBooked: true };
    }
    const answer = await this.#booking.answer(log);
    if (answer.kind === 'pending') return { isBooked: false };
    if (answer.kind === 'booked') this.#take(answer.activity);
    this.#cursor ??= '';
    const [next] = await venue.activities(this.#accountId, this.#cursor);
    const booked = this.#booked === undefined ? {} : { booked: this.#booked };
    this.#booked = undefined;
    if (next === undefined) return { isBooked: true, ...booked };
    await this.#booking.ask(log, next);
    return { isBooked: false, ...booked };
  }

  #take(booked: VenueActivity): void {
    this.#cursor = booked.activityId;
    this.#booked = booked;
  }

  /** Reads on only after an activity: what came before it is in what the account opened with. */
  beginAfter(cursor: string): void {
    this.#cursor = cursor;
  }

  /**
   * Names the last activity that the venue has; '' where there is none, or the venue tells none.
   * @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE
   */
  async newest(): Promise<string> {
    if (this.#ports.venue.capabilities.activities === 'none') return '';
    for (let last = ''; ; ) {
      const page = await this.#ports.venue.activities(this.#accountId, last);
      const newest = page.at(-1);
      if (newest === undefined) return last;
      last = newest.activityId;
    }
  }
}
