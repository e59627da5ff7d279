import type { RiskLimits, ScopeLimits } from './limits.ts';
import { closesByTime } from './session-window.ts';

/** What limits need beside the account as it stands. */
export interface LimitNeeds {
  /** A tally of the past. */
  readonly tally: boolean;
  /** A look at every slice: something may happen in one without a signal. */
  readonly everySlice: boolean;
}

/** Says what limits need; a backtest spares what they do not. The loss of an account is watched by whoever runs it. */
export function limitNeeds(limits: RiskLimits): LimitNeeds {
  const parts: readonly ScopeLimits[] = [limits, ...(limits.scopes ?? [])];
  const losses =
    parts.some((part) => part.maxDrawdownFraction !== undefined) ||
    parts.some((part) => part.maxSymbolDailyLossMicros !== undefined) ||
    parts.slice(1).some(watchesLoss);
  const closes = limits.closeOnDailyLoss === true || parts.some(closesByTime);
  const counts = limits.settledCashOnly === true || parts.some(countsPast);
  return { tally: losses || counts, everySlice: losses || closes };
}

const watchesLoss = ({ maxDailyLossFraction, maxDailyLossMicros }: ScopeLimits): boolean =>
  maxDailyLossFraction !== undefined || maxDailyLossMicros !== undefined;

const countsPast = (part: ScopeLimits): boolean =>
  part.maxTradesPerDay !== undefined ||
  part.maxOrdersPerMinute !== undefined ||
  part.cooldownUs !== undefined ||
  part.duplicateWindowUs !== undefined;
