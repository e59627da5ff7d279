import { BuildError } from './build-tree.ts';
import { LockError } from './production-closure.ts';

/** Says on standard error why something is not done. @returns the exit code. */
export function refuse(text: string, exitCode: number): number {
  console.error(text);
  return exitCode;
}

/** Does the work and says what became of it. @returns the exit code; a bug is thrown on. */
export async function reported(work: () => Promise<string>): Promise<number> {
  try {
    console.log(await work());
    return 0;
  } catch (error) {
    if (!(error instanceof BuildError || error instanceof LockError)) throw error;
    return refuse(error.message, 1);
  }
}
