import { cashMicros, formatCash } from '@capstan/domain';
import { dailyLossLimitMicros, watchesDailyLoss } from '../daily-loss.ts';
import type { Policy } from '../policy.ts';

/**
 * Once the account has lost its limit since the start of the session, nothing adds exposure, for as long as who keeps the
 * account says that it is halted. Reducing stays possible. Where the start of the session is not known, nothing is added.
 */
export const dailyLossPolicy: Policy = {
  name: 'daily-loss',
  check: (intent, view, limits) => {
    if (intent.reducing || !watchesDailyLoss({ ...limits, policies: ['daily-loss'] })) {
      return undefined;
    }
    const { dailyLoss, equityMicros } = view;
    if (dailyLoss === undefined) return { reason: "equity at the session's start is not known" };
    const { startEquityMicros, isHalted } = dailyLoss;
    const limit = dailyLossLimitMicros(limits, startEquityMicros) ?? 0;
    const text = (micros: number) => formatCash(cashMicros(Math.round(micros)));
    if (isHalted) return { reason: `halted: the loss of a session reached ${text(limit)}` };
    const loss = startEquityMicros - equityMicros;
    if (loss < limit) return undefined;
    return {
      reason: `${text(loss)} is lost since the session's start, at most ${text(limit)} may be`,
    };
  },
};
