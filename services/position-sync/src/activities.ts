import { subjects } from '@capstan/contracts';
import { deriveId } from '@capstan/domain';
import type { BrokerVenue, Bus, Clock, Log, Meter, Store, VenueActivity } from '@capstan/ports';
import { LIMITS } from './limits.ts';
import { METRICS } from './telemetry.ts';

export interface ActivityPorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly meter: Meter;
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
  #asked: { readonly commandId: string; readonly activity: VenueActivity } | undefined;
  /** What is booked and was not handed on yet: a venue that does not answer in between takes nothing away. */
  #booked: VenueActivity | undefined;
  /** Times in a row that execution has refused, or not answered in time. */
  #vain = 0;

  /** @param cursor as stored. */
  constructor(ports: ActivityPorts, accountId: string, cursor: string | undefined) {
    this.#ports = ports;
    this.#accountId = accountId;
    this.#cursor = cursor;
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** True while execution is asked and likely to answer in a moment; what it goes on refusing is asked with each snapshot. */
  get isAwaited(): boolean {
    return this.#asked !== undefined && this.#vain < LIMITS.bookingsHurried;
  }

  /** @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE, STORE.UNAVAILABLE, BUS.UNAVAILABLE */
  async look(log: Log): Promise<Look> {
    const { venue } = this.#ports;
    const { activities } = venue.capabilities;
    if (activities === 'none') return { isBooked: true };
    if (this.#cursor === undefined && activities === 'recent') {
      this.#cursor = await this.#newest();
      return { isBooked: true };
    }
    if (await this.#isPending(log)) return { isBooked: false };
    this.#cursor ??= '';
    const [next] = await venue.activities(this.#accountId, this.#cursor);
    const booked = this.#booked === undefined ? {} : { booked: this.#booked };
    this.#booked = undefined;
    if (next === undefined) return { isBooked: true, ...booked };
    await this.#ask(log, next);
    return { isBooked: false, ...booked };
  }

  /** Passes over what happened before Capstan first looked at the account. */
  async #newest(): Promise<string> {
    for (let last = ''; ; ) {
      const page = await this.#ports.venue.activities(this.#accountId, last);
      const newest = page.at(-1);
      if (newest === undefined) return last;
      last = newest.activityId;
    }
  }

  /** Looks for the answer. Execution may be away, or not ready for it: it is asked again once it has answered. */
  async #isPending(log: Log): Promise<boolean> {
    if (this.#asked === undefined) return false;
    const { commandId, activity } = this.#asked;
    const command = await this.#ports.store.command(commandId);
    if (command?.state !== 'done') this.#vain += 1;
    if (command?.state === 'pending') {
      await this.#notify();
      return true;
    }
    this.#asked = undefined;
    const { activityId, kind } = activity;
    const what = { account: this.#accountId, activityId, kind, result: command?.result };
    if (command?.state !== 'done') {
      log.warn('what the venue told is not booked yet', what);
      return false;
    }
    this.#vain = 0;
    this.#cursor = activityId;
    this.#booked = activity;
    this.#ports.meter.count(METRICS.activities, 1, { account: this.#accountId, kind });
    log.info('what the venue told is booked', what);
    return false;
  }

  /** A notice may be lost: who waits for the answer gives it again. */
  #notify(): Promise<void> {
    const key = `execution/${this.#accountId}`;
    return this.#ports.bus.notify(subjects.command(key), new Uint8Array());
  }

  async #ask(log: Log, activity: VenueActivity): Promise<void> {
    const { store, clock } = this.#ports;
    const account = this.#accountId;
    const key = `execution/${account}`;
    const createdAtUs = clock.nowUs();
    const { activityId, kind } = activity;
    const commandId = deriveId('book-activity', account, activityId, createdAtUs);
    await store.addCommand({
      ...{ commandId, key, kind: 'BookActivity', payload: JSON.stringify({ activity }) },
      ...{ actor: 'position-sync', createdAtUs, state: 'pending' },
    });
    this.#asked = { commandId, activity };
    await this.#notify();
    log.info('the venue tells of something that is no trade', { account, activityId, kind });
  }
}
