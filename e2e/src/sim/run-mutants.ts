import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { MUTANTS, type Mutant } from './mutants.ts';
import { plant } from './mutate.ts';

/** A mutant that survives so many worlds is not caught. */
export const WORLDS_MAX = 60;
const AT_ONCE = 2;
/** A mutant whose worlds take longer is not caught either. */
const CHILD_MS_MAX = 240_000;
/** How much of what caught a mutant is told. */
const HOW_LENGTH = 110;

/** What became of a mutant. */
interface Outcome {
  readonly isCaught: boolean;
  readonly how: string;
}

/**
 * Runs every mutant in a process of its own and prints what caught it.
 * @returns true where all were caught.
 */
export async function runMutants(write: (text: string) => void): Promise<boolean> {
  const waiting = [...MUTANTS];
  let caught = 0;
  write(lineOf('', 'mutant', 's', 'what is wrong then, and what caught it'));
  const runner = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const startedMs = performance.now();
      const { isCaught, how } = await inProcess(mutant);
      const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
      caught += isCaught ? 1 : 0;
      write(lineOf(isCaught ? 'caught' : 'SURVIVED', mutant.name, seconds, mutant.wrong));
      write(lineOf('', '', '', how.length > HOW_LENGTH ? `${how.slice(0, HOW_LENGTH)}…` : how));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runner));
  write(`${MUTANTS.length} mutants, ${caught} caught\n`);
  return caught === MUTANTS.length;
}

const lineOf = (verdict: string, name: string, seconds: string, text: string): string =>
  `${verdict.padEnd(9)} ${name.padEnd(27)} ${seconds.padStart(4)}  ${text}\n`;

function inProcess(mutant: Mutant): Promise<Outcome> {
  const main = join(import.meta.dirname, 'main.ts');
  return new Promise((resolve) => {
    const options = { timeout: CHILD_MS_MAX, maxBuffer: 64_000_000 };
    const args = [main, '--mutant', mutant.name];
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const said = (error === null ? stdout : `${stdout}${stderr}`).trim();
      const how = said.split('\n')[0] ?? '';
      resolve({ isCaught: error === null, how: how === '' ? String(error?.message) : how });
    });
  });
}

/**
 * Plants a mutant in this process, which must not have imported the platform yet, and runs worlds until one catches it.
 * @returns in words how it was caught; `undefined` where it was not.
 * @throws Error for a mutant that nobody knows, that is out of date, or whose module no world imports.
 */
export async function catchMutant(name: string): Promise<string | undefined> {
  const mutant = MUTANTS.find((one) => one.name === name);
  if (mutant === undefined) {
    throw new Error(`no mutant ${name}; there are ${MUTANTS.map((one) => one.name).join(', ')}.`);
  }
  const isImported = plant(mutant);
  const { runPlatform } = await import('./platform-world.ts');
  const { SimFailure } = await import('@capstan/testkit/sim');
  if (!isImported()) throw new Error(`mutant ${name}: no world imports ${mutant.module}.`);
  for (let seed = 1; seed <= WORLDS_MAX; seed += 1) {
    try {
      await runPlatform({ seed, kind: mutant.world ?? 'compared', ...ratesOf(mutant) });
    } catch (error) {
      if (!(error instanceof SimFailure)) throw error;
      const world = mutant.world === undefined ? '' : ` --${mutant.world}`;
      return `seed ${seed}${world}: ${firstLine(error.cause)}`;
    }
  }
  return undefined;
}

const ratesOf = ({ rates }: Mutant) => (rates === undefined ? {} : { rates });

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
