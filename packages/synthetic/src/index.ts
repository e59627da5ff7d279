export { mixSeed, SeededRandom } from './random.ts';
export { type SyntheticOptions, type SyntheticSymbol, syntheticSlices } from './sessions.ts';
