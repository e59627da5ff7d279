import { type Evidence, gather, type Scene } from './evidence.ts';
import { type Load, loadOf } from './report.ts';
import { type Finding, verdictOf } from './verdict.ts';

/** What is said of a run when its faults are over. */
export interface Judgement {
  readonly findings: readonly Finding[];
  /** Absent where it was not to be had at the end. */
  readonly load: Load | undefined;
}

/** Lets everything come to rest, and holds what it did against what is promised. */
export async function judged(scene: Scene): Promise<Judgement> {
  let evidence: Evidence;
  try {
    evidence = await gather(scene);
  } catch (error) {
    const problems = [messageOf(error)];
    return { findings: [{ promise: 'everything comes to rest', problems }], load: undefined };
  }
  return { findings: verdictOf(evidence), load: loadOf(evidence) };
}

/** Says what went wrong. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
