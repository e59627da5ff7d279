/** What a world of a kind must come to. */
export interface Ending {
  /** Tells whether it is at rest, once all bots are through. */
  isSettled(): Promise<boolean>;
  check(): Promise<void>;
}
