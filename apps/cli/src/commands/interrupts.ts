/** As a shell says of a process that Ctrl-C has ended. */
export const INTERRUPTED = 130;

/**
 * Hears Ctrl-C while something runs: the first asks it to stop. The second is the system's again, which ends the process at once,
 * whatever it is doing.
 */
export class Interrupts {
  readonly #stop = new AbortController();
  readonly #onSignal = () => {
    this.end();
    this.#stop.abort();
  };

  constructor() {
    process.on('SIGINT', this.#onSignal);
  }

  /** Aborted from the first Ctrl-C on. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Hears no more. */
  end(): void {
    process.removeListener('SIGINT', this.#onSignal);
  }
}
