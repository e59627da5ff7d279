import { formatCash } from '@capstan/domain';
import { buyingPower } from '../buying-power.ts';
import type { Policy } from '../policy.ts';

/**
 * Nothing is bought on credit: equity covers the worst exposure and the buffer of all that is out. For an account that is
 * only long this says that notional and buffer are within cash less open reservations; a short position needs its notional
 * beside its own proceeds. A change across zero needs only what it adds. Reducing stays possible.
 */
export const buyingPowerPolicy: Policy = {
  name: 'buying-power',
  denies: 'what equity does not cover: worst exposure and `bufferBps` of all that is out',
  advice: 'Size smaller, close something, or bring in cash.',
  ofAccount: true,
  resizes: true,
  check: (intent, view, { bufferBps }) => {
    if (intent.reducing) return undefined;
    const { neededMicros, freeMicros } = buyingPower(intent, view, bufferBps);
    if (neededMicros <= freeMicros) return undefined;
    return {
      reason: `${formatCash(neededMicros)} is needed with a buffer of ${bufferBps} bps, ${formatCash(freeMicros)} is free`,
    };
  },
};
