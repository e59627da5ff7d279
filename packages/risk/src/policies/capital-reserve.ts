import { cashMicros, formatCash } from '@capstan/domain';
import { buyingPower } from '../buying-power.ts';
import type { Policy } from '../policy.ts';

/** A part of equity is never put at risk. */
export const capitalReservePolicy: Policy = {
  name: 'capital-reserve',
  denies:
    'what would reach into `capitalReserve`, and everything that adds while equity is below it',
  advice: 'Close something, bring in cash, or lower the reserve.',
  ofAccount: true,
  resizes: true,
  check: (intent, view, { capitalReserveMicros: reserve, bufferBps }) => {
    if (reserve === undefined || intent.reducing) return undefined;
    const { neededMicros, freeMicros } = buyingPower(intent, view, bufferBps);
    const free = cashMicros(freeMicros - reserve);
    if (neededMicros <= free && view.equityMicros >= reserve) return undefined;
    return {
      reason: `${formatCash(neededMicros)} is needed, ${formatCash(free)} is free beside the reserve of ${formatCash(reserve)}`,
    };
  },
};
