export { drained } from './drained.ts';
export * as arbitrary from './generators.ts';
export { type LoopbackCertificate, loopbackCertificate } from './loopback-certificate.ts';
export {
  type MarketScript,
  MemoryMarketVenue,
  type ScriptedEvent,
  type Span,
} from './market/memory-market-venue.ts';
export { MemoryBlobs } from './memory/memory-blobs.ts';
export { MemoryBus } from './memory/memory-bus.ts';
export { MemoryKv } from './memory/memory-kv.ts';
export { type LogLevel, type LogLine, MemoryLog } from './memory/memory-log.ts';
export { MemoryRequests } from './memory/memory-requests.ts';
export { MemoryStore } from './memory/memory-store.ts';
export { MemoryWorkQueue } from './memory/memory-work-queue.ts';
export { nullMeter, nullTracer } from './memory/null-telemetry.ts';
export { portErrors } from './memory/port-errors.ts';
export { SeededIds } from './memory/seeded-ids.ts';
export { subjectMatches } from './memory/subject-match.ts';
export { VirtualClock } from './memory/virtual-clock.ts';
export { Random } from './random.ts';
export {
  CALM,
  type CallFault,
  type EpisodeFault,
  type FaultKind,
  type FaultRates,
  STORMY,
} from './sim/faults.ts';
export { remoteVenue } from './sim/remote-venue.ts';
export { runSim, SimFailure, type SimOptions, type SimReport } from './sim/run-sim.ts';
export { SimScheduler } from './sim/scheduler.ts';
export type { LinkOptions, Network } from './sim/sim-network.ts';
export {
  type SimPorts,
  SimProcess,
  type SimProcessOptions,
  type SimProgram,
} from './sim/sim-process.ts';
export { type SimBug, SimWorld, type SimWorldOptions } from './sim/sim-world.ts';
export { describeBus, type OpenBus } from './suites/bus-suite.ts';
export { describeStore, type OpenStore } from './suites/store-suite.ts';
