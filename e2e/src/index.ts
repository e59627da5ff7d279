export { DrillWorld } from './drills/drill-world.ts';
export { OWNING } from './drills/fleet.ts';
export {
  EVERY_SERVICE,
  killAndRestart,
  killBesideCopy,
  roll,
} from './drills/hand-over.ts';
export { SERVICES, type ServiceName, ServiceProcess } from './service-process.ts';
export { Stack, type StackConfig, type StackOptions } from './stack.ts';
export { type Outcome, playPure, type World } from './world.ts';
