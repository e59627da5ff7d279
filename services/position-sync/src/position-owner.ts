import { encodeDrift, encodeSnapshot, subjects } from '@capstan/contracts';
import { AppError, deriveId, type InstrumentBook, type TimeUs } from '@capstan/domain';
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
  ForeignRule,
  Kv,
  Log,
  Meter,
  SnapshotRecord,
  Store,
  VenueOrder,
} from '@capstan/ports';
import { driftReason, UNOPENED } from '@capstan/risk';
import { Activities } from './activities.ts';
import { type BrokerLook, lookAtBroker } from './broker-look.ts';
import { type Difference, isOpened, judge } from './compare.ts';
import { ForeignRuler } from './foreign-ruler.ts';
import { fillHints, killHints } from './hints.ts';
import { LIMITS } from './limits.ts';
import { Opening, type OpeningRule } from './opening.ts';
import { Recovery } from './recovery.ts';
import { isAllApplied, settlementOf } from './settlement.ts';
import { showDrifts } from './show-drifts.ts';
import { SnapshotRetention } from './snapshot-retention.ts';
import { SnapshotTimer } from './snapshot-timer.ts';
import { decodeState, encodeState } from './state.ts';
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
  /** What becomes of what is somebody else's. */
  readonly foreign: ForeignRule;
  readonly instruments: InstrumentBook;
  /** Given for an account at a broker, which opens with what it holds there. */
  readonly opening?: Omit<OpeningRule, 'foreign'>;
}

/** The timer among the sources; the others are hints. */
const TIMER = 0;

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
  readonly #options: PositionOptions;
  #activities: Activities;
  #foreign: ForeignRuler;
  /** Absent where the account is open. */
  #opening: Opening | undefined;
  /** The state as it was stored last. */
  #stored = '';
  /** Since when this owner sees a ledger that nobody has opened, by the monotonic clock. */
  #unopenedSinceMs: number | undefined;
  #suspected: readonly Difference[] = [];
  /** Orders of somebody else, as they were last told. */
  #toldForeign = '';
  #open: readonly DriftRecord[] = [];

  constructor(ports: PositionPorts, accountId: string, options: PositionOptions) {
    const { everyMs = LIMITS.snapshotEveryMs, snapshotDays } = options;
    this.#ports = ports;
    this.#accountId = accountId;
    this.#timer = new SnapshotTimer(ports.clock, everyMs);
    this.#recovery = new Recovery(ports, accountId);
    this.#retention = new SnapshotRetention(ports, accountId, snapshotDays);
    this.#options = options;
    this.#activities = new Activities(ports, accountId, undefined);
    this.#foreign = new ForeignRuler(options, accountId, undefined);
  }

  async load(session: OwnerSession): Promise<void> {
    const accountId = this.#accountId;
    const stored = decodeState(session.state);
    this.#activities = new Activities(this.#ports, accountId, stored?.cursor);
    this.#foreign = new ForeignRuler(this.#options, accountId, stored?.stake);
    const { opening, foreign } = this.#options;
    if (opening !== undefined && (stored === undefined || stored.opening !== undefined)) {
      const rule = { ...opening, foreign };
      const activities = this.#activities;
      this.#opening = new Opening(this.#ports, accountId, rule, activities, stored?.opening);
    }
    this.#open = await this.#ports.store.drifts({
      accountId,
      openOnly: true,
      limit: LIMITS.driftsMax,
    });
    await showDrifts(this.#ports.kv, accountId, this.#open, this.#foreign.cashMicros);
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
    try {
      this.#timer.schedule(await this.#take(session));
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('VENUE.')) throw error;
      session.log.warn('the broker gave no snapshot', { account: this.#accountId, error });
      this.#timer.schedule(undefined);
    }
  }

  /** Takes a snapshot, and judges it. @returns how soon the next should come, where sooner than on schedule. */
  async #take(session: OwnerSession): Promise<number | undefined> {
    const { store, clock, meter } = this.#ports;
    const accountId = this.#accountId;
    const look = await lookAtBroker(this.#ports, accountId);
    const { account: after, working, ledger, mark } = look;
    const { isSettled: isQuiet, foreign } = await settlementOf(store, accountId, working);
    const isSettled = look.isStill && isQuiet;
    this.#showForeign(session, foreign);
    const opening = this.#opening?.isOpen === false ? this.#opening : undefined;
    const { isBooked, booked } = await (opening?.book(session.log) ??
      this.#activities.look(session.log));
    await this.#foreign.follow(store, after.sequence, booked);
    const isWhole = isSettled && isBooked && (await isAllApplied(store, accountId, ledger.cash));
    const quiet = isWhole && this.#isKnown(session, isOpened(ledger.positions, ledger.cash));
    const nowUs = clock.nowUs();
    const found = quiet ? await this.#differences(session, look, nowUs) : [];
    const judgement = quiet
      ? judge(accountId, found, this.#suspected, this.#open, nowUs)
      : { drifts: [], suspected: [] };
    this.#suspected = judgement.suspected;
    const snapshot: SnapshotRecord = {
      snapshotId: deriveId('snapshot', accountId, session.token, nowUs),
      accountId,
      takenAtUs: nowUs,
      venueSequence: after.sequence,
      cashMicros: after.cashMicros,
      positions: after.positions,
      foreign: this.#foreign.shown(foreign, quiet && opening === undefined ? found : undefined),
    };
    await session.commit({
      snapshots: [snapshot],
      drifts: judgement.drifts,
      outbox: this.#messages(snapshot, judgement.drifts),
      ...this.#changedState(),
    });
    this.#remember(session, judgement.drifts);
    await showDrifts(this.#ports.kv, accountId, this.#open, this.#foreign.cashMicros);
    meter.count(METRICS.snapshots, 1, { account: accountId });
    meter.gauge(METRICS.openDrifts, this.#open.length, { account: accountId });
    session.log.debug('snapshot taken', {
      account: accountId,
      working: working.length,
      differences: found.length,
    });
    const isOpen = ({ symbol }: Difference) => this.#open.some((one) => one.symbol === symbol);
    const differs = !found.every(isOpen);
    await this.#recovery.look(session.log, { mark, isSettled, differs });
    await this.#retention.apply(session.log);
    const isHurried = differs || this.#activities.isAwaited || opening?.isAwaited === true;
    return isHurried ? LIMITS.confirmAfterMs : undefined;
  }

  /** Finds what differs; before an account is open, what keeps it from that. */
  async #differences(
    session: OwnerSession,
    look: BrokerLook,
    nowUs: TimeUs,
  ): Promise<readonly Difference[]> {
    const { account, ledger } = look;
    if (this.#opening?.isLooking === true && isOpened(ledger.positions, ledger.cash)) {
      return await this.#opening.decide(session.log, look, nowUs);
    }
    return this.#foreign.differences(ledger, account, this.#suspected);
  }

  /** Returns the state where it is not what was stored last. */
  #changedState(): { readonly state?: Uint8Array } {
    const state = encodeState({
      cursor: this.#activities.cursor,
      stake: this.#foreign.state(),
      opening: this.#opening?.state(),
    });
    if (state === this.#stored) return {};
    this.#stored = state;
    return { state: new TextEncoder().encode(state) };
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

  /** Says which orders of somebody else work, where that has changed. */
  #showForeign(session: OwnerSession, foreign: readonly VenueOrder[]): void {
    const account = this.#accountId;
    this.#ports.meter.gauge(METRICS.foreignOrders, foreign.length, { account });
    const orderIds = foreign.map((one) => one.orderId).join(' ');
    if (orderIds === this.#toldForeign) return;
    this.#toldForeign = orderIds;
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
      if (drift.healedAtUs === undefined) session.log.error(differText(drift), fields);
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

/** An account that is not open says what to write. */
function differText(drift: DriftRecord): string {
  if (drift.symbol !== UNOPENED) return 'ledger and broker differ';
  return `the account is not open: ${driftReason([drift], drift.symbol)}`;
}
