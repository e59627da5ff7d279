import type { Random } from '@capstan/testkit';
import type { DrillWorld } from './drill-world.ts';

/** What was seen of a fault. */
export interface Struck {
  /** In words, with figures. */
  readonly seen: string;
  /** Milliseconds from the fault, or from its end where it lasts, until the work went on. */
  readonly resumedMs?: number;
  /** True where this machine cannot do it: nothing was done. */
  readonly isSkipped?: boolean;
}

/** A way to break the platform. */
export interface Fault {
  readonly name: string;
  /** What is done, in one line. */
  readonly title: string;
  /** Breaks something and mends what would not mend by itself. @throws Error where what must happen does not. */
  strike(world: DrillWorld, random: Random): Promise<Struck>;
}

/** Writes a time for people. */
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
