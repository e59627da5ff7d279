import { cashMicros, formatCash, notionalMicros } from '@capstan/domain';
import { bufferMicros, exposureMicros, exposureWith, intentPriceNanos } from '../exposure.ts';
import type { Policy } from '../policy.ts';

/**
 * Nothing is bought on credit: equity covers the worst exposure and the buffer of all that is out. For an account that is
 * only long this says that notional and buffer are within cash less open reservations; a short position needs its notional
 * beside its own proceeds. A change across zero needs only what it adds. Reducing stays possible.
 */
export const buyingPowerPolicy: Policy = {
  name: 'buying-power',
  check: (intent, view, { bufferBps }) => {
    if (intent.reducing) return undefined;
    const instrument = view.instrument(intent.symbol);
    const before = view.exposure(intent.botId, intent.symbol);
    const rise =
      exposureMicros(exposureWith(before, intent), instrument) - exposureMicros(before, instrument);
    const notional = notionalMicros(instrument, intentPriceNanos(intent), intent.quantity);
    const buffer = bufferMicros(cashMicros(view.openNotionalMicros + notional), bufferBps);
    const kept = bufferMicros(view.openNotionalMicros, bufferBps);
    const needed = cashMicros(rise + buffer - kept);
    const free = cashMicros(view.equityMicros - view.grossMicros - kept);
    if (needed <= free) return undefined;
    return {
      reason: `${formatCash(needed)} is needed with a buffer of ${bufferBps} bps, ${formatCash(free)} is free`,
    };
  },
};
