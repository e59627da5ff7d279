import type { Instrument, OrderTerms, PriceNanos } from '@capstan/domain';

/** Returns why a venue would not take an order, in words, or `undefined`. Prices that its type does not use are not read. */
export function orderProblem(terms: OrderTerms, instrument: Instrument): string | undefined {
  if (terms.quantity <= 0) return `quantity ${terms.quantity} is not positive`;
  if (terms.quantity % instrument.lot !== 0) {
    return `quantity ${terms.quantity} is not a multiple of the lot ${instrument.lot}`;
  }
  const { type } = terms;
  const limit = type === 'limit' || type === 'stopLimit';
  const stop = type === 'stop' || type === 'stopLimit';
  return (
    (limit ? priceProblem('limit price', terms.limitPriceNanos, instrument) : undefined) ??
    (stop ? priceProblem('stop price', terms.stopPriceNanos, instrument) : undefined)
  );
}

function priceProblem(
  what: string,
  price: PriceNanos | undefined,
  instrument: Instrument,
): string | undefined {
  if (price === undefined) return `${what} is missing`;
  if (price <= 0) return `${what} ${price} is not positive`;
  if (price % instrument.tickNanos === 0) return undefined;
  return `${what} ${price} is not on the tick ${instrument.tickNanos}`;
}
