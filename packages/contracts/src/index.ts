export { BUS_ACCESS, BUS_SETUP, type BusAccess, type BusService } from './bus-access.ts';
export {
  activityFromWire,
  activityToWire,
  cashEventFromWire,
  cashEventKinds,
  cashEventToWire,
  postedActionFromWire,
  postedActionToWire,
} from './codec/activity.ts';
export * from './codec/emergency.ts';
export * from './codec/enums.ts';
export * from './codec/market.ts';
export * from './codec/order.ts';
export * from './codec/position.ts';
export * from './codec/risk.ts';
export * from './codec/session.ts';
export * from './codec/signal.ts';
export * from './codec/stray.ts';
export * from './codec/venue.ts';
export { int64 } from './codec/wire.ts';
export { CONTRACTS_ERRORS } from './error-codes.ts';
export * as backtestService from './gen/capstan/backtest/v1/backtest_service.ts';
export * as controlService from './gen/capstan/control/v1/control_service.ts';
export * as executionService from './gen/capstan/execution/v1/execution_service.ts';
export * as paperExchangeService from './gen/capstan/execution/v1/paper_exchange_service.ts';
export * as marketService from './gen/capstan/market/v1/market_service.ts';
export * as positionService from './gen/capstan/position/v1/position_service.ts';
export * as reportingService from './gen/capstan/reporting/v1/reporting_service.ts';
export * as riskService from './gen/capstan/risk/v1/risk_service.ts';
export * as signalService from './gen/capstan/signal/v1/signal_service.ts';
export type * from './rpc/api.ts';
export { busClient, serveOverBus } from './rpc/over-bus.ts';
export {
  connectGrpc,
  type GrpcConnection,
  type GrpcService,
  grpcService,
} from './rpc/over-grpc.ts';
export { errorFromHeaders, errorToHeaders } from './rpc/rpc-error.ts';
export {
  KV_BUCKETS,
  STREAMS,
  type StreamDefinition,
  WORK_CLASSES,
  WORK_CONSUMER,
} from './streams.ts';
export { headerNames, leaseKey, nameOfToken, subjects, subjectToken } from './subjects.ts';
