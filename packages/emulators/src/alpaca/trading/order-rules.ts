import { newYorkDayOf, newYorkOffsetUs } from '@capstan/calendar';
import { type PriceNanos, US_PER_DAY, US_PER_MINUTE } from '@capstan/domain';
import { forbidden, type Refusal, unprocessable } from '../refusal.ts';
import { ONE_SHARE, priceText } from '../wire-text.ts';
import type { AlpacaOrder } from './order.ts';
import type { OrderRequest, PatchRequest } from './order-request.ts';

/** What rules need to know of an asset. */
export interface RuledAsset {
  readonly symbol: string;
  readonly assetClass: 'us_equity' | 'us_option';
  readonly fractionable: boolean;
}

const CENT_NANOS = 10_000_000;
const SUB_PENNY_NANOS = 100_000;
const NANOS = 1_000_000_000;
/** Beyond this what an order moves cannot be counted exactly. */
const SHARES_MAX = 1_000_000;
const CONTRACTS_MAX = 10_000;
const OPEN_AUCTION_MINUTE = 9 * 60 + 28;
const CLOSE_AUCTION_MINUTE = 15 * 60 + 50;
const EVENING_MINUTE = 19 * 60;

/** Says what of an order Alpaca would refuse whatever the account; `undefined` where nothing. */
export function orderRefusal(
  request: OrderRequest,
  asset: RuledAsset,
  atUs: number,
): Refusal | undefined {
  return (
    amountRefusal(request, asset) ??
    priceRefusal(request) ??
    forceRefusal(request, asset, atUs) ??
    classRefusal(request)
  );
}

const LEGS_MIN = 2;
const LEGS_MAX = 4;

/** Says what of an order with several legs Alpaca would refuse; `undefined` where nothing. */
export function legsRefusal(
  { legs, quantity, type, timeInForce, limitNanos }: OrderRequest,
  isOption: (symbol: string) => boolean,
): Refusal | undefined {
  if (legs.length < LEGS_MIN || legs.length > LEGS_MAX) {
    return unprocessable(`mleg orders have ${LEGS_MIN} to ${LEGS_MAX} legs`);
  }
  if (quantity === undefined || quantity <= 0 || quantity % ONE_SHARE !== 0) {
    return unprocessable('mleg orders must have a whole qty');
  }
  if (type !== 'market' && type !== 'limit')
    return unprocessable('mleg orders must be market or limit');
  if (type === 'limit' && limitNanos === undefined)
    return unprocessable('limit orders require a limit price');
  if (timeInForce !== 'day') return unprocessable('options orders must be DAY orders');
  for (const { symbol, ratio } of legs) {
    if (!isOption(symbol)) return unprocessable(`asset "${symbol}" not found`);
    if (!Number.isInteger(ratio) || ratio < 1)
      return unprocessable('ratio_qty must be a whole number');
  }
  const divisor = legs.map(({ ratio }) => ratio).reduce(greatestDivisor);
  return divisor === 1 ? undefined : unprocessable('ratio_qty of legs must be in lowest terms');
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

function amountRefusal(request: OrderRequest, asset: RuledAsset): Refusal | undefined {
  const { quantity, notionalMicros, side, type } = request;
  if (side === undefined) return unprocessable('side is required');
  if (quantity === undefined && notionalMicros === undefined) {
    return unprocessable('qty or notional is required');
  }
  if (quantity !== undefined && notionalMicros !== undefined) {
    return unprocessable('only one of qty or notional is accepted');
  }
  if (quantity !== undefined && quantity <= 0) return unprocessable('qty must be > 0');
  if (notionalMicros !== undefined && notionalMicros < 1_000_000) {
    return forbidden('cost basis must be >= minimal amount of order 1');
  }
  const isFractional = notionalMicros !== undefined || (quantity ?? 0) % ONE_SHARE !== 0;
  if (asset.assetClass === 'us_option') {
    if (isFractional) return unprocessable('options orders must have a whole qty and no notional');
    if ((quantity ?? 0) > CONTRACTS_MAX * ONE_SHARE) return unprocessable('qty is too large');
    return undefined;
  }
  if ((quantity ?? 0) > SHARES_MAX * ONE_SHARE) return unprocessable('qty is too large');
  if (!isFractional) return undefined;
  if (!asset.fractionable) return forbidden(`asset "${asset.symbol}" is not fractionable`);
  if (request.timeInForce !== 'day') return unprocessable('fractional orders must be DAY orders');
  if (request.orderClass !== 'simple') {
    return unprocessable('fractional orders must be simple orders');
  }
  if (type === 'trailing_stop')
    return unprocessable('trailing stop orders must be for whole shares');
  return undefined;
}

function priceRefusal(request: OrderRequest): Refusal | undefined {
  const { type, limitNanos, stopNanos, trailNanos, trailPercent } = request;
  const needsLimit = type === 'limit' || type === 'stop_limit';
  const needsStop = type === 'stop' || type === 'stop_limit';
  const isOco = request.orderClass === 'oco';
  if (needsLimit && limitNanos === undefined && !isOco) {
    return unprocessable(`${type.replace('_', ' ')} orders require a limit price`);
  }
  if (needsStop && stopNanos === undefined) {
    return unprocessable(`${type.replace('_', ' ')} orders require a stop price`);
  }
  if (!needsLimit && limitNanos !== undefined) {
    return unprocessable(`${type.replace('_', ' ')} orders must not have a limit price`);
  }
  if (type === 'trailing_stop' && (trailNanos === undefined) === (trailPercent === undefined)) {
    return unprocessable('trailing stop orders require one of trail_price and trail_percent');
  }
  const prices = [
    ['limit_price', limitNanos],
    ['stop_price', stopNanos],
    ['take_profit.limit_price', request.takeProfitNanos],
    ['stop_loss.stop_price', request.stopLoss?.stopNanos],
    ['stop_loss.limit_price', request.stopLoss?.limitNanos],
  ] as const;
  for (const [name, nanos] of prices) {
    const refusal = nanos === undefined ? undefined : stepRefusal(name, nanos);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Says what of a replace Alpaca would refuse; `undefined` where nothing. */
export function replaceRefusal(order: AlpacaOrder, patch: PatchRequest): Refusal | undefined {
  const { status, carried, filledQuantity } = order;
  if (status !== 'new' && status !== 'partially_filled' && status !== 'held') {
    return unprocessable(`order in ${status} state cannot be replaced`);
  }
  if (order.notionalMicros !== undefined)
    return unprocessable('notional orders cannot be replaced');
  if (patch.quantity !== undefined && order.orderClass !== 'simple') {
    return unprocessable('qty of complex orders cannot be replaced');
  }
  const total = patch.quantity ?? order.quantity;
  if (patch.quantity !== undefined && total % ONE_SHARE !== 0) {
    return unprocessable('qty of a replace must be whole shares');
  }
  if (total <= carried + filledQuantity) {
    return unprocessable('qty must be greater than the quantity that is filled');
  }
  const { limitNanos, stopNanos } = patch;
  return (
    (limitNanos === undefined ? undefined : stepRefusal('limit_price', limitNanos)) ??
    (stopNanos === undefined ? undefined : stepRefusal('stop_price', stopNanos))
  );
}

/** Cents from one unit of currency on, hundredths of a cent below. */
function stepRefusal(name: string, nanos: PriceNanos): Refusal | undefined {
  if (nanos <= 0) return unprocessable(`${name} must be > 0`);
  const step = nanos >= NANOS ? CENT_NANOS : SUB_PENNY_NANOS;
  if (nanos % step === 0) return undefined;
  return unprocessable(
    `invalid ${name} ${priceText(nanos)}. sub-penny increment does not fulfill minimum pricing criteria`,
  );
}

function forceRefusal(
  { type, timeInForce, extendedHours, orderClass }: OrderRequest,
  asset: RuledAsset,
  atUs: number,
): Refusal | undefined {
  const isAuction = timeInForce === 'opg' || timeInForce === 'cls';
  const isImmediate = timeInForce === 'ioc' || timeInForce === 'fok';
  if (asset.assetClass === 'us_option') {
    if (timeInForce !== 'day') return unprocessable('options orders must be DAY orders');
    if (extendedHours) return unprocessable('options orders cannot be for extended hours');
    if (type === 'trailing_stop') return unprocessable('options orders cannot be trailing stops');
  }
  if (extendedHours && (type !== 'limit' || !(timeInForce === 'day' || timeInForce === 'gtc'))) {
    return unprocessable('extended hours order must be DAY or GTC limit orders');
  }
  if (extendedHours && orderClass !== 'simple') {
    return unprocessable('extended hours order must be simple orders');
  }
  if ((isAuction || isImmediate) && type !== 'market' && type !== 'limit') {
    return unprocessable(`${type} orders cannot be in force ${timeInForce}`);
  }
  if (!isAuction) return undefined;
  const minute = Math.floor(
    (atUs + newYorkOffsetUs(atUs) - newYorkDayOf(atUs) * US_PER_DAY) / US_PER_MINUTE,
  );
  const latest = timeInForce === 'opg' ? OPEN_AUCTION_MINUTE : CLOSE_AUCTION_MINUTE;
  if (minute < latest || minute >= EVENING_MINUTE) return undefined;
  const until = timeInForce === 'opg' ? '9:28am' : '3:50pm';
  return unprocessable(
    `${timeInForce} orders must be submitted after 7:00pm and before ${until} ET`,
  );
}

function classRefusal(request: OrderRequest): Refusal | undefined {
  const { orderClass, takeProfitNanos, stopLoss, side, limitNanos, type } = request;
  if (orderClass === 'simple') {
    return takeProfitNanos === undefined && stopLoss === undefined
      ? undefined
      : unprocessable('take_profit and stop_loss need an order_class');
  }
  if (orderClass === 'mleg') return undefined;
  if (request.timeInForce !== 'day' && request.timeInForce !== 'gtc') {
    return unprocessable('complex orders must be DAY or GTC orders');
  }
  if (orderClass === 'oto' && (takeProfitNanos === undefined) === (stopLoss === undefined)) {
    return unprocessable('oto orders require one of take_profit and stop_loss');
  }
  if (orderClass !== 'oto') {
    if (takeProfitNanos === undefined) {
      return unprocessable(`${orderClass} orders require take_profit.limit_price`);
    }
    if (stopLoss === undefined) return unprocessable(`${orderClass} orders require stop_loss`);
  }
  if (orderClass === 'oco' && type !== 'limit')
    return unprocessable('oco orders must be limit orders');
  const sign = (side === 'buy') === (orderClass !== 'oco') ? 1 : -1;
  const stop = stopLoss?.stopNanos;
  const isApart = (low: number | undefined, high: number | undefined): boolean =>
    low === undefined || high === undefined || sign * (high - low) > 0;
  if (!isApart(stop, takeProfitNanos)) {
    return unprocessable('take_profit.limit_price must be beyond stop_loss.stop_price');
  }
  const base = orderClass === 'oco' || type !== 'limit' ? undefined : limitNanos;
  if (!isApart(stop, base))
    return unprocessable('stop_loss.stop_price must be <= base_price - 0.01');
  if (!isApart(base, takeProfitNanos)) {
    return unprocessable('take_profit.limit_price must be >= base_price + 0.01');
  }
  return undefined;
}
