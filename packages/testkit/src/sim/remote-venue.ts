import { AppError } from '@capstan/domain';
import type {
  BrokerVenue,
  Clock,
  VenueCapabilities,
  VenueUpdate,
  VenueUpdates,
} from '@capstan/ports';
import { portErrors } from '../memory/port-errors.ts';
import type { Random } from '../random.ts';
import type { Faults } from './faults.ts';
import type { Network } from './sim-network.ts';

/** How long a broken stream waits before it is opened again, in milliseconds. */
const RECONNECT_MS = 200;

/** What goes wrong at a venue. */
export interface VenueWeather {
  readonly faults: Faults;
  readonly random: Random;
  /** True where fills may be lost that nothing after them shows to be missing: somebody must compare the account. */
  readonly losesFills?: boolean;
}

/**
 * A venue that another process offers, whose updates reconnect by themselves, as the port says. In bad weather it refuses calls while
 * its token is expired, does not see orders that it has, and loses events among others.
 */
export function remoteVenue(
  ports: { readonly network: Network; readonly clock: Clock },
  service: string,
  capabilities: VenueCapabilities,
  weather?: VenueWeather,
): BrokerVenue {
  const far = ports.network.connect<BrokerVenue>(service, { constants: { capabilities } });
  const call = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
    if (weather?.faults.tokenIsExpired === true)
      throw portErrors.venueUnavailable('the token has expired.');
    return await ask();
  };
  return {
    capabilities,
    submit: (order) => call(() => far.submit(order)),
    submitAll: (orders) => call(() => far.submitAll(orders)),
    cancel: (accountId, orderId) => call(() => far.cancel(accountId, orderId)),
    replace: (accountId, orderId, to) => call(() => far.replace(accountId, orderId, to)),
    find: async (accountId, orderId) => {
      const found = await call(() => far.find(accountId, orderId));
      return found !== undefined && weather?.faults.hits('falseAbsence') === true
        ? undefined
        : found;
    },
    openOrders: (accountId) => call(() => far.openOrders(accountId)),
    account: (accountId) => call(() => far.account(accountId)),
    activities: (accountId, after) => call(() => far.activities(accountId, after)),
    updates: async (accountId, afterSequence) =>
      new RemoteUpdates({ far, clock: ports.clock, weather }, accountId, afterSequence),
  };
}

class RemoteUpdates implements VenueUpdates {
  readonly #far: BrokerVenue;
  readonly #clock: Clock;
  readonly #weather: VenueWeather | undefined;
  readonly #accountId: string;
  readonly #stop = new AbortController();
  #sequence: number;
  #open: VenueUpdates | undefined;
  #letGo: () => void = () => undefined;

  constructor(
    of: { far: BrokerVenue; clock: Clock; weather: VenueWeather | undefined },
    accountId: string,
    afterSequence: number,
  ) {
    this.#far = of.far;
    this.#clock = of.clock;
    this.#weather = of.weather;
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
        const told = this.#withoutFill(this.#withoutLost(fresh));
        if (told.length > 0) return told;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        this.#open = undefined;
        await this.#clock.sleep(RECONNECT_MS, this.#stop.signal);
      }
    }
    return [];
  }

  /** Loses an event before another one, which then shows that it is missing. */
  #withoutLost(updates: readonly VenueUpdate[]): readonly VenueUpdate[] {
    const events = updates.filter(({ kind }) => kind === 'event');
    if (events.length < 2 || this.#weather?.faults.hits('frameLost') !== true) return updates;
    const lost = events[this.#weather.random.integer(0, events.length - 2)];
    return updates.filter((update) => update !== lost);
  }

  /** Loses a fill, and after it what would show that it is missing: that a slice is matched. */
  #withoutFill(updates: readonly VenueUpdate[]): readonly VenueUpdate[] {
    if (this.#weather?.losesFills !== true) return updates;
    const fills = updates.filter((one) => one.kind === 'event' && one.event.kind === 'filled');
    if (fills.length === 0 || !this.#weather.faults.hits('fillLost')) return updates;
    const lost = this.#weather.random.pick(fills);
    const at = updates.indexOf(lost);
    return updates.filter(({ kind }, index) => index !== at && (index < at || kind !== 'slice'));
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
