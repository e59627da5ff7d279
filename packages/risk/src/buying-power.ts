import { type CashMicros, cashMicros, type Intent, notionalMicros } from '@capstan/domain';
import { foreignDebitMicros } from './drift.ts';
import { bufferMicros, intentPriceNanos } from './exposure.ts';
import type { RiskView } from './risk-view.ts';
import { riseMicros } from './scoped-exposure.ts';

/** What an intent needs of an account's equity, and what of it is free. */
export interface BuyingPower {
  readonly neededMicros: CashMicros;
  readonly freeMicros: CashMicros;
}

/** Returns what an intent needs, with its buffer, and what equity leaves free beside the worst exposure of all that is out. */
export function buyingPower(intent: Intent, view: RiskView, bufferBps: number): BuyingPower {
  const instrument = view.instrument(intent.symbol);
  const notional = notionalMicros(instrument, intentPriceNanos(intent), intent.quantity);
  const buffer = bufferMicros(cashMicros(view.openNotionalMicros + notional), bufferBps);
  const kept = bufferMicros(view.openNotionalMicros, bufferBps);
  return {
    neededMicros: cashMicros(riseMicros(intent, view) + buffer - kept),
    freeMicros: cashMicros(
      view.equityMicros - view.grossMicros - kept - foreignDebitMicros(view.drifts),
    ),
  };
}
