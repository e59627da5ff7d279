import type { ChartData } from '../src/chart-data.ts';
import { clockOf } from './clock.ts';
import { drawCurve, drawExposure, drawRolling } from './curve-chart.ts';
import { DataTable } from './data-table.ts';
import { pageData } from './elements.ts';
import { drawPrices } from './price-chart.ts';
import { startTheme } from './theme.ts';
import { startTips } from './tips.ts';
import { tradeColumns } from './trade-table.ts';
import { tradesOf } from './trades.ts';

const data = pageData<ChartData>();
const clock = clockOf(data.timeZone, data.intraday);
startTheme();
startTips();
if (data.curve.atS.count > 0) {
  drawCurve(data.curve, clock);
  drawRolling(data.rolling, clock);
  drawExposure(data, clock);
}
const trades = tradesOf(data.trades);
const prices = drawPrices(data.prices, trades, clock);
if (trades.count > 0) {
  new DataTable({
    id: 'trade-table',
    caption: 'Trades',
    count: trades.count,
    columns: tradeColumns(trades, clock),
    ...(prices === undefined
      ? {}
      : { pick: { label: 'Show on the price: trade', onPick: prices.showTrade } }),
  }).mount();
}
