import {
  backtestService,
  busClient,
  type Client,
  executionService,
  marketService,
  positionService,
  reportingService,
  riskService,
  signalService,
} from '@capstan/contracts';
import type { Requests } from '@capstan/ports';

/** The other services, as the gateway asks them. */
export interface Clients {
  readonly market: Client<typeof marketService.MarketDataServiceDefinition>;
  readonly signal: Client<typeof signalService.SignalServiceDefinition>;
  readonly risk: Client<typeof riskService.RiskServiceDefinition>;
  readonly execution: Client<typeof executionService.ExecutionServiceDefinition>;
  readonly position: Client<typeof positionService.PositionServiceDefinition>;
  readonly reporting: Client<typeof reportingService.ReportingServiceDefinition>;
  readonly backtest: Client<typeof backtestService.BacktestServiceDefinition>;
}

/** Makes the clients over the bus. */
export function busClients(requests: Requests): Clients {
  return {
    market: busClient(requests, marketService.MarketDataServiceDefinition),
    signal: busClient(requests, signalService.SignalServiceDefinition),
    risk: busClient(requests, riskService.RiskServiceDefinition),
    execution: busClient(requests, executionService.ExecutionServiceDefinition),
    position: busClient(requests, positionService.PositionServiceDefinition),
    reporting: busClient(requests, reportingService.ReportingServiceDefinition),
    backtest: busClient(requests, backtestService.BacktestServiceDefinition),
  };
}
