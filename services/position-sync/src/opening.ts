import {
  type CashMicros,
  cashMicros,
  formatCash,
  type TimeUs,
  timeUs,
  type VenueActivity,
} from '@capstan/domain';
import type { ForeignRule, Log } from '@capstan/ports';
import { DRIFTED_CASH, UNOPENED } from '@capstan/risk';
import type { Activities, Look } from './activities.ts';
import { Booking, type BookingPorts } from './booking.ts';
import type { BrokerLook } from './broker-look.ts';
import { type Difference, differences } from './compare.ts';
import { LIMITS } from './limits.ts';

/** Names the first entry of an account's ledger among the venue's activities. */
export const OPENING_ID = 'opening';

/** How far the opening of an account is; plain data, safe for JSON. */
export type OpeningState =
  | { readonly kind: 'looking' }
  /** From here on only this amount is ever booked, by whoever owns the account. */
  | { readonly kind: 'decided'; readonly amountMicros: number; readonly atUs: number };

/** How an account at a broker is opened. */
export interface OpeningRule {
  /** What the configuration says that the account holds; what the broker holds is right where it says nothing. */
  readonly statedMicros?: CashMicros | undefined;
  readonly foreign: ForeignRule;
}

const LOOKING: OpeningState = { kind: 'looking' };

/**
 * Opens an account at a broker with the cash that it holds. What two looks in a row show alike, with nothing in flight and nothing new
 * on the venue's list of activities, is decided: what the broker has beyond the ledgers, and the place on the list after which
 * activities are booked. Once the owner has stored that, execution is asked to book the amount as the house's; its id makes it once.
 */
export class Opening {
  readonly #accountId: string;
  readonly #rule: OpeningRule;
  readonly #activities: Pick<Activities, 'newest' | 'beginAfter'>;
  readonly #booking: Booking;
  #state: OpeningState | undefined;
  /** What the last look showed. */
  #seen = '';
  #looks = 0;
  #isAsked = false;

  /** @param state as stored; `undefined` where the account is open. */
  constructor(
    ports: BookingPorts,
    accountId: string,
    rule: OpeningRule,
    activities: Pick<Activities, 'newest' | 'beginAfter'>,
    state: OpeningState | undefined = LOOKING,
  ) {
    this.#accountId = accountId;
    this.#rule = rule;
    this.#activities = activities;
    this.#booking = new Booking(ports, accountId);
    this.#state = state;
  }

  get isOpen(): boolean {
    return this.#state === undefined;
  }

  /** True while what the account opens with is not decided. */
  get isLooking(): boolean {
    return this.#state?.kind === 'looking';
  }

  /** True where the next look is likely to bring it on, or is the first at an account that is open. */
  get isAwaited(): boolean {
    if (this.#state === undefined) return true;
    if (this.#state.kind === 'decided') return !this.#isAsked || this.#booking.isAwaited;
    return this.#seen !== '' && this.#looks < LIMITS.openingLooksHurried;
  }

  state(): OpeningState | undefined {
    return this.#state;
  }

  /**
   * Has what is decided booked. Nothing else is, before it.
   * @throws STORE.UNAVAILABLE, BUS.UNAVAILABLE
   */
  async book(log: Log): Promise<Look> {
    const decided = this.#state;
    if (decided?.kind !== 'decided') return { isBooked: true };
    const answer = await this.#booking.answer(log);
    if (answer.kind === 'booked') this.#state = undefined;
    if (answer.kind === 'none') await this.#booking.ask(log, this.#entry(decided));
    this.#isAsked = true;
    return { isBooked: false };
  }

  #entry({ amountMicros, atUs }: Extract<OpeningState, { kind: 'decided' }>): VenueActivity {
    return {
      ...{ activityId: OPENING_ID, accountId: this.#accountId, eventAtUs: timeUs(atUs) },
      ...{ kind: 'transfer', amountMicros: cashMicros(amountMicros) },
    };
  }

  /**
   * Takes a look in which nothing is in flight, and decides by the second that shows the same.
   * @returns what keeps the account from being opened: other cash than the configuration says.
   * @throws VENUE.TIMEOUT, VENUE.UNAVAILABLE
   */
  async decide(
    log: Log,
    { account, ledger }: Pick<BrokerLook, 'account' | 'ledger'>,
    nowUs: TimeUs,
  ): Promise<readonly Difference[]> {
    const newest = await this.#activities.newest();
    const booked = ledger.cash.reduce((sum, one) => sum + one.cashMicros, 0);
    const amountMicros = cashMicros(account.cashMicros - booked);
    const before = this.#seen;
    this.#seen = '';
    this.#looks += 1;
    const { statedMicros = amountMicros } = this.#rule;
    if (statedMicros !== amountMicros) {
      return [{ symbol: UNOPENED, ledger: statedMicros, broker: amountMicros }];
    }
    this.#seen = JSON.stringify([account.cashMicros, booked, newest]);
    if (this.#seen !== before) return [];
    this.#activities.beginAfter(newest);
    const decided = { kind: 'decided', amountMicros, atUs: nowUs } as const;
    this.#state = amountMicros === 0 ? undefined : decided;
    const cash = `${formatCash(amountMicros)} ${account.currency}`;
    log.info('the account opens with the cash of its broker', { account: this.#accountId, cash });
    const theirs = differences(ledger.positions, [], account).filter(
      ({ symbol }) => symbol !== DRIFTED_CASH,
    );
    if (theirs.length > 0) this.#tellOf(log, theirs);
    return [];
  }

  #tellOf(log: Log, theirs: readonly Difference[]): void {
    const positions = theirs.map(({ symbol, ledger, broker }) => `${symbol} ${broker - ledger}`);
    const text = `the account holds what Capstan did not buy: ${WHAT_TO_DO[this.#rule.foreign]}`;
    log.warn(text, { account: this.#accountId, positions });
  }
}

/** What becomes of positions that were there at the first look, by the account's rule. */
const WHAT_TO_DO: Readonly<Record<ForeignRule, string>> = {
  hold: 'nothing is added in its symbols; sell it, or set `foreign: ignore`',
  adopt:
    '`adopt` begins with trades, so that nothing is added in its symbols; set `foreign: ignore`',
  ignore: 'it is shown and left alone',
};
