import {
  type Denial,
  formatPrice,
  type Grounds,
  type Intent,
  type InternalCross,
  type OrderTerms,
  type TimeUs,
} from '@capstan/domain';
import type { AccountConfig } from '../account-config.ts';
import type { SliceDecision } from '../account-slice.ts';
import { BY_CLOCK, CIRCUMSTANCES, SLICE_ORDER } from './circumstances.ts';
import { type Difference, type DifferenceCause, NOTHING } from './difference.ts';
import { denialText, isSame, orderText } from './in-words.ts';

/** What live's account decided at a slice. */
export interface Decided {
  readonly feed: string;
  readonly sliceEndUs: TimeUs;
  readonly orders: readonly OrderTerms[];
  readonly cancelOrderIds: readonly string[];
  /** Pairs of the orders that were to fill each other; none unless given. */
  readonly crosses?: readonly InternalCross[];
  /** How far it knew the world; absent in journals of versions that did not say so. */
  readonly grounds?: Grounds;
}

interface Owner {
  readonly botId: string;
  readonly symbol: string;
}

/** Compares what live and the replay decided at one slice. */
export class DecisionComparison {
  readonly #config: AccountConfig;
  readonly #live: Decided;
  readonly #replay: SliceDecision;
  readonly #denials: readonly Denial[];

  constructor(
    config: AccountConfig,
    live: Decided,
    replay: SliceDecision,
    denials: readonly Denial[],
  ) {
    this.#config = config;
    this.#live = live;
    this.#replay = replay;
    this.#denials = denials.filter(({ policy }) => policy !== SLICE_ORDER);
  }

  /** @param ownerOf whose an order is. */
  differences(ownerOf: (orderId: string) => Owner | undefined): readonly Difference[] {
    return [
      ...this.#ofOrders(),
      ...this.#ofDenials(),
      ...this.#ofCancels(ownerOf),
      ...this.#ofCrosses(),
    ];
  }

  #ofOrders(): readonly Difference[] {
    const { instruments } = this.#config;
    const live = new Map(this.#live.orders.map((one) => [one.orderId, one]));
    const replay = new Map(this.#replay.orders.map((one) => [one.orderId, one]));
    return [...new Set([...live.keys(), ...replay.keys()])].sort().flatMap((orderId) => {
      const sent = live.get(orderId);
      const wanted = replay.get(orderId);
      const about = sent ?? wanted;
      if (about === undefined || isSame(sent, wanted)) return [];
      const said = (one: OrderTerms | undefined, denials: readonly Denial[]): string => {
        if (one !== undefined) return orderText(one, instruments);
        const refusal = denials.find(({ intentId }) => intentId === about.intentId);
        return refusal === undefined ? NOTHING : denialText(refusal);
      };
      const refusal = this.#denials.find(({ intentId }) => intentId === about.intentId);
      const isRefused = sent === undefined && refusal !== undefined;
      return [
        this.#difference(about, {
          orderId,
          kind: orderKind(sent, wanted, this.#refuses(about.intentId)),
          cause: (isRefused ? this.#outside(refusal, false) : undefined) ?? 'unexplained',
          live: said(sent, this.#denials),
          replay: said(wanted, this.#replay.denials),
          ...(isRefused ? { why: refusal.reason } : {}),
        }),
      ];
    });
  }

  /** What outside of the account a denial went by. @param isDecided by the replay too, word by word. */
  #outside({ policy }: Denial, isDecided: boolean): DifferenceCause | undefined {
    const isKnown = this.#live.grounds !== undefined && BY_CLOCK.has(policy);
    return isKnown && !isDecided ? undefined : CIRCUMSTANCES[policy];
  }

  #refuses(intentId: string): boolean {
    const isOf = (one: Denial) => one.intentId === intentId;
    return this.#denials.some(isOf) || this.#replay.denials.some(isOf);
  }

  #ofDenials(): readonly Difference[] {
    const live = new Map(this.#denials.map((one) => [one.denialId, one]));
    const replay = new Map(this.#replay.denials.map((one) => [one.denialId, one]));
    return [...new Set([...live.keys(), ...replay.keys()])].sort().flatMap((denialId) => {
      const [denied, refused] = [live.get(denialId), replay.get(denialId)];
      const about = denied ?? refused;
      if (about === undefined || this.#isOfOrders(about)) return [];
      const cause =
        denied === undefined ? undefined : this.#outside(denied, isSame(denied, refused));
      if (cause !== undefined && denied !== undefined && refused !== undefined) {
        const intent = this.#replay.intents.find((one) => one.intentId === denied.intentId);
        return [this.#prevented(denied, cause, intent)];
      }
      if (isSame(denied, refused)) return [];
      const text = (one: Denial | undefined) => (one === undefined ? NOTHING : denialText(one));
      const said = { live: text(denied), replay: text(refused) };
      return [this.#difference(about, { kind: 'denial', cause: 'unexplained', ...said })];
    });
  }

  /** A denial that stands against an order of the other side is told with it. */
  #isOfOrders({ intentId }: Denial): boolean {
    const has = (orders: readonly OrderTerms[]) => orders.some((one) => one.intentId === intentId);
    return intentId !== undefined && has(this.#live.orders) !== has(this.#replay.orders);
  }

  #prevented(denied: Denial, cause: DifferenceCause, intent: Intent | undefined): Difference {
    return this.#difference(denied, {
      ...{ kind: 'denial', cause, live: denialText(denied), why: denied.reason },
      replay: intent === undefined ? NOTHING : orderText(intent, this.#config.instruments),
    });
  }

  #ofCancels(ownerOf: (orderId: string) => Owner | undefined): readonly Difference[] {
    const [live, replay] = [this.#live.cancelOrderIds, this.#replay.cancelOrderIds];
    const all = [...new Set([...live, ...replay])].sort();
    return all.flatMap((orderId) => {
      const [asked, wanted] = [live.includes(orderId), replay.includes(orderId)];
      if (asked === wanted) return [];
      const text = (is: boolean) => (is ? 'cancels the order' : NOTHING);
      const of = ownerOf(orderId) ?? { botId: '', symbol: '' };
      const said = { live: text(asked), replay: text(wanted) };
      return [this.#difference(of, { orderId, kind: 'order', cause: 'unexplained', ...said })];
    });
  }

  /** Orders that both have, and that only one of them crosses, or with another one, or at another price. */
  #ofCrosses(): readonly Difference[] {
    const orders = this.#live.orders.filter(({ orderId }) =>
      this.#replay.orders.some((one) => one.orderId === orderId),
    );
    const textOf = (crosses: readonly InternalCross[], { orderId, side }: OrderTerms): string => {
      const cross = crosses.find((one) => [one.buyOrderId, one.sellOrderId].includes(orderId));
      if (cross === undefined) return 'goes to the venue';
      const other = side === 'buy' ? cross.sellOrderId : cross.buyOrderId;
      return `filled by order ${other} at ${formatPrice(cross.priceNanos)}`;
    };
    return orders.flatMap((order) => {
      const live = textOf(this.#live.crosses ?? [], order);
      const replay = textOf(this.#replay.crosses, order);
      if (live === replay) return [];
      const { orderId } = order;
      const said = { orderId, kind: 'order', cause: 'unexplained', live, replay } as const;
      return [this.#difference(order, said)];
    });
  }

  #difference(
    { botId, symbol }: Owner,
    rest: Omit<Difference, 'atUs' | 'accountId' | 'botId' | 'symbol'>,
  ): Difference {
    const { accountId } = this.#config;
    return { atUs: this.#live.sliceEndUs, accountId, botId, symbol, ...rest };
  }
}

function orderKind(
  sent: OrderTerms | undefined,
  wanted: OrderTerms | undefined,
  isRefused: boolean,
): Difference['kind'] {
  if (sent === undefined || wanted === undefined) return isRefused ? 'denial' : 'order';
  return isSame({ ...sent, quantity: 0 }, { ...wanted, quantity: 0 }) ? 'sizing' : 'order';
}
