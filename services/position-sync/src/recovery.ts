import { subjects } from '@capstan/contracts';
import { deriveId } from '@capstan/domain';
import type { Bus, Clock, Log, Meter, Store } from '@capstan/ports';
import { METRICS } from './telemetry.ts';

export interface RecoveryPorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly meter: Meter;
}

/** What a snapshot says of how the account stands. */
export interface Standing {
  /** The venue's sequence; where it has none, all that it shows of the account, so that one state is told from the next. */
  readonly mark: string;
  /** True where orders and reservations are what the venue says. */
  readonly isSettled: boolean;
  /** True where ledger and broker differ in something that is no drift yet. */
  readonly differs: boolean;
}

/**
 * Has execution read the venue's events again where its stream may have dropped one while it looks healthy: the account differs, or
 * it does not settle although the venue has nothing new. Execution counts each event once, so that asking in vain does no harm.
 */
export class Recovery {
  readonly #ports: RecoveryPorts;
  readonly #accountId: string;
  /** The mark at which the account was not settled. */
  #unsettledAt: string | undefined;
  #asked: string | undefined;

  constructor(ports: RecoveryPorts, accountId: string) {
    this.#ports = ports;
    this.#accountId = accountId;
  }

  /** @throws STORE.UNAVAILABLE, BUS.UNAVAILABLE */
  async look(log: Log, { mark, isSettled, differs }: Standing): Promise<void> {
    const isStuck = !isSettled && this.#unsettledAt === mark;
    this.#unsettledAt = isSettled ? undefined : mark;
    if (!isStuck && !differs) return;
    if (await this.#isAsking()) return;
    await this.#ask(log);
  }

  /** Execution may be away; it is asked no more than once at a time. The notice of a question may be lost: it is given again. */
  async #isAsking(): Promise<boolean> {
    if (this.#asked === undefined) return false;
    const isPending = (await this.#ports.store.command(this.#asked))?.state === 'pending';
    if (isPending) await this.#notify();
    return isPending;
  }

  #notify(): Promise<void> {
    const key = `execution/${this.#accountId}`;
    return this.#ports.bus.notify(subjects.command(key), new Uint8Array());
  }

  async #ask(log: Log): Promise<void> {
    const { store, clock, meter } = this.#ports;
    const account = this.#accountId;
    const key = `execution/${account}`;
    const createdAtUs = clock.nowUs();
    const commandId = deriveId('read-venue-again', account, createdAtUs);
    await store.addCommand({
      ...{ commandId, key, kind: 'ReadVenueAgain', payload: '{}' },
      ...{ actor: 'position-sync', createdAtUs, state: 'pending' },
    });
    this.#asked = commandId;
    await this.#notify();
    meter.count(METRICS.recoveries, 1, { account });
    log.warn('the account is not as its venue says: the events are read again', { account });
  }
}
