/** What of a minute's bar a trade counts for. */
export interface TradeCounts {
  /** For open and close. */
  readonly last: boolean;
  /** For high and low. */
  readonly extremes: boolean;
  readonly volume: boolean;
}

/** Tells what a trade counts for. @param isRegular whether it is one of the regular session. */
export type SaleRule = (conditions: readonly string[], isRegular: boolean) => TradeCounts;

/** Codes that take a trade out of one part of a bar. */
interface Exclusions {
  readonly last: ReadonlySet<string>;
  readonly extremes: ReadonlySet<string>;
  readonly volume: ReadonlySet<string>;
  /** Trades outside the regular session: they make the bars that lie there. */
  readonly extended: ReadonlySet<string>;
}

/**
 * Letters of the consolidated tapes, as Alpaca passes them on.
 * @source https://alpaca.markets/learn/stock-minute-bars, which goes by the tapes' own tables (CTS, UTP). A `B` is an average price
 * on one tape and bunched on the other; it is taken for the former.
 */
const TAPE: Exclusions = {
  last: new Set('B C G H I M N P Q R T U V W Z 4 7'.split(' ')),
  extremes: new Set('B C H I M N Q R T U V W 7'.split(' ')),
  volume: new Set('M Q 9'.split(' ')),
  extended: new Set('T U'.split(' ')),
};

/**
 * Polygon's numbers for the same sales.
 * @source https://polygon.io/docs, `/v3/reference/conditions`, consolidated update rules of sale conditions.
 */
const POLYGON: Exclusions = {
  last: new Set('2 4 7 10 12 13 15 16 20 21 22 29 33 37 52 53'.split(' ')),
  extremes: new Set('2 7 12 13 15 16 20 21 29 37 52 53'.split(' ')),
  volume: new Set('15 16 38'.split(' ')),
  extended: new Set('12 13'.split(' ')),
};

function ruleOf(excluded: Exclusions): SaleRule {
  return (conditions, isRegular) => {
    const told = isRegular ? conditions : conditions.filter((code) => !excluded.extended.has(code));
    const isFree = (codes: ReadonlySet<string>) => !told.some((code) => codes.has(code));
    return {
      last: isFree(excluded.last),
      extremes: isFree(excluded.extremes),
      volume: isFree(excluded.volume),
    };
  };
}

/** What sales count for, by the vendor that tells of them. */
export const SALE_RULES = { alpaca: ruleOf(TAPE), polygon: ruleOf(POLYGON) } as const;
