export { describeBus, type OpenBus } from './suites/bus-suite.ts';
export { describeStore, type OpenStore } from './suites/store-suite.ts';
