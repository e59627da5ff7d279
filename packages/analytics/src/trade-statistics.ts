import type { TradeColumns } from './round-trip.ts';

/** What closed trades say together. Profits are net of fees; a trade that nets nothing neither won nor lost. */
export interface TradeStatistics {
  readonly count: number;
  readonly wins: number;
  readonly losses: number;
  /** Sum of all net profits. */
  readonly netMicros: number;
  /** Winners ÷ all trades. */
  readonly hitRate: number | undefined;
  /** Profit of the winners ÷ loss of the losers; `undefined` without a loser. */
  readonly profitFactor: number | undefined;
  /** Mean net profit of a trade: hit rate × average win − loss rate × average loss. */
  readonly expectancyMicros: number | undefined;
  /** Mean of net ÷ entry notional. */
  readonly averageReturn: number | undefined;
  readonly averageWinMicros: number | undefined;
  /** At most 0. */
  readonly averageLossMicros: number | undefined;
  /** Average win ÷ size of the average loss. */
  readonly payoffRatio: number | undefined;
  readonly bestMicros: number | undefined;
  readonly worstMicros: number | undefined;
  /** The most losers in a row, in the order in which trades closed; one that nets nothing ends the row. */
  readonly longestLosingStreak: number | undefined;
  readonly longestWinningStreak: number | undefined;
  readonly averageBarsHeld: number | undefined;
  /** Mean MAE and MFE ÷ entry notional, of the trades that have them. */
  readonly averageAdverse: number | undefined;
  readonly averageFavourable: number | undefined;
}

/** Computes them. @complexity O(trades) */
export function tradeStatistics(trades: TradeColumns): TradeStatistics {
  const { count } = trades;
  const profit = profitSums(trades);
  const mean = meansOf(trades);
  const { wins, losses, won, lost } = profit;
  const over = (sum: number, of: number): number | undefined => (of > 0 ? sum / of : undefined);
  const averageWin = over(won, wins);
  const averageLoss = over(lost, losses);
  return {
    count,
    wins,
    losses,
    netMicros: won + lost,
    hitRate: over(wins, count),
    profitFactor: lost < 0 ? won / -lost : undefined,
    expectancyMicros: over(won + lost, count),
    averageReturn: mean.return,
    averageWinMicros: averageWin,
    averageLossMicros: averageLoss,
    payoffRatio:
      averageWin === undefined || averageLoss === undefined ? undefined : averageWin / -averageLoss,
    bestMicros: count > 0 ? profit.best : undefined,
    worstMicros: count > 0 ? profit.worst : undefined,
    longestLosingStreak: count > 0 ? profit.losingStreak : undefined,
    longestWinningStreak: count > 0 ? profit.winningStreak : undefined,
    averageBarsHeld: over(mean.barsHeld, count),
    averageAdverse: mean.adverse,
    averageFavourable: mean.favourable,
  };
}

const netOf = (trades: TradeColumns, row: number): number =>
  (trades.grossMicros[row] as number) - (trades.feesMicros[row] as number);

function profitSums(trades: TradeColumns) {
  const sums = { wins: 0, losses: 0, won: 0, lost: 0, losingStreak: 0, winningStreak: 0 };
  let best = Number.NEGATIVE_INFINITY;
  let worst = Number.POSITIVE_INFINITY;
  let winning = 0;
  let losing = 0;
  for (let row = 0; row < trades.count; row += 1) {
    const net = netOf(trades, row);
    if (net > best) best = net;
    if (net < worst) worst = net;
    winning = net > 0 ? winning + 1 : 0;
    losing = net < 0 ? losing + 1 : 0;
    if (winning > sums.winningStreak) sums.winningStreak = winning;
    if (losing > sums.losingStreak) sums.losingStreak = losing;
    if (net > 0) {
      sums.wins += 1;
      sums.won += net;
    } else if (net < 0) {
      sums.losses += 1;
      sums.lost += net;
    }
  }
  return { ...sums, best, worst };
}

function meansOf(trades: TradeColumns) {
  let barsHeld = 0;
  let sized = 0;
  let returns = 0;
  let scanned = 0;
  let adverse = 0;
  let favourable = 0;
  for (let row = 0; row < trades.count; row += 1) {
    barsHeld += (trades.exitRow[row] as number) - (trades.entryRow[row] as number);
    const notional = trades.entryNotionalMicros[row] as number;
    if (notional === 0) continue;
    sized += 1;
    returns += netOf(trades, row) / notional;
    const worst = trades.adverseMicros[row] as number;
    if (Number.isNaN(worst)) continue;
    scanned += 1;
    adverse += worst / notional;
    favourable += (trades.favourableMicros[row] as number) / notional;
  }
  return {
    barsHeld,
    return: sized > 0 ? returns / sized : undefined,
    adverse: scanned > 0 ? adverse / scanned : undefined,
    favourable: scanned > 0 ? favourable / scanned : undefined,
  };
}
