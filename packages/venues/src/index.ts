export {
  ALPACA_CAPABILITIES,
  AlpacaBroker,
  type AlpacaBrokerPorts,
  type AlpacaBrokerSettings,
} from './alpaca/alpaca-broker.ts';
export {
  type AlpacaCheckPorts,
  checkAlpacaAccount,
  type VenueFinding,
} from './alpaca/check-account.ts';
export { type AlpacaEndpoints, alpacaEndpoints } from './alpaca/connection.ts';
export {
  ALPACA_PREFIX,
  AlpacaCredentials,
  type AlpacaKey,
  readAlpacaCredentials,
} from './alpaca/credentials.ts';
export {
  ALPACA_FEEDS,
  ALPACA_OPTION_FEEDS,
  ALPACA_STREAM_MODES,
  type AlpacaFeed,
  type AlpacaOptionFeed,
  type AlpacaStreamMode,
} from './alpaca/data/feeds.ts';
export { CAPABILITY_ROWS } from './capability-rows.ts';
export {
  type EndpointAccount,
  type TradingMode,
  type VendorEndpoints,
  type VenueConnection,
  VenueEndpoints,
  type VenueFactory,
} from './endpoints.ts';
export { VENUES_ERRORS } from './error-codes.ts';
export { chooseNearMoney, type NearMoneyAsked, type NearMoneyChoice } from './market/near-money.ts';
export {
  type NearMoneySettings,
  NearMoneyTracker,
  type NearMoneyUpdate,
} from './market/near-money-tracker.ts';
export type { UnderlyingValues } from './market/underlying-values.ts';
export {
  MARKET_DATA_PROVIDERS,
  type MarketDataPorts,
  type MarketDataProvider,
  type MarketDataSettings,
  openMarketData,
} from './open-market-data.ts';
export {
  PAPER_CAPABILITIES,
  PaperVenue,
  type PaperVenuePorts,
  type PaperVenueSettings,
} from './paper/paper-venue.ts';
export type {
  PolygonData,
  PolygonDataPorts,
  PolygonDataSettings,
} from './polygon/polygon-data.ts';
export {
  type PolygonEndpoints,
  PolygonKey,
  polygonEndpoints,
  readPolygonKey,
} from './polygon/settings.ts';
export { MARKET_CODES, type MarketCode, marketFailure } from './requests/market-failure.ts';
export {
  type BudgetSettings,
  REQUEST_KINDS,
  RequestBudget,
  type RequestKind,
} from './requests/request-budget.ts';
export {
  AnswerCutOff,
  RequestTimeout,
  type SendRequest,
  VendorRequests,
  type VendorRequestsPorts,
  type VendorRequestsSettings,
} from './requests/vendor-requests.ts';
export { type Environment, maskedKeyId, secretSource } from './secret-source.ts';
export { SHOWN_VENUES } from './shown-venues.ts';
export { brokerVendors, type VendorPorts, type VendorSettings } from './vendors.ts';
export { VENUE_PROFILES, type VenueProfile } from './venue-profiles.ts';
