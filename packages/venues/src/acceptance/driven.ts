import { ABILITIES, type Ability } from './harness.ts';

/** What the harnesses of the adapters bring about: that of the paper exchange stands in its own process, without a wire between. */
export const DRIVEN = {
  paper: new Set<Ability>(['thinMarket', 'foreignOrder', 'postCash', 'halt']),
  alpaca: new Set<Ability>(ABILITIES),
} as const satisfies Readonly<Record<string, ReadonlySet<Ability>>>;
