import type { OrderTerms } from '@capstan/domain';
import type { BrokerVenue, Commit, Fence } from '@capstan/ports';
import type { SimPorts, SimWorld } from '@capstan/testkit/sim';
import type { JournalEntry } from '../../../../services/paper-exchange/src/journal.ts';
import { ACCOUNT_ID, type Scenario } from '../scenario.ts';
import { Absences } from './absences.ts';
import { Approvals } from './approvals.ts';
import { BrokerTruth } from './broker-truth.ts';
import { Crossings } from './crossings.ts';
import { Fences } from './fences.ts';
import { JournalAndLedger } from './journal.ts';
import { type Sender, Sends } from './sends.ts';
import { ToldCash } from './told-cash.ts';

/** The key of the account's owner in execution. */
const EXECUTION = `execution/${ACCOUNT_ID}`;

/** A process's view of the world, and by what token it owns the account; absent before it did. */
export interface WatchedOwner {
  readonly ports: SimPorts;
  readonly fence: () => Fence | undefined;
}

/**
 * What must hold at every step of a world, looked at where it could break: at each commit, each send and each write of the exchange.
 * What does not hold fails the world there and then.
 */
export class Invariants {
  readonly truth: BrokerTruth;
  readonly journal: JournalAndLedger;
  readonly approvals: Approvals;
  readonly crossings: Crossings;
  readonly toldCash: ToldCash;
  readonly #world: SimWorld;
  readonly #fences = new Fences();
  readonly #sends: Sends;

  constructor(world: SimWorld, scenario: Scenario) {
    this.#world = world;
    const absences = new Absences(scenario.capabilities);
    this.truth = new BrokerTruth(scenario, absences);
    this.journal = new JournalAndLedger(this.truth);
    const { maxPositionUnits = Number.POSITIVE_INFINITY } = scenario.limits;
    this.approvals = new Approvals(
      () => this.journal.ledger,
      (botId, symbol) => this.truth.amended.has(`${botId} ${symbol}`),
      maxPositionUnits,
    );
    const { approvals, truth } = this;
    const parts = { fences: this.#fences, approvals, absences, truth };
    this.#sends = new Sends(parts, scenario.capabilities.enforcesClientOrderId);
    const stop = (symbol: string) => this.#sends.stop(symbol, world.scheduler.nowUs());
    this.crossings = new Crossings({ truth, approvals, stop }, scenario);
    this.toldCash = new ToldCash(truth, scenario);
    this.#watchStore();
    this.#watchSwitches();
  }

  /** Orders as they were last committed, by id. */
  get orders() {
    return this.#sends.orders;
  }

  /** Takes what the exchange has written down. */
  exchangeWrote(entries: readonly JournalEntry[]): void {
    this.#hold(() => {
      for (const entry of entries) {
        this.truth.take([entry]);
        this.toldCash.hear();
      }
    });
  }

  /** Returns what the owners of a process see, so that it is known by what token they own the account. */
  watchOwner(ports: SimPorts): WatchedOwner {
    let fence: Fence | undefined;
    const store = new Proxy(ports.store, {
      get: (target, name) => {
        if (name !== 'takeOwnership') return Reflect.get(target, name);
        return async (asked: Fence) => {
          const record = await target.takeOwnership(asked);
          if (asked.key === EXECUTION) fence = asked;
          return record;
        };
      },
    });
    return { ports: { ...ports, store }, fence: () => fence };
  }

  /** Returns a venue as an owner sees it, so that each send is looked at as it is made. */
  watchVenue(venue: BrokerVenue, sender: () => Sender): BrokerVenue {
    const { scheduler } = this.#world;
    const sends = <Answer>(
      orders: readonly OrderTerms[],
      send: () => Promise<Answer>,
    ): Promise<Answer> => {
      this.#hold(() => this.#sends.check(sender(), orders, scheduler.nowUs()));
      const answer = send();
      // Beside the answer, so that who waits for it has it no later.
      answer.catch(() => this.#sends.unanswered(orders, scheduler.nowUs()));
      return answer;
    };
    return {
      ...venue,
      submit: (order, cause) => sends([order], () => venue.submit(order, cause)),
      submitAll: (orders, cause) => sends(orders, () => venue.submitAll(orders, cause)),
    };
  }

  #watchStore(): void {
    const { store } = this.#world;
    const take = store.takeOwnership.bind(store);
    const commit = store.commit.bind(store);
    store.takeOwnership = async (fence) => {
      const record = await take(fence);
      this.#fences.take(fence);
      return record;
    };
    store.commit = async (written) => {
      await commit(written);
      this.#hold(() => this.#check(written));
    };
  }

  #check(commit: Commit): void {
    this.#fences.check(commit);
    const execution = commit.fence.key === EXECUTION ? executionOf(commit) : undefined;
    this.#sends.take(commit, execution, this.#world.scheduler.nowUs());
    this.crossings.check(commit);
    this.toldCash.check(commit);
    this.journal.check(commit);
    this.approvals.check(commit);
  }

  #watchSwitches(): void {
    const { kv, scheduler } = this.#world;
    const see = (bucket: string, key: string, value: Uint8Array): void =>
      this.#sends.takeSwitch(bucket, key, value, scheduler.nowUs(), ACCOUNT_ID);
    const put = kv.put.bind(kv);
    kv.put = async (bucket, key, value) => {
      const revision = await put(bucket, key, value);
      see(bucket, key, value);
      return revision;
    };
  }

  #hold(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#world.fail(error, 'what must always hold');
    }
  }
}

/** Reads what execution keeps of its breaker and clock. */
function executionOf({ state }: Commit) {
  if (state === undefined) return undefined;
  const text = new TextDecoder().decode(state);
  const kept = text.slice(text.indexOf('\n') + 1);
  if (kept === '') return undefined;
  const { breaker, clockUs } = JSON.parse(kept) as {
    readonly breaker?: { readonly open: boolean };
    readonly clockUs: number;
  };
  return { breakerOpen: breaker?.open ?? false, clockUs };
}
