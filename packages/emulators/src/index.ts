export {
  type AlpacaEmulator,
  startAlpacaEmulator,
} from './alpaca/alpaca-emulator.ts';
export {
  type AlpacaEmulatorOptions,
  type DataPlan,
  EMULATOR_KEYS,
  type EmulatedAccount,
} from './alpaca/emulator-options.ts';
export { LoadStream, type SentFrames } from './alpaca/streams/load-stream.ts';
export type { AlpacaControl, Posted } from './control/alpaca-control.ts';
export type { ClockSettings } from './control/emulator-clock.ts';
export type { Fault, FaultKind } from './control/faults.ts';
export type { SeenRequest } from './control/request-journal.ts';
export { EMULATOR_ERRORS } from './error-codes.ts';
export { FLAT_FILES_BUCKET } from './flat-files/flat-file-server.ts';
export { type GivenSplit, type MarketOptions, MarketWorld } from './market/market-world.ts';
export type { HttpFault, InjectedFault } from './polygon/faults.ts';
export {
  type PolygonControl,
  type PolygonEmulator,
  type PolygonEmulatorOptions,
  startPolygonEmulator,
} from './polygon/polygon-emulator.ts';
export type { Cluster, StreamFault } from './polygon/stream-cluster.ts';
export {
  PolygonWorld,
  type WorldDividend,
  type WorldOptions,
  type WorldSplit,
  type WorldSymbol,
} from './polygon/world.ts';
