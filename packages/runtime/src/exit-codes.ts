/** What a process's exit code says. */
export const EXIT = {
  /** Drained and stopped as asked. */
  ok: 0,
  /** An operating failure kept it from starting. */
  failed: 1,
  /** The configuration or the arguments are wrong. */
  usage: 2,
  /** A bug: an invariant did not hold, or an error was caught by nobody. */
  bug: 70,
} as const;
