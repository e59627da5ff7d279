import { subjects } from '@capstan/contracts';
import { isTerminal, ORDER_STATES, type OrderState } from '@capstan/domain';
import type { OwnerInput, OwnerLogic, OwnerSession, OwnerSource } from '@capstan/journal';
import type { BusMessage, CommandRecord, VenueUpdate } from '@capstan/ports';
import { KILL_MODES } from '@capstan/risk';
import { AccountDrifts } from './account-drifts.ts';
import { AccountBreaker } from './breaker.ts';
import { ConditionWatch } from './condition-watch.ts';
import { advanced } from './decide.ts';
import { type Account, commitStep, venueStream } from './effects.ts';
import { readSlice, takeSlice } from './handlers/approved-slice.ts';
import { takeCommand } from './handlers/commands.ts';
import { takeEmergencyRounds } from './handlers/emergency-rounds.ts';
import { pursueFlattens } from './handlers/flatten-scope.ts';
import { pursueKill } from './handlers/hard-kill.ts';
import { lookAtBroker } from './handlers/look-at-broker.ts';
import { protectAtVenue } from './handlers/protect-later.ts';
import { pursueReleases } from './handlers/release-exits.ts';
import { rememberStrays, venuePast } from './handlers/told-again.ts';
import { resolveUnknown } from './handlers/unresolved.ts';
import { update } from './handlers/update-order.ts';
import { takeUpdates } from './handlers/venue-updates.ts';
import { watchExits } from './handlers/watch-exits.ts';
import type { KillBrake } from './kill-brake.ts';
import type { KillSwitches } from './kill-switches.ts';
import { Lifetime } from './lifetime.ts';
import { LIMITS } from './limits.ts';
import { originOfSlice } from './origin.ts';
import type { AccountPorts, AccountSettings } from './settings.ts';
import { AccountState } from './state.ts';
import { Step } from './step.ts';
import { METRICS } from './telemetry.ts';
import { Ticker } from './ticker.ts';
import { VenueReading } from './venue-reading.ts';

const WORKING_STATES: readonly OrderState[] = ORDER_STATES.filter((state) => !isTerminal(state));

/** The sources of an account, in the order in which they are opened. */
const SOURCES = { venue: 0, ticker: 1, killSwitch: 2 } as const;

/**
 * Owns an account's orders: sends what risk approved, at most once each, takes the venue's word on it, numbers the fills, and
 * says of each slice when it is done. What the venue did not answer is asked for before the slice goes on.
 * @subject trading.approved.<account>
 * @idempotent by the owner's input positions and the venue's sequence
 */
export class ExecutionAccount implements OwnerLogic {
  readonly inputs: readonly OwnerInput[];
  readonly #account: Account;
  readonly #brake: KillBrake;
  #state = new AccountState();
  #reading: VenueReading | undefined;

  /** @param switches the kill switches of this process, shared with its service. @param brake the account's, likewise. */
  constructor(
    ports: AccountPorts,
    settings: AccountSettings,
    switches: KillSwitches,
    brake: KillBrake,
  ) {
    this.#brake = brake;
    const filters = [subjects.approved(settings.accountId)];
    this.inputs = [{ stream: 'TRADING', filters }];
    const stateOf = (): AccountState => this.#state;
    this.#account = {
      ports,
      settings,
      switches,
      breaker: new AccountBreaker(ports, settings, stateOf),
      drifts: new AccountDrifts(ports.kv, settings.accountId),
      get state() {
        return stateOf();
      },
      ticker: new Ticker(ports.clock),
      readVenueAgain: async () => this.#reading?.again(),
      sentAtMs: new Map(),
      beganAtMs: ports.clock.monotonicMs(),
      backAtMs: new Map(),
      cancelsTaken: new Set(),
      replacesTaken: new Set(),
      taskPace: new Map(),
      traces: new Map(),
      flattenPace: { nextAtMs: 0, waitMs: LIMITS.flattenFirstMs },
      heard: { isAll: false },
      doubts: new Map(),
      killReport: { sinceUs: -1, text: '' },
    };
  }

  /** Rebuilds the account. What a predecessor was about to send counts as unknown: it may have sent it. */
  async load(session: OwnerSession): Promise<void> {
    const { ports, settings, switches } = this.#account;
    const { accountId, runId } = settings;
    const query = { accountId, runId, states: WORKING_STATES, limit: LIMITS.workingMax };
    const working = await ports.store.orders(query);
    this.#state = AccountState.restore(session.state, [...working].reverse());
    this.#state.venueSequence = session.position(venueStream(accountId))?.sequence ?? 0;
    const fills = await ports.store.fills({ accountId, limit: LIMITS.executionsMax });
    for (const fill of [...fills].reverse()) this.#state.remember(fill.fillId);
    if (!ports.venue.capabilities.numbersEvents) await rememberStrays(this.#account);
    await switches.read(accountId);
    await this.#account.drifts.read();
    // So that the first call that the venue does not answer is seen as one more.
    const labels = { account: accountId, call: 'submit', code: 'VENUE.TIMEOUT' };
    ports.meter.count(METRICS.unclear, 0, labels);
    await takeEmergencyRounds(this.#account, session);
    await this.#doubt(session);
    this.#showSwitch();
    this.#account.breaker.tell(ports.log);
    ports.log.info('holds its account', {
      account: accountId,
      working: this.#state.working().length,
      unknown: this.#state.unresolved().length,
      sliceInHand: this.#state.inHand?.sliceEndUs,
      kill: switches.get(accountId).mode,
      breakerOpen: this.#account.breaker.standing.open,
    });
    this.#account.ticker.arm();
  }

  /** The slice in hand goes on with the first tick. */
  async #doubt(session: OwnerSession): Promise<void> {
    const { feed, clockUs, inHand } = this.#state;
    const step = new Step(inHand?.origin ?? originOfSlice(this.#account, feed, clockUs));
    const reason = 'its sender ended before the answer was written';
    for (const order of this.#state.unresolved()) {
      if (order.state === 'unknown') continue;
      update(this.#account, step, advanced(order, { kind: 'timeout', reason }, clockUs));
    }
    await commitStep(this.#account, session, step);
  }

  async openSources(): Promise<readonly OwnerSource[]> {
    const { ports, settings, switches, drifts, ticker, breaker, cancelsTaken } = this.#account;
    const { accountId } = settings;
    const { numbersEvents } = ports.venue.capabilities;
    const readAfterTaken = () => {
      const past = numbersEvents ? [] : [venuePast({ state: this.#state, ports })];
      return ports.venue.updates(accountId, this.#state.venueSequence, ...past);
    };
    this.#reading = await VenueReading.open(readAfterTaken);
    const changes = await switches.follow(accountId);
    const detach = this.#brake.attach({ state: this.#state, cancelsTaken });
    const lifetime = new Lifetime(() => {
      detach();
      breaker.forget();
    });
    const conditions = new ConditionWatch(ports, accountId);
    return [this.#reading, ticker, changes, await drifts.follow(), lifetime, conditions];
  }

  async onMessage(session: OwnerSession, message: BusMessage): Promise<void> {
    const queued = readSlice(this.#account, session, message);
    if (queued === undefined) return;
    this.#state.queue.push(queued);
    await this.#goOn(session);
  }

  async onItems(session: OwnerSession, source: number, items: readonly unknown[]): Promise<void> {
    if (source === SOURCES.venue) {
      await takeUpdates(this.#account, session, items as readonly VenueUpdate[]);
    } else if (source === SOURCES.ticker) {
      await resolveUnknown(this.#account, session);
    } else {
      this.#showSwitch();
    }
    await this.#goOn(session);
    if (source === SOURCES.ticker) this.#account.ticker.rest();
  }

  async onCommand(session: OwnerSession, command: CommandRecord): Promise<void> {
    await takeCommand(this.#account, session, command);
    this.#showSwitch();
    await this.#goOn(session);
  }

  /** Takes the slices that waited for the one in hand, then does what exits, people and a kill ask for. */
  async #goOn(session: OwnerSession): Promise<void> {
    await pursueReleases(this.#account, session);
    for (;;) {
      if (this.#state.inHand !== undefined) break;
      const next = this.#state.queue.shift();
      if (next === undefined) break;
      await session.within('slice', next.origin, () => takeSlice(this.#account, session, next));
    }
    await lookAtBroker(this.#account, session);
    await watchExits(this.#account, session);
    await pursueFlattens(this.#account, session);
    await pursueKill(this.#account, session);
    await protectAtVenue(this.#account, session);
  }

  #showSwitch(): void {
    const { ports, settings, switches } = this.#account;
    const { accountId } = settings;
    const { mode } = switches.get(accountId);
    ports.meter.gauge(METRICS.killSwitch, KILL_MODES.indexOf(mode), { account: accountId });
  }
}
