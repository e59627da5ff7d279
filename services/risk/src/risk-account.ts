import {
  decodeBotSlice,
  decodeFillEvent,
  decodeOrderEvent,
  encodeApprovedSlice,
  encodeDeniedSlice,
  headerNames,
  ledgerEntriesOf,
  subjects,
} from '@capstan/contracts';
import {
  cashToFloat,
  type Denial,
  deriveId,
  type Grounds,
  type TimeUs,
  timeUs,
} from '@capstan/domain';
import { AccountCore, denySignal, HOUSE, type SliceDecision } from '@capstan/engine';
import {
  type CommitDraft,
  type OwnerInput,
  type OwnerLogic,
  type OwnerSession,
  type OwnerSource,
  originOf,
  type StepOrigin,
} from '@capstan/journal';
import type {
  BotRecord,
  BusMessage,
  Clock,
  CommandRecord,
  Kv,
  KvEntry,
  Log,
  Meter,
  OwnerRecord,
  Store,
} from '@capstan/ports';
import {
  type Breaker,
  KILL_MODES,
  KILL_OFF,
  type KillSwitch,
  limitFields,
  type OpenDrifts,
  type RiskLimits,
  realDrifts,
} from '@capstan/risk';
import {
  activeBots,
  afterDecision,
  feedOf,
  keepConfigured,
  newProgress,
  nextReady,
  type ReadySlice,
  takeSlice,
  takeVenueSlice,
} from './decide.ts';
import { FillReader } from './fill-reader.ts';
import { NOTHING } from './in-hand.ts';
import { LimitsBook, limitsKey } from './limits-book.ts';
import { takeLimits } from './set-limits.ts';
import type { RiskAccountSettings } from './settings.ts';
import { decodeState, encodeState, type Progress } from './state.ts';
import { breakerKey, breakerOf } from './stored-breaker.ts';
import { driftsKey, driftsOf } from './stored-drifts.ts';
import { killSwitchKey, parseKillSwitch } from './stored-kill-switch.ts';
import { SWITCHES, SwitchWatch } from './switch-watch.ts';
import { METRICS } from './telemetry.ts';
import { conditionsKey, feedConditionsKey, VenueWord } from './venue-word.ts';

export interface RiskAccountPorts {
  readonly store: Store;
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** The name under which a slice that comes after its time is denied. */
export const SLICE_ORDER_POLICY = 'slice-order';

/** The sources of an account, in the order in which they are opened; of conditions there may be several. */
const SOURCES = { killSwitch: 0, breaker: 1, drifts: 2, conditions: 3 } as const;

/** Of a slice that only moves the watermark. */
const NO_ORDERS = { orders: [], cancelOrderIds: [], crosses: [] };

/** What is told of a slice that is decided. */
type Passed = Pick<SliceDecision, keyof typeof NO_ORDERS> & { readonly grounds: Grounds };

/**
 * Owns an account's risk: applies fills and order events, and when all bots have spoken of a slice and the venue is
 * through with it, sizes its signals, puts them before the limits, reserves, and passes on what is approved.
 * @subject trading.signal.*, trading.order.<account>, trading.fill.<account>
 * @idempotent by the owner's input positions and the fills' account sequence
 */
export class RiskAccount implements OwnerLogic {
  readonly inputs: readonly OwnerInput[];
  readonly #ports: RiskAccountPorts;
  readonly #settings: RiskAccountSettings;
  readonly #fills: FillReader;
  readonly #labels: Readonly<Record<string, string>>;
  #core: AccountCore;
  #progress: Progress;
  #limits: LimitsBook;
  #killSwitch: KillSwitch = KILL_OFF;
  #breaker: Breaker | undefined;
  #drifts: OpenDrifts | undefined;
  readonly #venue: VenueWord;
  #bots = new Map<string, BotRecord>();
  #inHand = NOTHING();
  /** Names the limits that were last told: who replays a day needs to know them. */
  #toldLimits = '';
  #lookedAt: RiskLimits | undefined;
  /** What the slices that wait go back to, by feed and end; one that waited for a predecessor goes under what completes it. */
  readonly #origins = new Map<string, StepOrigin>();

  constructor(ports: RiskAccountPorts, settings: RiskAccountSettings) {
    const { accountId } = settings;
    this.#ports = ports;
    this.#settings = settings;
    this.#labels = { account: accountId };
    this.#venue = new VenueWord(ports, this.#labels);
    this.#fills = new FillReader(ports.store, accountId);
    this.#limits = new LimitsBook(settings.limits);
    this.#core = new AccountCore(this.#coreConfig());
    this.#progress = newProgress(settings.bots);
    this.inputs = [
      {
        stream: 'TRADING',
        filters: [subjects.allSignals, subjects.order(accountId), subjects.fill(accountId)],
      },
    ];
  }

  async load(session: OwnerSession, _record: OwnerRecord): Promise<void> {
    const { store, kv, log } = this.#ports;
    const { accountId, bots, cashMicros } = this.#settings;
    if (session.state === undefined) {
      this.#core.fund(HOUSE, cashMicros);
      this.#inHand.changed = true;
      await this.#commit(session);
    } else {
      const { core, progress, limits, toldLimits = '' } = decodeState(session.state);
      this.#toldLimits = toldLimits;
      this.#limits = new LimitsBook(this.#settings.limits, limits);
      const { positions, cash } = await store.ledger(accountId);
      const reservations = await store.reservations(accountId);
      const rows = { positions, cash, reservations };
      this.#core = AccountCore.restore(this.#coreConfig(), rows, core);
      this.#progress = keepConfigured(progress, bots);
    }
    await this.#readBots();
    this.#setKillSwitch(await kv.get(SWITCHES, killSwitchKey(accountId)));
    this.#setBreaker(await kv.get(SWITCHES, breakerKey(accountId)));
    this.#setDrifts(await kv.get(SWITCHES, driftsKey(accountId)));
    for (const key of this.#conditionKeys) this.#venue.learn(key, await kv.get(SWITCHES, key));
    await this.#showLimits();
    this.#measure();
    log.info('holds its account', {
      account: accountId,
      fills: this.#core.lastSequence,
      waitsFor: this.#progress.active.map((bot) => bot.botId),
    });
  }

  async openSources(): Promise<readonly OwnerSource[]> {
    const { kv } = this.#ports;
    const { accountId } = this.#settings;
    return [
      await SwitchWatch.open(kv, killSwitchKey(accountId)),
      await SwitchWatch.open(kv, breakerKey(accountId)),
      await SwitchWatch.open(kv, driftsKey(accountId)),
      ...(await Promise.all(this.#conditionKeys.map((key) => SwitchWatch.open(kv, key)))),
    ];
  }

  onItems(_session: OwnerSession, source: number, items: readonly unknown[]): Promise<void> {
    const entry = items.at(-1) as KvEntry | undefined;
    if (source === SOURCES.breaker) this.#setBreaker(entry);
    else if (source === SOURCES.drifts) this.#setDrifts(entry);
    else if (source === SOURCES.killSwitch) this.#setKillSwitch(entry);
    else this.#venue.learn(this.#conditionKeys[source - SOURCES.conditions] ?? '', entry);
    return Promise.resolve();
  }

  /** Where it is told how its venue and the vendors of its feeds are. */
  get #conditionKeys(): readonly string[] {
    const { accountId, liveFeeds = [] } = this.#settings;
    return [conditionsKey(accountId), ...liveFeeds.map(feedConditionsKey)];
  }

  /** Changes the limits, between decisions: the mailbox hands over one thing at a time. */
  async onCommand(session: OwnerSession, command: CommandRecord): Promise<void> {
    const { clock } = this.#ports;
    const { accountId, instruments, bots } = this.#settings;
    const names = [...new Set([...this.#bots.keys(), ...bots.map((one) => one.botId)])].sort();
    const taken = takeLimits(command, this.#limits, { accountId, bots: names, instruments });
    if (taken.limits !== undefined) {
      this.#core.setLimits(taken.limits);
      this.#limits.take(taken.limits);
    }
    await this.#commit(session, taken.answer(clock.nowUs()));
    if (taken.limits === undefined) return;
    this.#ports.log.warn('limits changed', { ...this.#labels, by: command.actor, ...taken.said });
    await this.#showLimits();
  }

  /** Shows who asks what the limits are; where that fails, they count all the same. */
  async #showLimits(): Promise<void> {
    const { kv, log } = this.#ports;
    const { current, isChanged } = this.#limits;
    const value = { limits: limitFields(current), changed: isChanged };
    const data = new TextEncoder().encode(JSON.stringify(value));
    await kv
      .put(SWITCHES, limitsKey(this.#settings.accountId), data)
      .catch((error: unknown) => log.warn('cannot show the limits', { ...this.#labels, error }));
  }

  async onMessage(session: OwnerSession, message: BusMessage): Promise<void> {
    const { accountId } = this.#settings;
    if (message.subject === subjects.fill(accountId)) await this.#onFills(message.data);
    else if (message.subject === subjects.order(accountId)) this.#onOrders(message.data);
    else this.#onBotSlice(session, message);
    await this.#decideReady(session, message);
  }

  /** What only moves a watermark waits for the decision that it leads to. */
  async onBatchEnd(session: OwnerSession): Promise<void> {
    const { changed, outbox } = this.#inHand;
    if (changed || outbox.length > 0) await this.#commit(session);
  }

  async onDrain(session: OwnerSession): Promise<void> {
    if (this.#inHand.heard) await this.#commit(session);
  }

  async #onFills(data: Uint8Array): Promise<void> {
    const event = decodeFillEvent(data);
    const entries = ledgerEntriesOf(event);
    for (const entry of entries) await this.#fills.apply(this.#core, entry);
    this.#inHand.heard = true;
    this.#inHand.changed ||= entries.length > 0;
    const slice = event.venueSlice;
    if (slice === undefined || event.runId !== this.#settings.runId) return;
    this.#progress = takeVenueSlice(this.#progress, slice.feed, slice.sliceEndUs);
  }

  #onOrders(data: Uint8Array): void {
    const { orders } = decodeOrderEvent(data);
    if (orders.length === 0) return;
    for (const order of orders) this.#core.applyOrder(order);
    this.#inHand.heard = true;
    this.#inHand.changed ||= orders.some(({ state }) => state !== 'accepted');
  }

  #onBotSlice(session: OwnerSession, message: BusMessage): void {
    const slice = decodeBotSlice(message.data);
    const { accountId, runId } = this.#settings;
    if (slice.accountId !== accountId || slice.runId !== runId) return;
    const { progress, announce, late } = takeSlice(this.#progress, slice);
    this.#progress = progress;
    this.#inHand.heard = true;
    const throughUs = feedOf(progress, slice.feed).decidedThroughUs;
    if (slice.sliceEndUs > (throughUs ?? -1)) {
      const waits = `${slice.feed} ${slice.sliceEndUs}`;
      const asks = slice.signals.length > 0;
      if (asks || !this.#origins.has(waits)) this.#origins.set(waits, originOf(message.headers));
    }
    if (late !== undefined) {
      const reason = `slice ${late.sliceEndUs} came after slice ${throughUs} was decided`;
      const refusal = { policy: SLICE_ORDER_POLICY, reason };
      const denials = late.signals.map((signal) => denySignal(signal, refusal, late.sliceEndUs));
      this.#deny(session, denials, late.sliceEndUs, message);
    }
    if (announce && throughUs !== undefined) {
      const decided = { feed: slice.feed, sliceEndUs: timeUs(throughUs) };
      const grounds = this.#grounds(session, decided.sliceEndUs);
      this.#pass(session, decided, { ...NO_ORDERS, grounds }, message);
    }
  }

  async #decideReady(session: OwnerSession, message: BusMessage): Promise<void> {
    const { venueReportsSlices } = this.#settings;
    for (;;) {
      const followedFeeds = this.#core.followUps.map(({ feed }) => feed);
      const ready = nextReady(this.#progress, venueReportsSlices, followedFeeds);
      if (ready === undefined) return;
      const waited = `${ready.feed} ${ready.sliceEndUs}`;
      const origin = this.#origins.get(waited) ?? originOf(message.headers);
      this.#origins.delete(waited);
      await session.within('decide', origin, () => this.#decide(session, ready, message));
    }
  }

  async #decide(session: OwnerSession, ready: ReadySlice, message: BusMessage): Promise<void> {
    await this.#knowBots(ready);
    const { feed, sliceEndUs } = ready;
    const grounds = this.#grounds(session, sliceEndUs);
    const decision = this.#core.decideSlice({
      sliceEndUs,
      nowUs: grounds.nowUs,
      slices: ready.slices,
      sizingOf: (botId) => this.#bots.get(botId)?.sizing,
      killSwitch: this.#killSwitch,
      ...(this.#breaker === undefined ? {} : { breaker: this.#breaker }),
      ...(this.#drifts === undefined ? {} : { drifts: this.#drifts }),
      ...this.#venue.seen(this.#settings.eventTime ? undefined : sliceEndUs),
    });
    this.#progress = afterDecision(this.#progress, ready);
    this.#inHand.intents.push(...decision.intents);
    const { orders, denials, cancelOrderIds } = decision;
    if (denials.length > 0) this.#deny(session, denials, sliceEndUs, message);
    this.#pass(session, ready, { ...decision, grounds }, message);
    const [sent, cancels] = [orders.length, cancelOrderIds.length];
    if (sent + cancels === 0) return;
    const { log } = session;
    const said = { ...this.#labels, feed, sliceEndUs, orders: sent, cancels };
    this.#inHand.said.push(() => log.debug('orders approved', said));
  }

  /** Reads the bots again where one asks for something under a configuration that is not the one known. */
  async #knowBots(ready: ReadySlice): Promise<void> {
    const signals = ready.slices.flatMap((slice) => slice.signals);
    const known = signals.every(
      (signal) => this.#bots.get(signal.botId)?.configRevision === signal.configRevision,
    );
    if (!known) await this.#readBots();
  }

  async #readBots(): Promise<void> {
    const { accountId } = this.#settings;
    const bots = await this.#ports.store.bots({ accountId });
    this.#bots = new Map(bots.map((bot) => [bot.botId, bot]));
  }

  #deny(
    session: OwnerSession,
    denials: readonly Denial[],
    sliceEndUs: TimeUs,
    cause: BusMessage,
  ): void {
    const { runId, accountId } = this.#settings;
    const { log } = session;
    this.#inHand.denials.push(...denials);
    for (const { policy, botId, symbol, reason, denialId } of denials) {
      this.#ports.meter.count(METRICS.denials, 1, { ...this.#labels, policy });
      const said = { ...this.#labels, bot: botId, symbol, policy, reason, denialId };
      this.#inHand.said.push(() => log.info('denied', said));
    }
    this.#inHand.outbox.push({
      subject: subjects.denied(accountId),
      data: encodeDeniedSlice({ runId, accountId, sliceEndUs, denials }),
      headers: session.trace,
      ...idsOf(cause),
    });
  }

  /** Passes on what is approved; also the watermark where that is nothing. */
  #pass(
    session: OwnerSession,
    { feed, sliceEndUs }: Pick<ReadySlice, 'feed' | 'sliceEndUs'>,
    { orders, cancelOrderIds, crosses, grounds }: Passed,
    cause: BusMessage,
  ): void {
    const { runId, accountId } = this.#settings;
    const slice = {
      runId,
      accountId,
      feed,
      sliceEndUs,
      orders,
      activeBots: activeBots(this.#progress, feed),
      cancelOrderIds,
      ...(crosses.length === 0 ? {} : { crosses }),
      ...{ grounds, ...this.#freshLimits() },
    };
    this.#ports.meter.count(METRICS.slices, 1, this.#labels);
    if (orders.length > 0) this.#ports.meter.count(METRICS.approvals, orders.length, this.#labels);
    this.#inHand.outbox.push({
      subject: subjects.approved(accountId),
      data: encodeApprovedSlice(slice),
      headers: session.trace,
      ...idsOf(cause),
      correlationId: deriveId('slice', runId, feed, sliceEndUs),
    });
  }

  /** Returns the limits where they are not those that were last told. */
  #freshLimits(): { readonly limits?: string } {
    const { current } = this.#limits;
    if (current === this.#lookedAt) return {};
    this.#lookedAt = current;
    const limits = JSON.stringify(limitFields(current));
    const before = this.#toldLimits;
    this.#toldLimits = deriveId('limits', limits);
    return this.#toldLimits === before ? {} : { limits };
  }

  async #commit(session: OwnerSession, more: CommitDraft = {}): Promise<void> {
    const { intents, denials, outbox, said } = this.#inHand;
    const decided = outbox.length > 0;
    const { positions, cash, reservations } = this.#core.takeChanges();
    this.#inHand = NOTHING();
    await session.commit({
      ...more,
      intents,
      denials,
      outbox,
      reservations,
      ledgerPositions: positions,
      ledgerCash: cash.map((row) => ({ ...row, throughSequence: this.#core.lastSequence })),
      state: encodeState({
        core: this.#core.state(),
        progress: this.#progress,
        limits: this.#limits.stored(),
        toldLimits: this.#toldLimits,
      }),
    });
    for (const say of said) say();
    if (decided) this.#measure();
  }

  #setBreaker(entry: KvEntry | undefined): void {
    const before = this.#breaker?.open ?? false;
    this.#breaker = breakerOf(entry);
    const { open = false, reason = '' } = this.#breaker ?? {};
    this.#ports.meter.gauge(METRICS.breakerOpen, open ? 1 : 0, this.#labels);
    if (open === before) return;
    const text = open ? 'the breaker is open' : 'the breaker is closed again';
    this.#ports.log.warn(text, { ...this.#labels, reason });
  }

  #setDrifts(entry: KvEntry | undefined): void {
    this.#drifts = driftsOf(entry);
    const { log, meter } = this.#ports;
    const drifts = this.#drifts === 'unreadable' ? this.#drifts : realDrifts(this.#drifts ?? []);
    const open = drifts === 'unreadable' ? 1 : drifts.length;
    meter.gauge(METRICS.openDrifts, open, this.#labels);
    if (open > 0)
      log.warn('ledger and broker differ: nothing is added', { ...this.#labels, drifts });
  }

  #setKillSwitch(entry: KvEntry | undefined): void {
    const before = this.#killSwitch;
    this.#killSwitch = parseKillSwitch(entry);
    const { mode, actor, reason } = this.#killSwitch;
    this.#ports.meter.gauge(METRICS.killSwitch, KILL_MODES.indexOf(mode), this.#labels);
    if (mode === before.mode) return;
    this.#ports.log.warn('the kill switch changed', { ...this.#labels, mode, actor, reason });
  }

  #measure(): void {
    const { equityMicros, grossMicros } = this.#core.view(this.#killSwitch);
    this.#ports.meter.gauge(METRICS.equity, cashToFloat(equityMicros), this.#labels);
    this.#ports.meter.gauge(METRICS.gross, cashToFloat(grossMicros), this.#labels);
  }

  /** What a decision goes by beside its signals: who replays it is to know as much, and no more. */
  #grounds(session: OwnerSession, sliceEndUs: TimeUs): Grounds {
    const { accountId, eventTime } = this.#settings;
    return {
      nowUs: eventTime ? sliceEndUs : this.#ports.clock.nowUs(),
      accountSequence: this.#core.lastSequence,
      orderSequence: session.applied(`execution/${accountId}`, subjects.order(accountId)),
    };
  }

  #coreConfig() {
    const { accountId, instruments, calendarOf, cashMicros } = this.#settings;
    const opensByEntry = cashMicros === 0;
    const fillsOf = (botId: string, symbol: string) => this.#fills.historyOf(botId, symbol);
    const limits = this.#limits.current;
    return { accountId, instruments, calendarOf, limits, fillsOf, countsPast: true, opensByEntry };
  }
}

function idsOf(cause: BusMessage): { correlationId: string; causationId: string } {
  const id = cause.headers[headerNames.eventId] ?? '';
  return { correlationId: cause.headers[headerNames.correlationId] ?? id, causationId: id };
}
