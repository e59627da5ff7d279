import { UsageError } from './arguments.ts';

/** What a run of a drill is told beside what it is asked for. */
export interface Ears {
  readonly say: (line: string) => void;
  /** Ends the run before the next fault. */
  readonly signal: AbortSignal;
}

/** What a command line may ask for: words, or a drill. */
type Asked = { readonly kind: 'say'; readonly text: string } | { readonly kind: 'drill' };

/**
 * Runs a drill as a program: what is wrong with the command line is told, lines of progress go to the standard error with their second,
 * and Ctrl-C ends it after the fault in hand.
 * @returns the exit code.
 */
export async function runProgram<A extends Asked>(
  read: () => A,
  drill: (asked: Extract<A, { readonly kind: 'drill' }>, ears: Ears) => Promise<number>,
): Promise<number> {
  let asked: A;
  try {
    asked = read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  if (asked.kind === 'say') {
    process.stdout.write(asked.text);
    return 0;
  }
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  const startMs = performance.now();
  const say = (line: string): void => {
    const at = ((performance.now() - startMs) / 1_000).toFixed(0).padStart(4);
    process.stderr.write(`${at} s  ${line}\n`);
  };
  try {
    const signal = interrupted.signal;
    return await drill(asked as Extract<A, { readonly kind: 'drill' }>, { say, signal });
  } catch (error) {
    say(`the drill itself failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}
