import { assert, type Direction } from '@capstan/domain';
import { partsOf } from './fraction.ts';
import type { PortfolioRule, WeightRule } from './portfolio-rule.ts';

/** A symbol that may get a weight. */
export interface Candidate {
  readonly symbol: string;
  /** What the strategy wants of it; absent where it has said nothing yet. */
  readonly direction?: Direction;
  /** Standard deviation of its last returns; absent while it is not known. `inverseVolatility` asks for it. */
  readonly volatility?: number;
  /** How far it moved over the lookback: 0.1 is up a tenth. Absent while it is not known. `momentumRanking` asks for it. */
  readonly returnFraction?: number;
}

/** The share of equity that a symbol is to have. */
export interface Weight {
  readonly symbol: string;
  /** In millionths of equity; negative is short. */
  readonly parts: number;
}

/**
 * Shares equity out among the symbols with a long or a short opinion. What a rule cannot measure yet, or measures as no
 * volatility at all, gets nothing.
 * @param rule checked.
 * @returns a weight for each candidate, 0 included, sorted by symbol. Together, without their signs, they are at most
 * `maxGrossFraction` less `cashReserveFraction`; what rounding and caps leave stays cash.
 * @throws InvariantError for a symbol given twice.
 */
export function allocate(rule: PortfolioRule, candidates: readonly Candidate[]): readonly Weight[] {
  const sorted = [...candidates].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  sorted.forEach(({ symbol }, index) => {
    assert(symbol !== sorted[index + 1]?.symbol, `${symbol} is a candidate twice`);
  });
  const { cashReserveFraction = 0, maxGrossFraction = 1, maxWeightFraction } = rule;
  const grossParts = Math.max(0, partsOf(maxGrossFraction) - partsOf(cashReserveFraction));
  const capParts = maxWeightFraction === undefined ? grossParts : partsOf(maxWeightFraction);
  const scores = scoresOf(rule.weights, sorted);
  const shares = shareOut(scores, grossParts, capParts);
  return sorted.map(({ symbol, direction }, index) => {
    const parts = shares[index] ?? 0;
    return { symbol, parts: direction === 'short' && parts > 0 ? -parts : parts };
  });
}

/** Returns for each candidate what its weight is in proportion to; 0 for none. */
function scoresOf(rule: WeightRule, candidates: readonly Candidate[]): readonly number[] {
  switch (rule.kind) {
    case 'equal':
      return candidates.map((one) => (isWanted(one) ? 1 : 0));
    case 'inverseVolatility':
      return candidates.map((one) => {
        const { volatility = 0 } = one;
        const score = isWanted(one) && volatility > 0 ? 1 / volatility : 0;
        return Number.isFinite(score) ? score : 0;
      });
    case 'momentumRanking': {
      const chosen = new Set(strongest(rule, candidates));
      return candidates.map((one) => (chosen.has(one) ? 1 : 0));
    }
  }
}

const isWanted = ({ direction }: Candidate): boolean =>
  direction === 'long' || direction === 'short';

/** Returns those that moved most the way they are held; of two equal moves the first symbol is before the other. */
function strongest(
  { top, minReturnFraction }: Extract<WeightRule, { kind: 'momentumRanking' }>,
  candidates: readonly Candidate[],
): readonly Candidate[] {
  const least = minReturnFraction ?? Number.NEGATIVE_INFINITY;
  return candidates
    .flatMap((candidate) => {
      const { returnFraction = Number.NaN, direction } = candidate;
      const move = direction === 'short' ? -returnFraction : returnFraction;
      return isWanted(candidate) && move > least ? [{ candidate, move }] : [];
    })
    .sort((a, b) => b.move - a.move)
    .slice(0, top)
    .map(({ candidate }) => candidate);
}

/**
 * Shares `grossParts` out in proportion to scores, none above `capParts`: what a cap cuts off goes to the others, until nobody
 * is cut or all are. Shares are rounded down.
 */
function shareOut(
  scores: readonly number[],
  grossParts: number,
  capParts: number,
): readonly number[] {
  const shares = scores.map(() => 0);
  let left = grossParts;
  let open = [...scores.keys()].filter((index) => (scores[index] ?? 0) > 0);
  for (;;) {
    const total = open.reduce((sum, index) => sum + (scores[index] ?? 0), 0);
    const shareOf = (index: number) => (left * (scores[index] ?? 0)) / total;
    const cut = open.filter((index) => shareOf(index) > capParts);
    if (cut.length === 0) {
      let rest = left;
      for (const index of open) {
        // Quotients of floats may add up to a part too many: the last ones bear it.
        const share = Math.min(rest, Math.floor(shareOf(index)));
        shares[index] = share;
        rest -= share;
      }
      return shares;
    }
    for (const index of cut) shares[index] = capParts;
    left -= cut.length * capParts;
    open = open.filter((index) => shares[index] === 0);
  }
}
