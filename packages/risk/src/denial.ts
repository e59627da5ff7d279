import { DERIVED_IDS, type Denial, type IdScheme, type Intent } from '@capstan/domain';

/** Makes the denial of an intent. Its id is derived from the intent's and the policy. */
export function denialOf(
  intent: Intent,
  policy: string,
  reason: string,
  ids: IdScheme = DERIVED_IDS,
): Denial {
  return {
    denialId: ids.denialId(intent.intentId, policy),
    runId: intent.runId,
    accountId: intent.accountId,
    botId: intent.botId,
    symbol: intent.symbol,
    intentId: intent.intentId,
    causeKind: intent.causeKind,
    causeId: intent.causeId,
    policy,
    reason,
    decidedAtUs: intent.decidedAtUs,
  };
}
