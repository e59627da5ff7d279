import { decodeBarsClosed, type EmergencyRound, subjects } from '@capstan/contracts';
import {
  AppError,
  hasCode,
  type Order,
  type OrderTerms,
  openQuantity,
  quantity,
  type TimeUs,
  timeUs,
} from '@capstan/domain';
import type { HeldKey } from '@capstan/journal';
import type { BrokerVenue, Bus, Clock, Log, Meter, VenueAccount } from '@capstan/ports';
import { atMost } from './at-most.ts';
import { costPrice, holdingsNow } from './broker-truth.ts';
import { EmergencyJournal, type EmergencyRounds, isOlder } from './emergency-journal.ts';
import { FOREIGN_BOT, flattenOrders } from './flatten.ts';
import { byMarket, foreignHoldings } from './handlers/hard-kill.ts';
import { isOurOrder, type KillBrake } from './kill-brake.ts';
import type { KillSwitches, StandingSwitch } from './kill-switches.ts';
import { LIMITS } from './limits.ts';
import { queuedText } from './market-times.ts';
import type { AccountSettings } from './settings.ts';
import { type AccountState, type Holding, isUnresolved } from './state.ts';
import { METRICS } from './telemetry.ts';

export interface EmergencyPorts {
  readonly venue: BrokerVenue;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface EmergencySettings extends AccountSettings {
  /** The account's bots by the symbols that they trade, as configured. */
  readonly botsOf: (symbol: string) => readonly string[];
  /** The feeds by which they trade. */
  readonly feeds: readonly string[];
}

/** An order decided or sent without the store is never sent a second time: it is old from its first moment. */
const NEVER_AGAIN_US = -1;

/**
 * Goes on with a hard kill while the store is away, under the account's lease and from what the broker shows: cancels, and once
 * nothing works any more, writes a round of reducing orders down on the bus and sends it; then again until nothing is held. Each
 * call goes one step.
 */
export class EmergencyStand {
  readonly #ports: EmergencyPorts;
  readonly #settings: EmergencySettings;
  readonly #switches: KillSwitches;
  readonly #brake: KillBrake;
  readonly #journal: EmergencyJournal;
  /** When each order may last have been sent, or was first seen to be written down, on the monotonic clock. */
  readonly #seenAtMs = new Map<string, number>();
  readonly #beganAtMs: number;
  #said = '';

  constructor(
    ports: EmergencyPorts,
    settings: EmergencySettings,
    switches: KillSwitches,
    brake: KillBrake,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#switches = switches;
    this.#brake = brake;
    this.#journal = new EmergencyJournal(ports.bus, settings.accountId);
    this.#beganAtMs = ports.clock.monotonicMs();
  }

  /** @throws BUS.UNAVAILABLE, VENUE.TIMEOUT, VENUE.UNAVAILABLE: the next call goes on. */
  async step(key: HeldKey): Promise<void> {
    const { accountId } = this.#settings;
    const standing = await this.#switches.read(accountId);
    if (standing.mode !== 'hard') return;
    const known = this.#brake.lastKnown;
    const read = await this.#journal.read(known?.emergency);
    const written = read.rounds.at(-1)?.lease;
    if (written !== undefined && isOlder(leaseOf(key), written)) return;
    const mine = read.rounds.filter((round) => round.killSinceUs === standing.sinceUs);
    const sent = mine.flatMap((round) => round.orders);
    const looked = await this.#look(standing, known, sent);
    if (looked === undefined) return;
    const account = await this.#ports.venue.account(accountId);
    const round = mine.length + 1;
    await this.#nextRound(key, { standing, known, read, round, account, looked });
  }

  /**
   * Cancels what is open and no part of this.
   * @returns what became of the orders sent before; `undefined` while anything may still move.
   */
  async #look(
    standing: StandingSwitch,
    known: AccountState | undefined,
    sent: readonly OrderTerms[],
  ): Promise<Looked | undefined> {
    const { venue } = this.#ports;
    const { accountId } = this.#settings;
    const ours = new Set(sent.map((order) => order.orderId));
    const open = (await venue.openOrders(accountId)).filter(({ state }) => state === 'working');
    const others = open.filter(
      (one) => !ours.has(one.orderId) && (standing.foreign || isOurOrder(one, known)),
    );
    await atMost(LIMITS.concurrencyMax, others, ({ orderId }) => venue.cancel(accountId, orderId));
    const working = open.filter(({ orderId }) => ours.has(orderId)).length;
    if (others.length > 0 || working > 0) {
      this.#say(standing, `asked for ${others.length} cancels; ${working} flattening orders work`);
      return undefined;
    }
    const unresolved = known?.mayFill().filter(isUnresolved) ?? [];
    const ends = await atMost(LIMITS.concurrencyMax, [...sent, ...unresolved], (order) =>
      this.#endOf(order),
    );
    if (ends.some((end) => end.kind === 'open') || !this.#hasSeenEnough()) {
      this.#say(standing, 'waits until the venue shows what became of earlier orders');
      return undefined;
    }
    const filled = sent.map((order, index) => {
      const end = ends[index];
      const quantity = end?.kind === 'ended' ? end.filled : order.quantity;
      return { ...order, filled: order.side === 'buy' ? quantity : -quantity };
    });
    const out = unresolved.filter((_, index) => ends[sent.length + index]?.kind === 'unknowable');
    return { filled, out };
  }

  /** What a predecessor sent just before may not be visible yet to one that knows nothing of it. */
  #hasSeenEnough(): boolean {
    if (this.#brake.lastKnown !== undefined) return true;
    return this.#isVisible(this.#beganAtMs);
  }

  /** Finds out whether an order that may have been sent has ended, or never came. */
  async #endOf({ orderId }: OrderTerms): Promise<End> {
    const { venue, clock } = this.#ports;
    if (!venue.capabilities.findsByClientOrderId) return { kind: 'unknowable' };
    const found = await venue.find(this.#settings.accountId, orderId);
    if (found?.state === 'working') return { kind: 'open' };
    if (found !== undefined) return { kind: 'ended', filled: found.filledQuantity };
    const seenAtMs = this.#seenAtMs.get(orderId) ?? clock.monotonicMs();
    this.#seenAtMs.set(orderId, seenAtMs);
    return this.#isVisible(seenAtMs) ? { kind: 'ended', filled: 0 } : { kind: 'open' };
  }

  /** Tells whether the venue would show by now what was sent at a time. */
  #isVisible(sinceMs: number): boolean {
    const { venue, clock } = this.#ports;
    const { visibilityMs } = venue.capabilities;
    return clock.monotonicMs() - sinceMs >= Math.max(visibilityMs, LIMITS.absenceMsMin);
  }

  async #nextRound(key: HeldKey, of: RoundOf): Promise<void> {
    const { standing, known, read, round, looked } = of;
    const { accountId, runId, limits, instruments } = this.#settings;
    const nowUs = await this.#nowUs(known);
    const listed = new Set(instruments.all().map((one) => one.symbol));
    const held = this.#holdings(of).filter(({ symbol }) => listed.has(symbol));
    if (nowUs === undefined) {
      this.#say(standing, 'no feed has closed a slice yet by which the time could be told');
      return;
    }
    const { open, queued } = byMarket(this.#settings, held, nowUs);
    if (open.length === 0) {
      this.#say(standing, queuedText(queued) || "nothing of Capstan's is held at the broker");
      return;
    }
    const decided = flattenOrders({
      ...this.#settings,
      holdings: open,
      working: looked.out,
      killSwitch: standing,
      flattening: { sinceUs: standing.sinceUs, round, orderIds: [] },
      journal: 'emergency',
      limits: { ...limits, maxDecisionAgeUs: NEVER_AGAIN_US },
      decidedAtUs: nowUs,
    });
    const approved = decided.flatMap(({ intent, verdict }) =>
      verdict.kind === 'approved' ? [{ intent, order: verdict.order }] : [],
    );
    const message: EmergencyRound = {
      ...{ runId, accountId, round },
      killSinceUs: standing.sinceUs,
      lease: leaseOf(key),
      intents: approved.map(({ intent }) => intent),
      orders: approved.map(({ order }) => order),
    };
    if (!(await this.#write(message, read))) return;
    const symbols = [...new Set(approved.map(({ order }) => order.symbol))].join(', ');
    this.#say(standing, `round ${round} without the journal flattens ${symbols}`);
    for (const { order } of approved) await this.#send(key, standing, order);
  }

  /** @returns false where another has written: it owns the account now. */
  async #write(message: EmergencyRound, { end }: EmergencyRounds): Promise<boolean> {
    try {
      await this.#journal.append(message, end);
      return true;
    } catch (error) {
      if (!hasCode(error, 'BUS.CONFLICT')) throw error;
      this.#ports.log.warn('hard kill: another owner writes the emergency journal', { error });
      return false;
    }
  }

  async #send(key: HeldKey, standing: StandingSwitch, order: OrderTerms): Promise<void> {
    const { venue, clock, log, meter } = this.#ports;
    const { accountId } = this.#settings;
    const { mode, sinceUs } = this.#switches.get(accountId);
    this.#seenAtMs.set(order.orderId, clock.monotonicMs());
    if (mode !== 'hard' || sinceUs !== standing.sinceUs || !key.held()) return;
    const { orderId, symbol } = order;
    try {
      const answer = await venue.submit(order);
      if (answer.kind !== 'rejected') return;
      log.error('hard kill: the venue rejected a flattening order', {
        ...{ account: accountId, symbol, orderId },
        reason: answer.reason,
      });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#seenAtMs.set(orderId, clock.monotonicMs());
      meter.count(METRICS.unclear, 1, { account: accountId, call: 'submit', code: error.code });
      log.warn('hard kill: a flattening order has no clear answer', { symbol, orderId, error });
    }
  }

  /** What is Capstan's of what the broker shows, and where the kill says so, the rest. */
  #holdings({ standing, known, account, looked }: RoundOf): readonly Holding[] {
    const ours =
      known === undefined ? this.#shown(account) : knownHoldings(known, looked.filled, account);
    return standing.foreign ? [...ours, ...foreignHoldings(ours, account)] : ours;
  }

  /**
   * A process that never owned the account while the store was there knows the broker's positions alone: those in symbols that
   * the account's bots trade are taken for theirs.
   */
  #shown({ positions }: VenueAccount): readonly Holding[] {
    return positions.flatMap((position): Holding[] => {
      const { symbol, quantity } = position;
      const bots = this.#settings.botsOf(symbol);
      const [only, ...others] = bots;
      if (only === undefined || quantity === 0) return [];
      const botId = others.length === 0 ? only : FOREIGN_BOT;
      return [{ botId, symbol, quantity, priceNanos: costPrice(position) }];
    });
  }

  /** The run's clock; `undefined` in a playback of which nothing was heard. A fresh process hears of it from the bus. */
  async #nowUs(known: AccountState | undefined): Promise<TimeUs | undefined> {
    if (!this.#settings.eventTime) return this.#ports.clock.nowUs();
    if (known !== undefined && known.clockUs > 0) return known.clockUs;
    const ends: TimeUs[] = [];
    for (const feed of this.#settings.feeds) {
      const newest = await this.#ports.bus.newest('MARKET', subjects.barsClosed(feed));
      const closed = newest && decodeBarsClosed(newest.data);
      if (closed?.runId === this.#settings.runId) ends.push(closed.endUs);
    }
    return ends.length === 0 ? undefined : timeUs(Math.max(...ends));
  }

  #say({ sinceUs }: StandingSwitch, text: string): void {
    if (this.#said === text) return;
    this.#said = text;
    const { accountId } = this.#settings;
    this.#ports.log.warn(`hard kill without the store: ${text}`, { account: accountId });
    void this.#switches.report(accountId, sinceUs, `the store is away: ${text}`);
  }
}

interface RoundOf {
  readonly standing: StandingSwitch;
  readonly known: AccountState | undefined;
  readonly read: EmergencyRounds;
  readonly round: number;
  readonly account: VenueAccount;
  readonly looked: Looked;
}

/** What became of an order: at a venue that cannot be asked for it, nobody knows. */
type End =
  | { readonly kind: 'open' }
  | { readonly kind: 'ended'; readonly filled: number }
  | { readonly kind: 'unknowable' };

/** What became of the orders that were sent before. */
interface Looked {
  /** Those of this kill, with what they filled; signed. Where nobody knows, all that they could. */
  readonly filled: readonly (OrderTerms & { readonly filled: number })[];
  /** Those that may still fill. */
  readonly out: readonly Order[];
}

const leaseOf = ({ fence }: HeldKey): EmergencyRound['lease'] => {
  const { epochUs, token } = fence;
  return { epochUs, token };
};

/** What the bots hold by what was last known, what this kill has sold since, and what the venue shows. */
function knownHoldings(
  known: AccountState,
  filled: Looked['filled'],
  account: VenueAccount,
): readonly Holding[] {
  const bots = known.holdings().filter((one) => one.botId !== FOREIGN_BOT);
  const left = bots.map((one) => {
    const own = filled.filter(({ botId, symbol }) => botId === one.botId && symbol === one.symbol);
    const sum = own.reduce((total, order) => total + order.filled, 0);
    return { ...one, quantity: quantity(one.quantity + sum) };
  });
  const worked = known.mayFill().map((order) => ({
    botId: order.botId,
    symbol: order.symbol,
    openQuantity: order.side === 'buy' ? openQuantity(order) : -openQuantity(order),
  }));
  return holdingsNow(left, worked, account);
}
