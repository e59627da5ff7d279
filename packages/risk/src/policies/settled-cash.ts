import { cashMicros, formatCash, movesNotionalCash, notionalMicros } from '@capstan/domain';
import { bufferMicros, intentPriceNanos } from '../exposure.ts';
import type { Policy } from '../policy.ts';

/** A purchase is paid from cash that is settled: proceeds of a trade date count from the next one on. */
export const settledCashPolicy: Policy = {
  name: 'settled-cash',
  denies: "with `settledCashOnly`, a purchase that would need the trade date's own proceeds",
  advice: 'Proceeds settle with the next trade date; until then size smaller.',
  ofAccount: true,
  resizes: true,
  check: (intent, view, { settledCashOnly, bufferBps }) => {
    if (settledCashOnly !== true || intent.reducing || intent.side === 'sell') return undefined;
    const instrument = view.instrument(intent.symbol);
    if (!movesNotionalCash(instrument)) return undefined;
    if (view.tally === undefined) return { reason: 'it is not known what is settled' };
    const notional = notionalMicros(instrument, intentPriceNanos(intent), intent.quantity);
    const needed = cashMicros(notional + bufferMicros(notional, bufferBps));
    const { unsettledMicros } = view.tally;
    const kept = bufferMicros(view.openNotionalMicros, bufferBps);
    const free = cashMicros(view.freeCashMicros - unsettledMicros - kept);
    if (needed <= free) return undefined;
    return {
      reason: `${formatCash(needed)} is needed, ${formatCash(free)} is settled and free; ${formatCash(cashMicros(unsettledMicros))} settles with the next trade date`,
    };
  },
};
