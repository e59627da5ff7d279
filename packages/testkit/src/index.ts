export { describeStore, type OpenStore } from './suites/store-suite.ts';
