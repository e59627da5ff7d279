import { join } from 'node:path';
import { MODULE_EXTENSION, PROJECT_ROOT } from './project.ts';

/** A service of the platform. */
export interface ServiceEntry {
  readonly name: string;
  /** True where others call it over gRPC at an address that is fixed before it starts. */
  readonly needsGrpcPort: boolean;
  /** Services of a lower wave are stopped first: the exchange outlives those who trade on it. */
  readonly stopWave: number;
  /** Started a moment before the others, so that people see something early. */
  readonly isFirst?: boolean;
}

/** Every service, in the order of starting: what people and others wait for comes first. */
export const SERVICES: readonly ServiceEntry[] = [
  { name: 'gateway', needsGrpcPort: false, stopWave: 2, isFirst: true },
  { name: 'paper-exchange', needsGrpcPort: true, stopWave: 2 },
  { name: 'execution', needsGrpcPort: true, stopWave: 1 },
  { name: 'risk', needsGrpcPort: true, stopWave: 1 },
  { name: 'signal', needsGrpcPort: true, stopWave: 1 },
  { name: 'market-data', needsGrpcPort: true, stopWave: 1 },
  { name: 'position-sync', needsGrpcPort: true, stopWave: 1 },
  { name: 'reporting', needsGrpcPort: true, stopWave: 1 },
  { name: 'backtest-worker', needsGrpcPort: true, stopWave: 1 },
];

/** Returns the main module of a service. */
export function mainModule(name: string): string {
  return join(PROJECT_ROOT, 'services', name, 'src', `main${MODULE_EXTENSION}`);
}
