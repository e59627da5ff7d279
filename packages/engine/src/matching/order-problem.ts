import {
  exitsProblem,
  type Instrument,
  isExit,
  type OrderTerms,
  type PriceNanos,
  trailProblem,
} from '@capstan/domain';

/** Returns why a venue would not take an order, in words, or `undefined`. Prices that its type does not use are not read. */
export function orderProblem(terms: OrderTerms, instrument: Instrument): string | undefined {
  if (terms.quantity <= 0) return `quantity ${terms.quantity} is not positive`;
  if (terms.quantity % instrument.lot !== 0) {
    return `quantity ${terms.quantity} is not a multiple of the lot ${instrument.lot}`;
  }
  const { type, timeInForce } = terms;
  const limit = type === 'limit' || type === 'stopLimit';
  const stop = type === 'stop' || type === 'stopLimit';
  if (
    (timeInForce === 'onOpen' || timeInForce === 'onClose') &&
    type !== 'market' &&
    type !== 'limit'
  ) {
    return `a ${type} order cannot be in force '${timeInForce}'`;
  }
  return (
    (limit ? priceProblem('limit price', terms.limitPriceNanos, instrument) : undefined) ??
    (stop ? priceProblem('stop price', terms.stopPriceNanos, instrument) : undefined) ??
    (type === 'trailingStop' ? trailingProblem(terms) : undefined) ??
    (terms.exits === undefined ? undefined : protectionProblem(terms, terms.exits, instrument))
  );
}

function trailingProblem(terms: OrderTerms): string | undefined {
  const { trailNanos, trailBps, activationPriceNanos: activation } = terms;
  if (trailNanos === undefined && trailBps === undefined) return 'the trail is missing';
  if (activation !== undefined && activation <= 0) {
    return `activation price ${activation} is not positive`;
  }
  return trailProblem(terms);
}

function protectionProblem(
  terms: OrderTerms,
  exits: NonNullable<OrderTerms['exits']>,
  instrument: Instrument,
): string | undefined {
  const { stopPriceNanos: stop, takeProfitPriceNanos: target, trailNanos, trailBps } = exits;
  if ([stop, target, trailNanos, trailBps].every((one) => one === undefined)) {
    return 'the protective exits are empty';
  }
  if (terms.reducing || isExit(terms)) return 'an order that only reduces has no exits';
  return (
    (stop === undefined ? undefined : priceProblem('exit stop price', stop, instrument)) ??
    (target === undefined ? undefined : priceProblem('take-profit price', target, instrument)) ??
    exitsProblem(exits, { side: terms.side, ...entryPriceOf(terms) })
  );
}

/** A market order has none: it fills where the next bar opens. */
function entryPriceOf({ type, limitPriceNanos, stopPriceNanos }: OrderTerms) {
  const price = type === 'limit' || type === 'stopLimit' ? limitPriceNanos : stopPriceNanos;
  return type === 'market' || price === undefined ? {} : { priceNanos: price };
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
