export { nearestName } from '@capstan/domain';
export {
  type AlertChannelConfig,
  type AlertsConfig,
  alertsSection,
  channelSecret,
  checkAlertSecrets,
  type EmailChannelConfig,
  type SecretPlace,
} from './alerts-section.ts';
export {
  type ConfigOf,
  type ConfigSchema,
  configKeys,
  defineConfig,
  type ExplainedKey,
  explainConfig,
  findConfigFile,
  type LoadedConfig,
  type LoadOptions,
  loadConfig,
  type Sections,
} from './config.ts';
export type { Environment } from './config-source.ts';
export { isDryRun } from './dry-run.ts';
export { readEnvironment } from './environment.ts';
export { RUNTIME_ERRORS } from './error-codes.ts';
export { EXIT } from './exit-codes.ts';
export {
  type FeedConfig,
  feedSection,
  intervalMsOf,
  isPlayed,
  LIVE_PROVIDERS,
  symbolsOf,
  type VenueFeedConfig,
} from './feed-sections.ts';
export {
  type GrpcServer,
  type GrpcServerOptions,
  type ReflectionSources,
  startGrpc,
} from './grpc-server.ts';
export {
  type CheckResult,
  createHealth,
  type HealthCheck,
  type HealthChecks,
  type HealthReport,
  type HealthState,
  type Phase,
} from './health.ts';
export {
  type HttpHandler,
  type HttpServer,
  type HttpServerOptions,
  startHttp,
} from './http-server.ts';
export { environmentName, SECTION_NAMES } from './key-names.ts';
export { createLogger, type LoggerOptions, type LogLevel, type ServiceLog } from './logger.ts';
export {
  inMarketTime,
  MARKET_TIME,
  MarketTime,
  type MarketTimeSettings,
  marketTimeText,
  openMarketTime,
} from './market-time.ts';
export {
  HANDLER_DURATION,
  type Instrument,
  type Instruments,
  type Metering,
  type MeteringSetup,
  SECONDS_BUCKETS,
  startMetering,
  type TimedBy,
  timed,
} from './metering.ts';
export { paperBehaviour } from './paper-behaviour.ts';
export {
  type AccountConfig,
  type BotEntry,
  checkPlatform,
  instrumentsOf,
  openingCash,
  PAPER_CASH,
  type PlatformConfig,
  platformSections,
  sizingSchema,
  statedCash,
} from './platform-sections.ts';
export { oldRowsOf, type RetentionConfig } from './retention-section.ts';
export { runService } from './run-service.ts';
export { REDACTED, Secret, secret } from './secret.ts';
export {
  type NatsAccess,
  natsAccess,
  type PostgresAddress,
  postgresAddress,
} from './server-sections.ts';
export type { ServiceContext, ServicePlan, WiredService } from './service-plan.ts';
export { sessionTimesOf } from './session-times.ts';
export { readStartOrders, type StartOrders } from './start-orders.ts';
export { createSystemClock, systemClock } from './system-clock.ts';
export { createSystemIds } from './system-ids.ts';
export { createTracer, injectTrace, isTracing, untraced, withSpan } from './tracing.ts';
