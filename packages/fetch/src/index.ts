export { FETCH_ERRORS } from './error-codes.ts';
export type { FetchResult, SymbolOutcome } from './fetch-result.ts';
export type { FetchSettings } from './fetch-settings.ts';
export {
  type FetchedTicks,
  fetchTicks,
  type TicksPorts,
  type TicksSettings,
} from './fetch-ticks.ts';
export { type FetchOptions, type FetchPorts, runFetch } from './run-fetch.ts';
