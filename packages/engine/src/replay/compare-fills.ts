import { type Fill, formatPrice, type InstrumentBook, type OrderTerms } from '@capstan/domain';
import { utcText } from '../utc-text.ts';
import { type Difference, type DifferenceCause, NOTHING } from './difference.ts';
import { amountText, tradeText } from './in-words.ts';

/** An execution, by what matters of it. */
export type Trade = Pick<Fill, 'eventAtUs' | 'quantity' | 'priceNanos' | 'feeMicros'>;

type Part = Pick<Difference, 'kind' | 'live' | 'replay'>;

/**
 * Compares an order's executions one by one, in their order.
 * @param cause of whatever differs.
 * @param between why the order was sent, changed or cancelled between slices, where it was: which bar it met first, or last, only the
 * venue knows, and that is then the cause of an execution at another time.
 */
export function compareFills(
  { accountId, botId, symbol, orderId }: OrderTerms,
  live: readonly Trade[],
  replay: readonly Trade[],
  instruments: InstrumentBook,
  cause: DifferenceCause,
  between?: DifferenceCause,
): readonly Difference[] {
  const pairs = Array.from({ length: Math.max(live.length, replay.length) }, (_, index) => ({
    mine: live[index],
    other: replay[index],
  }));
  return pairs.flatMap(({ mine, other }) => {
    const atUs = (mine ?? other)?.eventAtUs;
    if (atUs === undefined) return [];
    const of = { atUs, accountId, botId, symbol, orderId };
    const isElsewhere = mine?.eventAtUs !== other?.eventAtUs;
    const because = isElsewhere ? (between ?? cause) : cause;
    const parts = partsOf(mine, other, symbol, instruments);
    return parts.map((part) => ({ ...of, ...part, cause: because }));
  });
}

function partsOf(
  live: Trade | undefined,
  replay: Trade | undefined,
  symbol: string,
  instruments: InstrumentBook,
): readonly Part[] {
  const text = (one: Trade | undefined) =>
    one === undefined ? NOTHING : tradeText(symbol, one, instruments);
  if (live === undefined || replay === undefined)
    return [{ kind: 'fill', live: text(live), replay: text(replay) }];
  const parts: readonly [Part['kind'], keyof Trade, (one: Trade) => string][] = [
    ['fill', 'quantity', ({ quantity }) => amountText(symbol, quantity, instruments)],
    ['price', 'priceNanos', ({ priceNanos }) => formatPrice(priceNanos)],
    ['timing', 'eventAtUs', ({ eventAtUs }) => utcText(eventAtUs)],
    ['fee', 'feeMicros', ({ feeMicros }) => `${feeMicros} micros`],
  ];
  return parts
    .filter(([, key]) => live[key] !== replay[key])
    .map(([kind, , say]) => ({ kind, live: say(live), replay: say(replay) }));
}
