/** Where a command writes, so that a test can read it. */
export interface Output {
  /** Results: what a pipe should get. */
  out(text: string): void;
  /** Notes and errors. */
  err(text: string): void;
  readonly isTerminal: boolean;
}

/** The standard output and error of this process. */
export const STANDARD_OUTPUT: Output = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  isTerminal: process.stdout.isTTY === true,
};
