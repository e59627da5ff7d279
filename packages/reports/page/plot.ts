import type { PlotData } from '../src/chart-data.ts';
import { clockOf } from './clock.ts';
import { drawCurve } from './curve-chart.ts';
import { pageData } from './elements.ts';
import { drawPrices } from './price-chart.ts';
import { startTheme } from './theme.ts';
import { tradesOf } from './trades.ts';

const data = pageData<PlotData>();
const clock = clockOf(data.timeZone, data.intraday);
startTheme();
if (data.curve.atS.count > 0) drawCurve(data.curve, clock, 80);
drawPrices(data.prices, tradesOf(data.trades), clock);
