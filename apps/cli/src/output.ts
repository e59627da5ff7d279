/** Where a command writes, so that a test can read it. */
export interface Output {
  /** Results: what a pipe should get. */
  out(text: string): void;
  /** Notes and errors. */
  err(text: string): void;
  readonly isTerminal: boolean;
  /** Aborted once nobody reads any more; absent where that cannot be. */
  readonly closed?: AbortSignal;
}

const nobodyReads = new AbortController();

/** The standard output and error of this process. */
export const STANDARD_OUTPUT: Output = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  isTerminal: process.stdout.isTTY === true,
  closed: nobodyReads.signal,
};

/**
 * Lets the process outlive who reads it, as `head` in a pipe: what it does is done to its end, and what it would say is said to
 * nobody. What only shows something ends by {@link Output.closed}.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      nobodyReads.abort();
    });
  }
}
