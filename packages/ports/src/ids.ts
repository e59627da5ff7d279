/** The only source of names that are drawn, not derived. */
export interface Ids {
  /** Returns a name for one life of one process, never given again. */
  incarnation(): string;
  /** Returns a fresh random id, for commands and requests. */
  random(): string;
}
