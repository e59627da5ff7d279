import { subjects } from '@capstan/contracts';
import { deriveId } from '@capstan/domain';
import type { Bus, Clock, Log, Meter, Store, VenueActivity } from '@capstan/ports';
import { LIMITS } from './limits.ts';
import { METRICS } from './telemetry.ts';

export interface BookingPorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly meter: Meter;
}

/** What has become of what execution was asked to book; `none` where nothing is asked, or what was asked is to be asked again. */
export type BookingAnswer =
  | { readonly kind: 'none' | 'pending' }
  | { readonly kind: 'booked'; readonly activity: VenueActivity };

const NONE: BookingAnswer = { kind: 'none' };

/** Has execution book one activity at a time. Execution may be away, or not ready for it: it is asked again once it has answered. */
export class Booking {
  readonly #ports: BookingPorts;
  readonly #accountId: string;
  #asked: { readonly commandId: string; readonly activity: VenueActivity } | undefined;
  /** Times in a row that execution has refused, or not answered in time. */
  #vain = 0;

  constructor(ports: BookingPorts, accountId: string) {
    this.#ports = ports;
    this.#accountId = accountId;
  }

  /** True while execution is asked and likely to answer in a moment; what it goes on refusing is asked with each snapshot. */
  get isAwaited(): boolean {
    return this.#asked !== undefined && this.#vain < LIMITS.bookingsHurried;
  }

  /** Looks for the answer. @throws STORE.UNAVAILABLE, BUS.UNAVAILABLE */
  async answer(log: Log): Promise<BookingAnswer> {
    if (this.#asked === undefined) return NONE;
    const { commandId, activity } = this.#asked;
    const command = await this.#ports.store.command(commandId);
    if (command?.state !== 'done') this.#vain += 1;
    if (command?.state === 'pending') {
      await this.#notify();
      return { kind: 'pending' };
    }
    this.#asked = undefined;
    const { activityId, kind } = activity;
    const what = { account: this.#accountId, activityId, kind, result: command?.result };
    if (command?.state !== 'done') {
      log.warn('what is no trade is not booked yet', what);
      return NONE;
    }
    this.#vain = 0;
    this.#ports.meter.count(METRICS.activities, 1, { account: this.#accountId, kind });
    log.info('what is no trade is booked', what);
    return { kind: 'booked', activity };
  }

  /** @throws STORE.UNAVAILABLE, BUS.UNAVAILABLE */
  async ask(log: Log, activity: VenueActivity): Promise<void> {
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
    log.info('what is no trade is to be booked', { account, activityId, kind });
  }

  /** A notice may be lost: who waits for the answer gives it again. */
  #notify(): Promise<void> {
    const key = `execution/${this.#accountId}`;
    return this.#ports.bus.notify(subjects.command(key), new Uint8Array());
  }
}
