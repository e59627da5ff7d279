/** What computes a run: the classes of live, or a specialised kernel that gives the same. */
export const RUN_PATHS = ['full', 'kernel'] as const;
export type RunPath = (typeof RUN_PATHS)[number];

/** How a run will be computed. */
export interface RunPlan {
  readonly path: RunPath;
  /** In words: what of the run asks for the full path, or which kernel serves. */
  readonly why: string;
}
