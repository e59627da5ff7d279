import { cashMicros, formatCash } from '@capstan/domain';
import { dailyLossLimitMicros } from '../daily-loss.ts';
import type { RiskLimits, Scope } from '../limits.ts';
import type { Policy, Refusal } from '../policy.ts';
import type { RiskView } from '../risk-view.ts';

/**
 * Once an account, bot or symbol has lost its limit since the start of the trade date, nothing adds there until the next one, for as
 * long as who keeps the account says that it is halted. Reducing stays possible. Where the start is not known, nothing is added.
 */
export const dailyLossPolicy: Policy = {
  name: 'daily-loss',
  denies:
    'what adds once a trade date has lost `maxDailyLossFraction` of its first equity, `maxDailyLoss`, or `maxSymbolDailyLoss` in the symbol; until the next',
  advice: 'It trades again with the next trade date; until then it only closes.',
  check: (intent, view, limits, _now, scope) => {
    if (intent.reducing) return undefined;
    return (
      lossOf(view, limits, scope) ??
      partLoss(view, limits.maxSymbolDailyLossMicros, { ...scope, symbol: intent.symbol })
    );
  },
};

const text = (micros: number) => formatCash(cashMicros(Math.round(micros)));
const UNKNOWN: Refusal = { reason: "equity at the session's start is not known" };

function lossOf(view: RiskView, limits: RiskLimits, scope: Scope): Refusal | undefined {
  const { maxDailyLossFraction, maxDailyLossMicros } = limits;
  if (maxDailyLossFraction === undefined && maxDailyLossMicros === undefined) return undefined;
  if (scope.botId === undefined && scope.symbol === undefined) return accountLoss(view, limits);
  if (view.tally === undefined) return UNKNOWN;
  return partLoss(view, dailyLossLimitMicros(limits, view.tally.startEquityMicros), scope);
}

function accountLoss(
  { dailyLoss, equityMicros }: RiskView,
  limits: RiskLimits,
): Refusal | undefined {
  if (dailyLoss === undefined) return UNKNOWN;
  const { startEquityMicros, isHalted } = dailyLoss;
  const limit = dailyLossLimitMicros(limits, startEquityMicros) ?? 0;
  if (isHalted) return { reason: `halted: the loss of a session reached ${text(limit)}` };
  const loss = startEquityMicros - equityMicros;
  if (loss < limit) return undefined;
  return {
    reason: `${text(loss)} is lost since the session's start, at most ${text(limit)} may be`,
  };
}

function partLoss(
  { tally }: RiskView,
  limit: number | undefined,
  scope: Scope,
): Refusal | undefined {
  if (limit === undefined) return undefined;
  if (tally === undefined) return UNKNOWN;
  const who = [scope.botId, scope.symbol].filter((one) => one !== undefined).join(' in ');
  if (tally.isStopped(scope)) {
    return { reason: `halted: the loss of ${who} in a session reached ${text(limit)}` };
  }
  const loss = tally.lossMicros(scope);
  if (loss < limit) return undefined;
  return {
    reason: `${who} has lost ${text(loss)} since the session's start, at most ${text(limit)} may be`,
  };
}
