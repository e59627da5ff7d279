import type { OptionContract, PriceNanos } from '@capstan/domain';

/** The options around the money that are watched. */
export interface NearMoneyChoice {
  /** The nearest expiry, `YYYY-MM-DD`. */
  readonly expiration: string;
  /** The strike in the middle. */
  readonly centreNanos: PriceNanos;
  /** Sorted by strike, a call before its put. */
  readonly contracts: readonly OptionContract[];
}

export interface NearMoneyAsked {
  /** Of one underlying, in any order. */
  readonly contracts: readonly OptionContract[];
  readonly priceNanos: PriceNanos;
  /** The first expiry that counts, `YYYY-MM-DD`. */
  readonly fromExpiration: string;
  /** Strikes to each side of the middle. */
  readonly strikes: number;
  /** What was chosen before. */
  readonly before?: NearMoneyChoice | undefined;
}

/**
 * How much nearer another strike must be before it becomes the middle, as a part of its distance from the present one: a price that
 * goes to and fro between two strikes moves nothing; it has to come three quarters of the way.
 */
const NEARER_FRACTION = 0.5;

/**
 * Chooses the options of the nearest expiry around a price: the strike in the middle, so many to each side, calls and puts. The middle
 * stays until the price has clearly left it.
 * @returns `undefined` where nothing is listed from that expiry on; `before` itself where nothing has changed.
 * @complexity O(n log n) in the contracts.
 */
export function chooseNearMoney(asked: NearMoneyAsked): NearMoneyChoice | undefined {
  const { contracts, fromExpiration, strikes, before } = asked;
  const live = contracts.filter(({ expiration }) => expiration >= fromExpiration);
  const expiration = live.reduce<string | undefined>(
    (first, one) => (first === undefined || one.expiration < first ? one.expiration : first),
    undefined,
  );
  if (expiration === undefined) return undefined;
  const chain = live.filter((one) => one.expiration === expiration);
  const listed = [...new Set(chain.map(({ strikeNanos }) => strikeNanos))].sort((a, b) => a - b);
  const centreNanos = centreOf(listed, asked.priceNanos, before);
  const at = listed.indexOf(centreNanos);
  const around = new Set(listed.slice(Math.max(0, at - strikes), at + strikes + 1));
  const chosen = chain.filter(({ strikeNanos }) => around.has(strikeNanos)).sort(byStrike);
  const choice = { expiration, centreNanos, contracts: chosen };
  return before !== undefined && isSame(before, choice) ? before : choice;
}

/** @param listed at least one strike. */
function centreOf(
  listed: readonly PriceNanos[],
  price: PriceNanos,
  before: NearMoneyChoice | undefined,
): PriceNanos {
  const nearest = listed.reduce((best, one) => (away(one, price) < away(best, price) ? one : best));
  const centre = before?.centreNanos;
  if (centre === undefined || !listed.includes(centre)) return nearest;
  const nearer = away(centre, price) - away(nearest, price);
  return nearer > away(nearest, centre) * NEARER_FRACTION ? nearest : centre;
}

const away = (strike: PriceNanos, price: PriceNanos): number => Math.abs(strike - price);

function byStrike(a: OptionContract, b: OptionContract): number {
  if (a.strikeNanos !== b.strikeNanos) return a.strikeNanos - b.strikeNanos;
  if (a.right !== b.right) return a.right === 'call' ? -1 : 1;
  return a.symbol < b.symbol ? -1 : 1;
}

function isSame(a: NearMoneyChoice, b: NearMoneyChoice): boolean {
  return (
    a.expiration === b.expiration &&
    a.centreNanos === b.centreNanos &&
    a.contracts.length === b.contracts.length &&
    a.contracts.every(({ symbol }, at) => symbol === b.contracts[at]?.symbol)
  );
}
