import {
  assert,
  DERIVED_IDS,
  type Denial,
  formatDecimal,
  type Intent,
  type TimeUs,
} from '@capstan/domain';
import {
  type ApprovedOrder,
  approve,
  approveAsReducing,
  type OrderNaming,
  type ReducingOrder,
} from './approved-order.ts';
import { type FirstRefusal, firstRefusal, resized } from './ask-policies.ts';
import { denialOf } from './denial.ts';
import type { RiskLimits } from './limits.ts';
import type { RiskView } from './risk-view.ts';

/** The name under which an order that claims to reduce and does not is denied. */
export const REDUCTION_POLICY = 'reduction';

export type Evaluation<Approved extends ApprovedOrder = ApprovedOrder> =
  | { readonly kind: 'approved'; readonly order: Approved }
  | { readonly kind: 'denied'; readonly denial: Denial };

/** What a cap leaves of an intent, and the denial of the rest. */
export interface Resized {
  readonly kind: 'resized';
  readonly order: ApprovedOrder;
  readonly denial: Denial;
}

/**
 * Puts an intent before the account's policies, in the order that the limits list; the first refusal counts. Where the limits say
 * `resize`, a cap takes what fits. What claims to reduce must also pass {@link approveReduction}. The caller reserves what is
 * approved before it asks again.
 * @param now the run's clock: event time in a playback.
 * @param naming how order and denial are named; a first attempt by hashes unless given.
 * @throws InvariantError for an intent of another account or without a quantity. @throws INSTRUMENT.UNKNOWN,
 * CALENDAR.UNKNOWN, CALENDAR.RANGE.
 */
export function evaluate(
  intent: Intent,
  view: RiskView,
  limits: RiskLimits,
  now: TimeUs,
  naming: OrderNaming = {},
): Evaluation | Resized {
  assert(intent.accountId === view.accountId, `intent of ${intent.accountId} at ${view.accountId}`);
  assert(intent.quantity > 0, `intent ${intent.intentId}: quantity must be positive`);
  const refusal = firstRefusal(intent, view, limits, now);
  if (refusal !== undefined) return refused(intent, refusal, { view, limits, now, naming });
  if (intent.reducing) return approveReduction(intent, view, limits, naming);
  return approved(intent, limits, naming);
}

function approved(
  intent: Intent,
  { maxDecisionAgeUs }: RiskLimits,
  naming: OrderNaming,
): Extract<Evaluation, { kind: 'approved' }> {
  return { kind: 'approved', order: approve(intent, maxDecisionAgeUs, naming) };
}

function refused(
  intent: Intent,
  { policy, reason }: FirstRefusal,
  asked: {
    readonly view: RiskView;
    readonly limits: RiskLimits;
    readonly now: TimeUs;
    readonly naming: OrderNaming;
  },
): Evaluation | Resized {
  const { view, limits, now, naming } = asked;
  const deny = (words: string): Denial => denialOf(intent, policy.name, words, naming.ids);
  const smaller = policy.resizes === true ? resized(intent, view, limits, now) : undefined;
  if (smaller === undefined) return { kind: 'denied', denial: deny(reason) };
  const { quantityScale } = view.instrument(intent.symbol);
  const text = (amount: number) => formatDecimal(amount, quantityScale);
  const words = `${text(smaller.quantity)} of ${text(intent.quantity)} go ahead: ${reason}`;
  const verdict = smaller.reducing
    ? approveReduction(smaller, view, limits, naming)
    : approved(smaller, limits, naming);
  if (verdict.kind === 'denied') return verdict;
  const { ids = DERIVED_IDS, attempt = 1 } = naming;
  const denialId = ids.denialId(intent.intentId, `${policy.name} resized ${attempt}`);
  return { kind: 'resized', order: verdict.order, denial: { ...deny(words), denialId } };
}

/**
 * Approves what only reduces, past all other policies: the intent's quantity and all that its bot has out on the same side
 * are together within the bot's confirmed position on the other side.
 * @throws InvariantError for an intent of another account.
 */
export function approveReduction(
  intent: Intent,
  view: RiskView,
  limits: RiskLimits,
  naming: OrderNaming = {},
): Evaluation<ReducingOrder> {
  assert(intent.accountId === view.accountId, `intent of ${intent.accountId} at ${view.accountId}`);
  const { positionQuantity, openBuyQuantity, openSellQuantity } = view.exposure(
    intent.botId,
    intent.symbol,
  );
  const held = intent.side === 'sell' ? positionQuantity : -positionQuantity;
  const out = intent.side === 'sell' ? openSellQuantity : openBuyQuantity;
  if (intent.reducing && out + intent.quantity <= held) {
    return { kind: 'approved', order: approveAsReducing(intent, limits.maxDecisionAgeUs, naming) };
  }
  const { quantityScale } = view.instrument(intent.symbol);
  const text = (amount: number) => formatDecimal(amount, quantityScale);
  const reason = intent.reducing
    ? `a ${intent.side} of ${text(intent.quantity)} with ${text(out)} out is more than the position of ${text(positionQuantity)} can be reduced by`
    : 'the intent is not a reducing one';
  return { kind: 'denied', denial: denialOf(intent, REDUCTION_POLICY, reason, naming.ids) };
}
