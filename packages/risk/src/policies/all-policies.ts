import type { PolicyName } from '../limits.ts';
import type { Policy } from '../policy.ts';
import { blockedSymbolPolicy } from './blocked-symbol.ts';
import { breakerPolicy } from './breaker.ts';
import { buyingPowerPolicy } from './buying-power.ts';
import { capitalReservePolicy } from './capital-reserve.ts';
import { clockOffsetPolicy } from './clock-offset.ts';
import { cooldownPolicy } from './cooldown.ts';
import { dailyLossPolicy } from './daily-loss.ts';
import { decisionAgePolicy } from './decision-age.ts';
import { drawdownPolicy } from './drawdown.ts';
import { driftPolicy } from './drift.ts';
import { duplicateIntentPolicy } from './duplicate-intent.ts';
import { grossExposurePolicy } from './gross-exposure.ts';
import { haltedSymbolPolicy } from './halted-symbol.ts';
import { killSwitchPolicy } from './kill-switch.ts';
import { longOnlyPolicy } from './long-only.ts';
import { marketHoursPolicy } from './market-hours.ts';
import { netExposurePolicy } from './net-exposure.ts';
import { orderRatePolicy } from './order-rate.ts';
import { orderSizePolicy } from './order-size.ts';
import { positionSizePolicy } from './position-size.ts';
import { positionsPolicy } from './positions.ts';
import { priceCollarPolicy } from './price-collar.ts';
import { sessionWindowPolicy } from './session-window.ts';
import { settledCashPolicy } from './settled-cash.ts';
import { shortSalePolicy } from './short-sale.ts';
import { staleDataPolicy } from './stale-data.ts';
import { symbolNotionalPolicy } from './symbol-notional.ts';
import { tradesPerDayPolicy } from './trades-per-day.ts';
import { venueAccessPolicy } from './venue-access.ts';
import { wouldCrossPolicy } from './would-cross.ts';

/** Every policy there is, by name. */
export const POLICIES: Readonly<Record<PolicyName, Policy>> = {
  'kill-switch': killSwitchPolicy,
  breaker: breakerPolicy,
  drift: driftPolicy,
  'venue-access': venueAccessPolicy,
  'clock-offset': clockOffsetPolicy,
  'decision-age': decisionAgePolicy,
  'stale-data': staleDataPolicy,
  'market-hours': marketHoursPolicy,
  'session-window': sessionWindowPolicy,
  'blocked-symbol': blockedSymbolPolicy,
  'halted-symbol': haltedSymbolPolicy,
  'short-sale': shortSalePolicy,
  'long-only': longOnlyPolicy,
  'daily-loss': dailyLossPolicy,
  drawdown: drawdownPolicy,
  'order-size': orderSizePolicy,
  'price-collar': priceCollarPolicy,
  'duplicate-intent': duplicateIntentPolicy,
  cooldown: cooldownPolicy,
  'order-rate': orderRatePolicy,
  'trades-per-day': tradesPerDayPolicy,
  'would-cross': wouldCrossPolicy,
  positions: positionsPolicy,
  'position-size': positionSizePolicy,
  'symbol-notional': symbolNotionalPolicy,
  'gross-exposure': grossExposurePolicy,
  'net-exposure': netExposurePolicy,
  'settled-cash': settledCashPolicy,
  'capital-reserve': capitalReservePolicy,
  'buying-power': buyingPowerPolicy,
};
