import type { Calendar } from '@capstan/calendar';
import {
  type Fill,
  formatDecimal,
  formatPrice,
  type Order,
  type TimeUs,
  US_PER_SECOND,
} from '@capstan/domain';
import type { Alert, AlertKind, AlertLevel } from './alert.ts';
import { tradingTimeUs } from './trading-time.ts';

/** How an account's kill switch stands. */
export interface SeenKill {
  readonly accountId: string;
  readonly mode: string;
  readonly actor: string;
  readonly reason: string;
  readonly sinceUs: number;
}

/** How an account's breaker stands. */
export interface SeenBreaker {
  readonly accountId: string;
  readonly open: boolean;
  /** Why it is open, in words. */
  readonly reason: string;
  readonly sinceUs: number;
}

/** A difference between ledger and broker. */
export interface SeenDrift {
  readonly driftId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly ledger: number;
  readonly broker: number;
  readonly healed: boolean;
}

/** How a bot says that it is. */
export interface SeenBot {
  readonly botId: string;
  readonly accountId: string;
  readonly state: string;
}

/** How far a feed has come. */
export interface SeenFeed {
  readonly feed: string;
  readonly slices: number;
  readonly finished: boolean;
  /** Between slices, at its speed. */
  readonly intervalUs: number;
  /** End of its last slice. */
  readonly endUs: number;
  /** Of its symbols. */
  readonly calendars: readonly Calendar[];
  /** Of one that a vendor tells: whether nothing comes of it in an open market, and why it does not get on; '' where it does. */
  readonly vendor?: { readonly stale: boolean; readonly problem: string };
}

/** How access to a broker stands. */
export interface SeenToken {
  readonly accountId: string;
  readonly state: 'fine' | 'expiring' | 'expired';
  /** What a person is to do, in words; never the token. */
  readonly advice: string;
}

/** A point of a market's day, with what is wrong there. */
export interface SeenSession {
  readonly calendar: string;
  readonly date: string;
  readonly kind: string;
  readonly problems: readonly string[];
}

type SeenOrder = Pick<
  Order,
  'orderId' | 'accountId' | 'botId' | 'symbol' | 'side' | 'quantity' | 'state'
>;

interface UnknownOrder {
  readonly order: SeenOrder;
  readonly sinceUs: TimeUs;
  readonly told: boolean;
}

interface FeedProgress {
  readonly feed: string;
  readonly slices: number;
  readonly atUs: TimeUs;
  /** True where it follows the clock on the wall, and so says nothing while its markets are closed; a playback does not. */
  readonly live?: boolean;
}

/** All that a watch is restored from; plain JSON. */
export interface WatchState {
  /** What stands, by what it is about, with what tells one occurrence from the next. */
  readonly standing: readonly (readonly [string, string])[];
  readonly unknown: readonly UnknownOrder[];
  readonly feeds: readonly FeedProgress[];
}

export interface WatchRules {
  /** How long an order may be UNKNOWN. */
  readonly unknownUs: number;
  /** How long a feed may say nothing; three of its intervals where those are longer. */
  readonly staleUs: number;
  /** Decimals of a symbol's quantities. */
  readonly scaleOf: (symbol: string) => number;
}

/** Turns what is seen into alerts: each occurrence once, and its end. */
export class AlertWatch {
  readonly #rules: WatchRules;
  readonly #standing: Map<string, string>;
  readonly #unknown: Map<string, UnknownOrder>;
  readonly #feeds: Map<string, FeedProgress>;

  constructor(rules: WatchRules, state?: WatchState) {
    this.#rules = rules;
    this.#standing = new Map(state?.standing);
    this.#unknown = new Map(state?.unknown.map((one) => [one.order.orderId, one]));
    this.#feeds = new Map(state?.feeds.map((one) => [one.feed, one]));
  }

  state(): WatchState {
    return {
      standing: [...this.#standing],
      unknown: [...this.#unknown.values()],
      feeds: [...this.#feeds.values()],
    };
  }

  kill(seen: SeenKill, nowUs: TimeUs): readonly Alert[] {
    const { accountId, mode, actor, reason, sinceUs } = seen;
    const is = mode !== 'off';
    if (!this.#turns(`kill/${accountId}`, is ? `${mode}@${sinceUs}` : undefined)) return [];
    const key = `kill/${accountId}/${mode}@${sinceUs}`;
    const by = actor === '' ? '' : ` by ${actor}`;
    if (!is) return [info('kill', key, `${accountId}: the kill switch is lifted${by}`, '', nowUs)];
    const title = `${accountId}: ${mode} kill switch thrown${by}`;
    const what = mode === 'hard' ? 'Orders are cancelled and positions flattened. ' : '';
    const text = `${sentence(reason)}${what}Nothing adds exposure until 'capstan unkill'.`;
    return [{ kind: 'kill', level: 'critical', key, title, text, atUs: nowUs }];
  }

  breaker({ accountId, open, reason, sinceUs }: SeenBreaker, nowUs: TimeUs): readonly Alert[] {
    if (!this.#turns(`breaker/${accountId}`, open ? String(sinceUs) : undefined)) return [];
    const key = `breaker/${accountId}/${open ? 'open' : 'closed'}@${sinceUs}`;
    if (!open) return [info('breaker', key, `${accountId}: the breaker is reset`, '', nowUs)];
    const title = `${accountId}: the breaker is open`;
    const fix = `Only what reduces is sent until 'capstan breaker reset ${accountId}'.`;
    return [critical('breaker', key, title, `${sentence(reason)}${fix}`, nowUs)];
  }

  drift(seen: SeenDrift, nowUs: TimeUs): readonly Alert[] {
    const { driftId, accountId, symbol, healed } = seen;
    const about = `drift/${accountId}/${symbol}`;
    if (!this.#turns(about, healed ? undefined : driftId)) return [];
    const what = symbol === '$cash' ? 'cash' : symbol;
    if (healed)
      return [info('drift', `${about}/over`, `${accountId}: ${what} agrees again`, '', nowUs)];
    const title = `${accountId}: ${what} differs from the broker`;
    const text = `The ledger says ${this.#amount(symbol, seen.ledger)}, the broker ${this.#amount(symbol, seen.broker)}. Nothing adds to it until it is explained: 'capstan status'.`;
    return [critical('drift', about, title, text, nowUs)];
  }

  bot({ botId, accountId, state }: SeenBot, nowUs: TimeUs): readonly Alert[] {
    const about = `crash/${botId}`;
    const crashed = state === 'crashed';
    if (!this.#turns(about, crashed ? state : undefined)) return [];
    if (!crashed)
      return [
        info('crash', `${about}/over`, `${botId} (${accountId}) is ${state} again`, '', nowUs),
      ];
    const title = `${botId} (${accountId}) crashed`;
    const text = `What it holds stays. It starts again by itself unless that is turned off: 'capstan logs signal' says why.`;
    return [warning('crash', about, title, text, nowUs)];
  }

  /** Notes an order; {@link tick} tells of one that stays UNKNOWN. */
  order(order: SeenOrder, nowUs: TimeUs): readonly Alert[] {
    const { orderId, accountId, botId, symbol, side, quantity, state } = order;
    const known = this.#unknown.get(orderId);
    if (state === 'unknown') {
      const seen = { orderId, accountId, botId, symbol, side, quantity, state };
      if (known === undefined)
        this.#unknown.set(orderId, { order: seen, sinceUs: nowUs, told: false });
      return [];
    }
    if (known === undefined) return [];
    this.#unknown.delete(orderId);
    if (!known.told) return [];
    const title = `${accountId}: ${this.#orderText(order)} is known again: ${state}`;
    return [info('unknown', `unknown/${orderId}/over`, title, '', nowUs)];
  }

  feed(seen: SeenFeed, nowUs: TimeUs): readonly Alert[] {
    const { feed, slices, finished, intervalUs, endUs, calendars, vendor } = seen;
    const about = `stale/${feed}`;
    if (vendor?.stale === true) {
      // Its slices go on, with no bars in them.
      if (!this.#turns(about, 'stale')) return [];
      const title = `Feed ${feed} is stale`;
      const text = `${sentence(vendor.problem)}Nothing comes of its vendor while a market is open: 'capstan status', 'capstan logs market-data'.`;
      return [critical('stale', about, title, text, nowUs)];
    }
    const before = this.#feeds.get(feed);
    const staleUs = Math.max(this.#rules.staleUs, 3 * intervalUs);
    if (before?.slices !== slices || finished) {
      const live = tradingTimeUs(calendars, endUs, nowUs) < staleUs;
      this.#feeds.set(feed, { feed, slices, atUs: nowUs, live });
      if (!this.#turns(about, undefined)) return [];
      const word = finished ? 'has ended' : 'goes on';
      return [info('stale', `${about}/over`, `Feed ${feed} ${word}`, '', nowUs)];
    }
    const { atUs, live } = before;
    const silentUs = live === true ? tradingTimeUs(calendars, atUs, nowUs) : nowUs - atUs;
    if (silentUs < staleUs || !this.#turns(about, 'stale')) return [];
    const title = `Feed ${feed} is stale`;
    const text = `No bar came for ${seconds(silentUs)}. Its bots decide nothing: 'capstan status', 'capstan logs market-data'.`;
    return [critical('stale', about, title, text, nowUs)];
  }

  token({ accountId, state, advice }: SeenToken, nowUs: TimeUs): readonly Alert[] {
    const about = `token/${accountId}`;
    if (!this.#turns(about, state === 'fine' ? undefined : state)) return [];
    if (state === 'fine')
      return [info('token', `${about}/over`, `${accountId}: the broker lets us in`, '', nowUs)];
    if (state === 'expiring')
      return [
        warning('token', about, `${accountId}: access to the broker ends soon`, advice, nowUs),
      ];
    return [
      critical('token', about, `${accountId}: access to the broker has ended`, advice, nowUs),
    ];
  }

  /** Tells of each day what is not ready before its open, and who holds over its close what was to be flat. */
  session({ calendar, date, kind, problems }: SeenSession, nowUs: TimeUs): readonly Alert[] {
    if (problems.length === 0) return [];
    const key = `session/${calendar}/${date}/${kind}`;
    const text = `${problems.join('; ')}: 'capstan status'.`;
    if (kind === 'readiness') {
      return [warning('session', key, `${calendar} ${date}: not all is ready`, text, nowUs)];
    }
    const title = `${calendar} ${date}: not flat at the close`;
    return [critical('session', key, title, text, nowUs)];
  }

  fill(fill: Fill, nowUs: TimeUs): readonly Alert[] {
    const { accountId, botId, symbol, side, kind } = fill;
    const amount = this.#amount(symbol, fill.quantity);
    const word = kind === 'fill' ? '' : ` (${kind} of ${fill.refersTo ?? 'an earlier fill'})`;
    const title = `${botId} (${accountId}): ${side} ${amount} ${symbol} at ${formatPrice(fill.priceNanos)}${word}`;
    const key = `fill/${accountId}/${botId}/${symbol}/${side}`;
    const level: AlertLevel = kind === 'fill' ? 'info' : 'warning';
    return [{ kind: 'fill', level, key, title, text: '', atUs: nowUs }];
  }

  /** Tells of orders that have been UNKNOWN for too long. */
  tick(nowUs: TimeUs): readonly Alert[] {
    const late = [...this.#unknown.values()].filter(
      ({ sinceUs, told }) => !told && nowUs - sinceUs >= this.#rules.unknownUs,
    );
    return late.map(({ order, sinceUs }) => {
      this.#unknown.set(order.orderId, { order, sinceUs, told: true });
      const title = `${order.accountId}: ${this.#orderText(order)} is UNKNOWN`;
      const text = `The broker has not said for ${seconds(nowUs - sinceUs)} what became of order ${order.orderId}. ${order.symbol} is held: 'capstan orders'.`;
      return critical('unknown', `unknown/${order.orderId}`, title, text, nowUs);
    });
  }

  /** @param occurrence `undefined` where nothing stands. @returns whether that is news. */
  #turns(about: string, occurrence: string | undefined): boolean {
    if (this.#standing.get(about) === occurrence) return false;
    if (occurrence === undefined) this.#standing.delete(about);
    else this.#standing.set(about, occurrence);
    return true;
  }

  #orderText({ botId, side, quantity, symbol }: SeenOrder): string {
    return `${botId}'s ${side} of ${this.#amount(symbol, quantity)} ${symbol}`;
  }

  #amount(symbol: string, value: number): string {
    return symbol === '$cash'
      ? formatDecimal(value, 6, 2)
      : formatDecimal(value, this.#rules.scaleOf(symbol));
  }
}

const of =
  (level: AlertLevel) =>
  (kind: AlertKind, key: string, title: string, text: string, atUs: TimeUs): Alert => ({
    kind,
    level,
    key,
    title,
    text,
    atUs,
  });
const info = of('info');
const warning = of('warning');
const critical = of('critical');

const seconds = (us: number): string => `${Math.floor(us / US_PER_SECOND)} s`;

/** Returns a reason as a sentence before others; nothing for an empty one. */
function sentence(reason: string): string {
  const said = reason.trim();
  if (said === '') return '';
  const begun = `${said.charAt(0).toUpperCase()}${said.slice(1)}`;
  return /[.!?]$/.test(begun) ? `${begun} ` : `${begun}. `;
}
