import { AppError, isDerivedId, type Order } from '@capstan/domain';
import type { BrokerVenue, Clock, Log, Meter, VenueOrder } from '@capstan/ports';
import { atMost } from './at-most.ts';
import type { KillSwitches, StandingSwitch } from './kill-switches.ts';
import { LIMITS } from './limits.ts';
import type { AccountState } from './state.ts';
import { METRICS } from './telemetry.ts';

export interface BrakePorts {
  readonly venue: BrokerVenue;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** What an ownership of the account knows. */
export interface OwnerView {
  readonly state: AccountState;
  /** Orders whose cancel the venue has taken or is being asked for. */
  readonly cancelsTaken: Set<string>;
}

/**
 * Cancels an account's orders at the venue the moment a hard kill is known to this process: beside the mailbox, so that neither
 * a send under way nor a store or bus that is away keeps a cancel waiting. It only ever cancels. The flattening is the owner's.
 */
export class KillBrake {
  readonly #ports: BrakePorts;
  readonly #accountId: string;
  readonly #switches: KillSwitches;
  readonly #unhook: () => void;
  #view: OwnerView | undefined;
  #isOwned = false;
  #closed = false;

  constructor(ports: BrakePorts, accountId: string, switches: KillSwitches) {
    this.#ports = ports;
    this.#accountId = accountId;
    this.#switches = switches;
    this.#unhook = switches.onChange(accountId, (standing) => {
      if (standing.mode === 'hard') void this.#pull(standing);
    });
  }

  /** What the last ownership in this process knew; `undefined` where there was none. */
  get lastKnown(): AccountState | undefined {
    return this.#view?.state;
  }

  /** Says that this process owns the account. @returns how to say that it does no more. */
  attach(view: OwnerView): () => void {
    this.#view = view;
    this.#isOwned = true;
    return () => {
      if (this.#view === view) this.#isOwned = false;
    };
  }

  close(): void {
    this.#closed = true;
    this.#unhook();
  }

  /**
   * Cancels until there is nothing left that this process has to see to: an owner goes on by itself, and of a kill that is stored
   * all processes know.
   */
  async #pull(standing: StandingSwitch): Promise<void> {
    const { clock, log } = this.#ports;
    const isWanted = (): boolean =>
      !this.#closed && this.#switches.get(this.#accountId).sinceUs === standing.sinceUs;
    let waitMs: number = LIMITS.retryFirstMs;
    while (isWanted()) {
      const found = await this.#pass(standing);
      // While nobody else can know of it, an owner may be gone the next moment, and nobody comes after it.
      const isAlone = this.#switches.isUnsaved(this.#accountId);
      if (found === 'nothing open' || (this.#isOwned && !isAlone)) return;
      if (found === 'all asked' && !isAlone) return;
      if (isAlone && waitMs === LIMITS.retryFirstMs)
        log.error('hard kill: the bus is away: orders are cancelled, and flattening waits for it', {
          account: this.#accountId,
        });
      await clock.sleep(waitMs);
      waitMs = Math.min(waitMs * 2, LIMITS.retryMaxMs);
    }
  }

  async #pass(standing: StandingSwitch): Promise<'nothing open' | 'all asked' | 'unclear'> {
    const known = this.#isOwned ? (this.#view?.state.working() ?? []) : [];
    const flattens = new Set(this.#view?.state.flattening?.orderIds);
    const first = known
      .filter(isCancellable)
      .map((order) => order.orderId)
      .filter((orderId) => !flattens.has(orderId));
    const asked = new Set(first);
    let clear = await this.#cancel(first);
    try {
      const open = await this.#ports.venue.openOrders(this.#accountId);
      const more = open
        .filter((order) => standing.foreign || isOurOrder(order, this.#view?.state))
        .map((order) => order.orderId)
        .filter((orderId) => orderId !== '' && !asked.has(orderId) && !flattens.has(orderId));
      clear = (await this.#cancel(more)) && clear;
      if (!clear) return 'unclear';
      return first.length + more.length === 0 ? 'nothing open' : 'all asked';
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#ports.log.warn('hard kill: the venue does not say what is open', {
        account: this.#accountId,
        error,
      });
      return 'unclear';
    }
  }

  /** @returns true where each call had a clear answer. */
  async #cancel(orderIds: readonly string[]): Promise<boolean> {
    const { venue, meter } = this.#ports;
    const view = this.#view;
    const clear = await atMost(LIMITS.concurrencyMax, orderIds, async (orderId) => {
      view?.cancelsTaken.add(orderId);
      try {
        const answer = await venue.cancel(this.#accountId, orderId);
        if (answer.kind !== 'requested') view?.cancelsTaken.delete(orderId);
        return true;
      } catch (error) {
        view?.cancelsTaken.delete(orderId);
        if (!(error instanceof AppError)) throw error;
        const labels = { account: this.#accountId, call: 'cancel', code: error.code };
        meter.count(METRICS.unclear, 1, labels);
        return false;
      }
    });
    return clear.every(Boolean);
  }
}

/** Tells an order of ours, or an exit of one, from what others gave the venue. @param known what is known of the account. */
export function isOurOrder(
  { orderId, exitOf }: Pick<VenueOrder, 'orderId' | 'exitOf'>,
  known: AccountState | undefined,
): boolean {
  const id = exitOf?.orderId ?? orderId;
  return isDerivedId(id) || known?.order(id) !== undefined;
}

const CANCELLABLE: readonly Order['state'][] = [
  'accepted',
  'partiallyFilled',
  'replacing',
  'cancelling',
];

/** Tells whether the venue is known to have the order. */
export function isCancellable({ state }: Order): boolean {
  return CANCELLABLE.includes(state);
}
