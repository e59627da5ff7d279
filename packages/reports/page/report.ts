import type { ChartData } from '../src/chart-data.ts';
import { clockOf } from './clock.ts';
import { drawCurve, drawExposure, drawRolling } from './curve-chart.ts';
import { pageData } from './elements.ts';
import { drawPrices } from './price-chart.ts';
import { startTheme } from './theme.ts';
import { startTips } from './tips.ts';
import { TradeTable } from './trade-table.ts';
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
if (trades.count > 0) new TradeTable(trades, clock, prices?.showTrade).mount();
