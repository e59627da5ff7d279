import { DERIVED_IDS, type Denial, type IdScheme, type Signal, type TimeUs } from '@capstan/domain';

/** Makes the denial of a signal that did not become an intent. Its id is derived from the signal's and the policy. */
export function denySignal(
  signal: Signal,
  { policy, reason }: { readonly policy: string; readonly reason: string },
  decidedAtUs: TimeUs,
  ids: IdScheme = DERIVED_IDS,
): Denial {
  return {
    denialId: ids.denialId(signal.signalId, policy),
    runId: signal.runId,
    accountId: signal.accountId,
    botId: signal.botId,
    symbol: signal.symbol,
    causeKind: 'signal',
    causeId: signal.signalId,
    policy,
    reason,
    decidedAtUs,
  };
}
