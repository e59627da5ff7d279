export { SERVICES, type ServiceName, ServiceProcess } from './service-process.ts';
export { Stack, type StackConfig, type StackOptions } from './stack.ts';
export { type Outcome, playPure, type World } from './world.ts';
