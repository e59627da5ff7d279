import { AppError } from '@capstan/domain';
import type {
  BrokerVenue,
  Clock,
  VenueCapabilities,
  VenueUpdate,
  VenueUpdates,
} from '@capstan/ports';
import type { Network } from './sim-network.ts';

/** How long a broken stream waits before it is opened again, in milliseconds. */
const RECONNECT_MS = 200;

/** A venue that another process offers, whose updates reconnect by themselves, as the port says. */
export function remoteVenue(
  ports: { readonly network: Network; readonly clock: Clock },
  service: string,
  capabilities: VenueCapabilities,
): BrokerVenue {
  const far = ports.network.connect<BrokerVenue>(service, { constants: { capabilities } });
  return {
    capabilities,
    submit: (order) => far.submit(order),
    submitAll: (orders) => far.submitAll(orders),
    cancel: (accountId, orderId) => far.cancel(accountId, orderId),
    replace: (accountId, orderId, to) => far.replace(accountId, orderId, to),
    find: (accountId, orderId) => far.find(accountId, orderId),
    openOrders: (accountId) => far.openOrders(accountId),
    account: (accountId) => far.account(accountId),
    updates: async (accountId, afterSequence) =>
      new RemoteUpdates(far, ports.clock, accountId, afterSequence),
  };
}

class RemoteUpdates implements VenueUpdates {
  readonly #far: BrokerVenue;
  readonly #clock: Clock;
  readonly #accountId: string;
  readonly #stop = new AbortController();
  #sequence: number;
  #open: VenueUpdates | undefined;
  #letGo: () => void = () => undefined;

  constructor(far: BrokerVenue, clock: Clock, accountId: string, afterSequence: number) {
    this.#far = far;
    this.#clock = clock;
    this.#accountId = accountId;
    this.#sequence = afterSequence;
  }

  next(): Promise<readonly VenueUpdate[]> {
    const closed = new Promise<readonly VenueUpdate[]>((resolve) => {
      this.#letGo = () => resolve([]);
    });
    return Promise.race([this.#read(), closed]);
  }

  async #read(): Promise<readonly VenueUpdate[]> {
    while (!this.#stop.signal.aborted) {
      try {
        this.#open ??= await this.#far.updates(this.#accountId, this.#sequence);
        const fresh = (await this.#open.next()).filter((update) => this.#isNew(update));
        if (fresh.length > 0) return fresh;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        this.#open = undefined;
        await this.#clock.sleep(RECONNECT_MS, this.#stop.signal);
      }
    }
    return [];
  }

  #isNew(update: VenueUpdate): boolean {
    if (update.kind === 'slice') return true;
    if (update.event.sequence <= this.#sequence) return false;
    this.#sequence = update.event.sequence;
    return true;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#letGo();
    await this.#open?.close();
  }
}
