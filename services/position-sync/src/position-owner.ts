import { encodeDrift, encodeSnapshot, subjects } from '@capstan/contracts';
import { AppError, deriveId, isExit, type OrderState } from '@capstan/domain';
import type {
  OutboxDraft,
  OwnerInput,
  OwnerLogic,
  OwnerSession,
  OwnerSource,
} from '@capstan/journal';
import type {
  BrokerVenue,
  Bus,
  Clock,
  DriftRecord,
  Kv,
  Log,
  Meter,
  SnapshotRecord,
  Store,
  VenueOrder,
} from '@capstan/ports';
import { type Difference, differences, isOpened, judge } from './compare.ts';
import { tellApart } from './foreign-orders.ts';
import { fillHints, killHints } from './hints.ts';
import { LIMITS } from './limits.ts';
import { Recovery } from './recovery.ts';
import { showDrifts } from './show-drifts.ts';
import { SnapshotRetention } from './snapshot-retention.ts';
import { SnapshotTimer } from './snapshot-timer.ts';
import { METRICS } from './telemetry.ts';

export interface PositionPorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly venue: BrokerVenue;
}

export interface PositionOptions {
  readonly everyMs?: number;
  readonly snapshotDays: number;
}

/** The timer among the sources; the others are hints. */
const TIMER = 0;

/** How the orders of an account stand. */
interface Settlement {
  readonly isSettled: boolean;
  readonly foreign: readonly VenueOrder[];
}

/** States in which the venue may still have an order working. */
const OPEN_STATES: readonly OrderState[] = [
  'submitting',
  'unknown',
  'accepted',
  'partiallyFilled',
  'cancelling',
  'replacing',
];

/**
 * Keeps an account's ledger honest: takes the broker's word on a schedule, records it, and raises a drift where the ledger says
 * otherwise twice in a row with nothing in flight.
 */
export class PositionOwner implements OwnerLogic {
  readonly inputs: readonly OwnerInput[] = [];
  readonly #ports: PositionPorts;
  readonly #accountId: string;
  readonly #timer: SnapshotTimer;
  readonly #recovery: Recovery;
  readonly #retention: SnapshotRetention;
  /** Since when this owner sees a ledger that nobody has opened, by the monotonic clock. */
  #unopenedSinceMs: number | undefined;
  #suspected: readonly Difference[] = [];
  /** Orders of somebody else, as they were last told. */
  #foreign = '';
  #open: readonly DriftRecord[] = [];

  /** @param options how often a snapshot is taken, and for how many days one is kept. */
  constructor(
    ports: PositionPorts,
    accountId: string,
    { everyMs = LIMITS.snapshotEveryMs, snapshotDays }: PositionOptions,
  ) {
    this.#ports = ports;
    this.#accountId = accountId;
    this.#timer = new SnapshotTimer(ports.clock, everyMs);
    this.#recovery = new Recovery(ports, accountId);
    this.#retention = new SnapshotRetention(ports, accountId, snapshotDays);
  }

  async load(): Promise<void> {
    const accountId = this.#accountId;
    this.#open = await this.#ports.store.drifts({
      accountId,
      openOnly: true,
      limit: LIMITS.driftsMax,
    });
    await showDrifts(this.#ports.kv, accountId, this.#open);
  }

  async openSources(): Promise<readonly OwnerSource[]> {
    const { bus, kv } = this.#ports;
    const accountId = this.#accountId;
    return [this.#timer, await fillHints(bus, accountId), await killHints(kv, accountId)];
  }

  onMessage(): Promise<void> {
    return Promise.resolve();
  }

  async onItems(session: OwnerSession, source: number): Promise<void> {
    if (source === TIMER) await this.#snapshot(session);
    else this.#timer.hurry(LIMITS.afterEventMs);
  }

  async #snapshot(session: OwnerSession): Promise<void> {
    const { store, venue, clock, meter } = this.#ports;
    const accountId = this.#accountId;
    try {
      const before = await venue.account(accountId);
      const ledger = await store.ledger(accountId);
      const working = await venue.openOrders(accountId);
      const after = await venue.account(accountId);
      const { isSettled: isQuiet, foreign } = await this.#settled(working);
      const isSettled = before.sequence === after.sequence && isQuiet;
      this.#showForeign(session, foreign);
      const quiet = isSettled && this.#isKnown(session, isOpened(ledger.positions, ledger.cash));
      const found = quiet ? differences(ledger.positions, ledger.cash, after) : [];
      const nowUs = clock.nowUs();
      const judgement = quiet
        ? judge(accountId, found, this.#suspected, this.#open, nowUs)
        : { drifts: [], suspected: [] };
      this.#suspected = judgement.suspected;
      const snapshot: SnapshotRecord = {
        snapshotId: deriveId('snapshot', accountId, nowUs),
        accountId,
        takenAtUs: nowUs,
        venueSequence: after.sequence,
        cashMicros: after.cashMicros,
        positions: after.positions,
      };
      await session.commit({
        snapshots: [snapshot],
        drifts: judgement.drifts,
        outbox: this.#messages(snapshot, judgement.drifts),
      });
      this.#remember(session, judgement.drifts);
      await showDrifts(this.#ports.kv, accountId, this.#open);
      meter.count(METRICS.snapshots, 1, { account: accountId });
      meter.gauge(METRICS.openDrifts, this.#open.length, { account: accountId });
      session.log.debug('snapshot taken', {
        account: accountId,
        working: working.length,
        differences: found.length,
      });
      const isOpen = ({ symbol }: Difference) => this.#open.some((one) => one.symbol === symbol);
      const differs = !found.every(isOpen);
      await this.#recovery.look(session.log, { sequence: after.sequence, isSettled, differs });
      await this.#retention.apply(session.log);
      this.#timer.schedule(differs ? LIMITS.confirmAfterMs : undefined);
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('VENUE.')) throw error;
      session.log.warn('the broker gave no snapshot', { account: accountId, error });
      this.#timer.schedule(undefined);
    }
  }

  /**
   * Tells whether the ledger says anything: one that risk has not opened yet is unknown, which is no drift. One that stays so is
   * compared all the same, so that money which nobody keeps a ledger of is not hidden.
   */
  #isKnown(session: OwnerSession, opened: boolean): boolean {
    if (opened) {
      this.#unopenedSinceMs = undefined;
      return true;
    }
    const nowMs = this.#ports.clock.monotonicMs();
    this.#unopenedSinceMs ??= nowMs;
    const waitedMs = nowMs - this.#unopenedSinceMs;
    const account = this.#accountId;
    session.log.warn('risk has not opened the ledger of the account yet', { account, waitedMs });
    return waitedMs >= LIMITS.unopenedMsMax;
  }

  /**
   * Tells whether nothing is in flight: the venue's working orders are the journal's, filled as far, and risk has a reservation for
   * each and for no other, but for protective exits, which need none. Orders of somebody else may work as they like.
   */
  async #settled(working: readonly VenueOrder[]): Promise<Settlement> {
    const { store } = this.#ports;
    const accountId = this.#accountId;
    const [reservations, orders] = await Promise.all([
      store.reservations(accountId),
      store.orders({ accountId, states: OPEN_STATES, limit: LIMITS.openOrdersMax }),
    ]);
    const { own, foreign } = await tellApart(store, working, orders);
    const atVenue = new Map(own.map((order) => [order.orderId, order.filledQuantity]));
    const reserved = new Set(
      reservations.filter((one) => one.openQuantity > 0).map((one) => one.orderId),
    );
    const reserving = orders.filter((order) => !isExit(order));
    const isSettled =
      orders.length === atVenue.size &&
      reserving.length === reserved.size &&
      orders.every((order) => atVenue.get(order.orderId) === order.filledQuantity) &&
      reserving.every((order) => reserved.has(order.orderId));
    return { isSettled, foreign };
  }

  /** Says which orders of somebody else work, where that has changed. */
  #showForeign(session: OwnerSession, foreign: readonly VenueOrder[]): void {
    const account = this.#accountId;
    this.#ports.meter.gauge(METRICS.foreignOrders, foreign.length, { account });
    const orderIds = foreign.map((one) => one.orderId).join(' ');
    if (orderIds === this.#foreign) return;
    this.#foreign = orderIds;
    const symbols = [...new Set(foreign.map((one) => one.symbol))].sort();
    const text = 'orders that are not ours work on the account';
    session.log.warn(text, { account, orders: foreign.length, symbols });
  }

  #remember(session: OwnerSession, changed: readonly DriftRecord[]): void {
    const byId = new Map(this.#open.map((drift) => [drift.driftId, drift]));
    for (const drift of changed) {
      if (drift.healedAtUs === undefined) byId.set(drift.driftId, drift);
      else byId.delete(drift.driftId);
      const { symbol, ledger, broker } = drift;
      const fields = { account: this.#accountId, symbol, ledger, broker };
      if (drift.healedAtUs === undefined) session.log.error('ledger and broker differ', fields);
      else session.log.info('ledger and broker agree again', fields);
    }
    this.#open = [...byId.values()];
  }

  #messages(snapshot: SnapshotRecord, drifts: readonly DriftRecord[]): readonly OutboxDraft[] {
    const ids = { correlationId: snapshot.snapshotId, causationId: snapshot.snapshotId };
    const said = drifts.map((drift) => ({
      ...ids,
      subject: subjects.drift(this.#accountId),
      data: encodeDrift(drift),
    }));
    return [
      { ...ids, subject: subjects.snapshot(this.#accountId), data: encodeSnapshot(snapshot) },
      ...said,
    ];
  }
}
