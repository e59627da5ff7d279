import type { AlertGroup } from './alert.ts';
import type { Dashboard } from './dashboard.ts';
import { MARKET_DATA } from './market-data.ts';
import { MARKET_DATA_ALERTS } from './market-data-alerts.ts';
import { OVERVIEW } from './overview.ts';
import { PLATFORM_ALERTS } from './platform-alerts.ts';
import { SERVER_ALERTS } from './server-alerts.ts';
import { SERVERS } from './servers.ts';
import { TRADING } from './trading.ts';
import { TRADING_ALERTS } from './trading-alerts.ts';
import { WORKER_ALERTS } from './worker-alerts.ts';
import { WORKERS } from './workers.ts';

export const DASHBOARDS: readonly Dashboard[] = [OVERVIEW, TRADING, MARKET_DATA, WORKERS, SERVERS];

export const ALERT_GROUPS: readonly AlertGroup[] = [
  PLATFORM_ALERTS,
  TRADING_ALERTS,
  MARKET_DATA_ALERTS,
  WORKER_ALERTS,
  SERVER_ALERTS,
];
