export { FLAT_FILES_BUCKET } from './flat-files/flat-file-server.ts';
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
